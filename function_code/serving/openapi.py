"""The endpoint's OpenAPI 3.1 document, made from the schema of the model that serves."""

from __future__ import annotations

from function_code.schema import FALSE_WORDS, SEPARATORS, TRUE_WORDS
from function_code.serving.explanations import KEYS, max_explained
from function_code.serving.messages import HTML, JSON, PROBLEM
from function_code.serving.predictions import OWN_KEYS, max_instances
from function_code.serving.problems import TITLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Column, Schema
    from function_code.serving.models import Loaded

    Json = dict[str, Any]

SHOWN_VALUES = 20
TYPES = {"number": "number", "boolean": "boolean", "category": "string", "date": "string"}
NOTES = {
    "boolean": "true or false; the words are understood in capitals as well",
    "date": "an ISO 8601 date or time, such as 2025-12-31 or 2025-12-31T23:59:59Z; UTC if it has no offset",
}


def document(name: str, loaded: Loaded | None) -> Json:
    """The whole document. Before the first version is there it knows the routes, but no features."""
    schema = loaded.schema if loaded else None
    text = f"Predicts {schema.target!r}." if schema else "No version serves yet."
    if loaded and loaded.manifest.get("dataset", {}).get("synthetic"):
        text += " Trained on synthetic data."
    predict, explain = _predict(schema), _explain(schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": name, "version": loaded.version if loaded else "none", "description": text},
        "paths": {
            f"/v1/models/{name}:predict": {"post": {"operationId": "predict", **predict}},
            "/predict": {"post": {"operationId": "predictShort", **predict}},
            f"/v1/models/{name}:explain": {"post": {"operationId": "explain", **explain}},
            "/explain": {"post": {"operationId": "explainShort", **explain}},
            "/": {"get": _show("page", "A page for people: a form for one prediction")},
            f"/v1/models/{name}": {"get": _read("describe", "The version that serves, its schema and metrics", 503)},
            f"/v1/models/{name}/report": {"get": _show("report", "How good the version that serves is", 404, 503)},
            "/openapi.json": {"get": _read("openapi", "This document")},
            "/healthz": {"get": _read("health", "Whether the process lives")},
            "/readyz": {"get": _read("ready", "Whether a model is loaded", 503)},
        },
        "components": {
            "schemas": {
                "Instance": _instance(schema) if schema else {"type": "object"},
                "Prediction": _prediction(loaded) if loaded else {"type": "object"},
                "Explanation": _explanation(loaded) if loaded else {"type": "object"},
                "Problem": PROBLEM_SCHEMA,
            }
        },
    }


def _predict(schema: Schema | None) -> Json:
    summary = "One prediction for each instance, in their order"
    operation = _post(schema, summary, "predictions", "Prediction", max_instances(schema) if schema else 0)
    if schema and schema.classes:
        top = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
        text = "keep the N most probable classes, the most probable first"
        operation["parameters"] = [{"name": "top", "in": "query", "description": text, "schema": top}]
    return operation


def _explain(schema: Schema | None) -> Json:
    summary = "What drove each prediction: a number for each feature, which add up to the score"
    operation = _post(schema, summary, "explanations", "Explanation", max_explained(schema) if schema else 0)
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
    return {
        "summary": summary,
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


def _instance(schema: Schema) -> Json:
    properties: Json = {column.name: _feature(column) for column in schema.features}
    for name in schema.ids:
        types = ["string", "number", "boolean", "null"]
        properties[name] = {"type": types, "description": "an id: echoed beside the prediction, not used for it"}
    for name in (*schema.ignored, schema.target):
        properties[name] = {"description": "accepted and not used"}
    if schema.owned:
        labels = {"type": "array", "items": {"type": ["string", "integer"]}}
        text = f"classes that are not to be answered: a list of labels, or a text with any of {SEPARATORS} between them"
        properties[schema.owned] = {"anyOf": [labels, {"type": ["string", "null"]}], "description": text}
    required = [column.name for column in schema.features if not column.nullable]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def _feature(column: Column) -> Json:
    kind = TYPES[column.kind]
    content: Json = {"type": [kind, "null"] if column.nullable else kind}
    if kind == "string" and not column.nullable:
        content["minLength"] = 1  # an empty text is a missing value
    if column.kind == "boolean":
        words = sorted(TRUE_WORDS | FALSE_WORDS)
        content = {"enum": [True, False, *words, *([None] if column.nullable else [])]}
    if column.kind == "date":
        content = {"anyOf": [{"type": "string", "format": form} for form in ("date", "date-time")]}
        content["anyOf"] += [{"type": "null"}] if column.nullable else []
    if column.kind in NOTES:
        content["description"] = NOTES[column.kind]
    if column.values:
        # Not an enum: a category never seen in training is scored too.
        content["description"] = "known: " + ", ".join(column.values[:SHOWN_VALUES])
        if len(column.values) > SHOWN_VALUES:
            content["description"] += f" and {len(column.values) - SHOWN_VALUES} more"
    if column.example is not None:
        content["examples"] = [column.example]
    return content


def _prediction(loaded: Loaded) -> Json:
    own = _answer(loaded)
    if loaded.schema.classes:
        own["probabilities"] = {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        }
        if loaded.schema.owned:
            own["probabilities"]["description"] = "without what is owned; the others are not rescaled"
    return _beside_ids(loaded.schema, own, OWN_KEYS)


def _explanation(loaded: Loaded) -> Json:
    schema = loaded.schema
    number: Json = {"type": ["number", "null"] if schema.owned else "number"}
    own = {
        **_answer(loaded),
        "scale": {"type": "string", "description": "what the score is a number of, such as log-odds"},
        "base": {**number, "description": "the score before any feature is looked at"},
        "contributions": {"type": "object", "additionalProperties": {"type": "number"}},
        "score": {**number, "description": "the base and all contributions, added up"},
    }
    if schema.classes:
        own["class"] = {
            "enum": [*schema.classes, *([None] if schema.owned else [])],
            "description": "whose score it is",
        }
    return _beside_ids(schema, own, KEYS)


def _answer(loaded: Loaded) -> Json:
    schema, threshold = loaded.schema, loaded.scorer.threshold
    if not schema.classes:
        return {"value": {"type": "number", "description": f"the predicted {schema.target}"}}
    if threshold is not None:
        text = f"{schema.classes[1]} from a probability of {threshold:.6g} on, otherwise {schema.classes[0]}"
    else:
        text = "the most probable class"
    if schema.owned:
        text += " that is not owned; null if all are"
    return {"label": {"enum": [*schema.classes, *([None] if schema.owned else [])], "description": text}}


def _beside_ids(schema: Schema, own: Json, own_keys: frozenset[str]) -> Json:
    ids: Json = {name: {"description": "as in the instance"} for name in schema.ids}
    if not own_keys.isdisjoint(ids):
        ids = {"ids": {"type": "object", "properties": ids}}
    return {"type": "object", "required": list(own), "properties": {**ids, **own}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["instance", "field", "problem"],
                "properties": {
                    "instance": {"type": "integer", "minimum": 0},
                    "field": {"type": ["string", "null"]},
                    "problem": {"type": "string"},
                },
            },
        },
    },
}
