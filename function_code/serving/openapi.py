"""The endpoint's OpenAPI 3.1 document, made from the schema of the model that serves."""

from __future__ import annotations

from function_code.schema import RECOMMENDATION
from function_code.serving import openapi_recommendations, openapi_snapshots
from function_code.serving.explanations import max_explained_instances
from function_code.serving.http_messages import HTML, JSON, PROBLEM
from function_code.serving.openapi_schemas import PROBLEM_SCHEMA, explanation, instance, prediction
from function_code.serving.predictions import max_instances
from function_code.serving.problem_details import TITLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Schema
    from function_code.scoring.loaded_model import LoadedModel

    Json = dict[str, Any]

MODEL_SCHEMAS = ("Instance", "Prediction", "Explanation")


def document(name: str, loaded: LoadedModel | None) -> Json:
    """The whole document. Before the first version is there it knows the routes, but no features."""
    schema = loaded.schema if loaded else None
    verb = "Recommends" if schema and schema.task == RECOMMENDATION else "Predicts"
    text = f"{verb} {schema.target!r}." if schema else "No version serves yet."
    if loaded and loaded.manifest.get("dataset", {}).get("synthetic"):
        text += " Trained on synthetic data."
    predict, explain = _predict(schema), _explain(schema)
    schemas = _schemas(loaded) if loaded else {name: {"type": "object"} for name in MODEL_SCHEMAS}
    paths = {
        f"/v1/models/{name}:predict": {"post": {"operationId": "predict", **predict}},
        "/predict": {"post": {"operationId": "predictShort", **predict}},
        f"/v1/models/{name}:explain": {"post": {"operationId": "explain", **explain}},
        "/explain": {"post": {"operationId": "explainShort", **explain}},
        "/": {"get": _show("page", "A page for people: a form for one prediction")},
        f"/v1/models/{name}": {"get": _read("describe", "The version that serves, its schema and metrics", 503)},
        f"/v1/models/{name}/report": {"get": _show("report", "How good the version that serves is", 404, 503)},
        f"/v1/models/{name}/openapi.json": {"get": _read("openapiOfModel", "This document")},
        "/openapi.json": {"get": _read("openapi", "This document")},
        "/healthz": {"get": _read("health", "Whether the process lives")},
        "/readyz": {"get": _read("ready", "Whether a model is loaded", 503)},
    }
    if "/" in name:  # the paths without a name are those of the model that it belongs to
        paths = {path: operations for path, operations in paths.items() if path.startswith("/v1/models/")}
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": loaded.version if loaded else "none", "description": text},
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": PROBLEM_SCHEMA}},
    }


def _schemas(loaded: LoadedModel) -> Json:
    schema = loaded.schema
    keeps = "histories" in loaded.manifest
    if schema.task == RECOMMENDATION:
        own: list[Json] = [
            openapi_recommendations.instance(schema, keeps),
            openapi_recommendations.recommendation(schema, keeps),
            {},
        ]
    else:
        of_row = openapi_snapshots.instance(schema, keeps) if schema.history else instance(schema)
        own = [of_row, prediction(loaded), explanation(loaded)]
    return dict(zip(MODEL_SCHEMAS, own, strict=True))


def _predict(schema: Schema | None) -> Json:
    summary = "One prediction for each instance, in their order"
    operation = _post(schema, summary, "predictions", "Prediction", max_instances(schema) if schema else 0)
    if schema and schema.task == RECOMMENDATION:
        operation["parameters"] += openapi_recommendations.PARAMETERS
    elif schema and schema.classes:
        top = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
        text = "keep the N most probable classes, the most probable first"
        operation["parameters"].append({"name": "top", "in": "query", "description": text, "schema": top})
    return operation


def _explain(schema: Schema | None) -> Json:
    summary = "What drove each prediction: a number for each feature, which add up to the score"
    operation = _post(schema, summary, "explanations", "Explanation", max_explained_instances(schema) if schema else 0)
    operation["responses"] |= _problems(501)
    return operation


def _post(schema: Schema | None, summary: str, key: str, item: str, limit: int) -> Json:
    content: Json = {
        "schema": {
            "type": "object",
            "required": ["instances"],
            "additionalProperties": False,
            "properties": {"instances": {"type": "array", "minItems": 1, "items": _ref("Instance")}},
        }
    }
    if schema:
        content["schema"]["properties"]["instances"]["maxItems"] = limit
        content["example"] = {"instances": [schema.example()]}
    answer = {
        "type": "object",
        "required": [key, "model", "model_version", "request_id"],
        "properties": {
            key: {"type": "array", "items": _ref(item)},
            "model": {"type": "string"},
            "model_version": {"type": "string"},
            "request_id": {"type": "string"},
        },
    }
    text = "name the features whose value training never saw: unknown categories, numbers and dates far outside"
    return {
        "summary": summary,
        "parameters": [{"name": "unseen", "in": "query", "description": text, "schema": {"type": "boolean"}}],
        "requestBody": {"required": True, "content": {JSON: content}},
        "responses": _responses(answer, 400, 401, 408, 413, 415, 422, 500, 503),
    }


def _read(operation: str, summary: str, *statuses: int) -> Json:
    return {
        "operationId": operation,
        "summary": summary,
        "responses": _responses({"type": "object"}, 401, 500, *statuses),
    }


def _show(operation: str, summary: str, *statuses: int) -> Json:
    shown = _read(operation, summary, *statuses)
    shown["responses"]["200"]["content"] = {HTML: {"schema": {"type": "string"}}}
    return shown


def _responses(answer: Json, *problems: int) -> Json:
    return {"200": {"description": "OK", "content": {JSON: {"schema": answer}}}, **_problems(*problems)}


def _problems(*statuses: int) -> Json:
    content = {PROBLEM: {"schema": _ref("Problem")}}
    return {str(status): {"description": TITLES[status], "content": content} for status in statuses}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
