"""Answers of GET, and JSON that is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict


def test_the_process_lives_with_or_without_a_model(app: App, empty_app: App) -> None:
    assert ask(empty_app, "GET", "/healthz").content == {"status": "ok"}
    assert ask(app, "GET", "/healthz").content == {"status": "ok"}


def test_ready_names_the_version(app: App) -> None:
    answer = ask(app, "GET", "/readyz")
    assert answer.content == {"status": "ready", "model": "model", "model_version": answer.version}


def test_head_is_get_without_a_body(app: App) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/v1/models/model"):
        answer = ask(app, "HEAD", path)
        assert (answer.status, answer.body) == (200, b"")
    assert ask(app, "HEAD", "/nothing").body == b""


def test_the_model_tells_its_schema_metrics_and_data(app: App) -> None:
    content = ask(app, "GET", "/v1/models/model").content
    assert content["name"] == "model"
    assert content["ready"] is True
    assert content["metrics"] == {"slope": 0.1}
    assert content["dataset"]["synthetic"] is True
    assert Schema.from_json(content["schema"]).to_json() == factories.BINARY.to_json()
    assert "artifacts" not in content


def test_the_model_tells_its_canary(registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    canary = factories.publish(registry, slope=0.2)
    registry.promote(canary, canary=0.25)
    models = ModelCache(registry)
    models.refresh()
    content = ask(App(models, "model"), "GET", "/v1/models/model").content
    assert content["canary"] == {"version": canary, "weight": 0.25}


@pytest.mark.parametrize("schema", [factories.BINARY, factories.MULTICLASS, factories.REGRESSION])
def test_the_openapi_example_works(app_for: Callable[[Schema], App], schema: Schema) -> None:
    app = app_for(schema)
    document = ask(app, "GET", "/openapi.json").content
    for path in ("/predict", "/v1/models/model:predict"):
        example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        answer = ask(app, "POST", path, json.dumps(example).encode(), JSON_TYPE)
        assert answer.status == 200, answer.content
        prediction = document["components"]["schemas"]["Prediction"]
        assert set(prediction["required"]) <= set(answer.content["predictions"][0]) <= set(prediction["properties"])


def test_openapi_describes_the_features(app: App) -> None:
    instance = ask(app, "GET", "/openapi.json").content["components"]["schemas"]["Instance"]
    assert instance["required"] == ["age"]
    assert instance["additionalProperties"] is False
    assert set(instance["properties"]) == {"age", "plan", "new", "since", "user_id", "note", "bought"}
    assert instance["properties"]["age"]["type"] == "number"
    assert instance["properties"]["plan"]["type"] == ["string", "null"]
    assert "basic, pro" in instance["properties"]["plan"]["description"]


def test_openapi_promises_of_texts_only_those_that_are_accepted(app: App) -> None:
    """Found by fuzzing: booleans and dates were described as any text."""
    properties = ask(app, "GET", "/openapi.json").content["components"]["schemas"]["Instance"]["properties"]
    words = properties["new"]["enum"]
    assert {True, False, None, "yes", "f"} <= set(words)
    assert predict(app, [{"age": 1, "new": word} for word in words]).status == 200
    missing = {"type": ["null", "string"], "maxLength": 0}
    dates = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, missing]
    assert properties["since"]["anyOf"] == dates
    assert (
        predict(app, [{"age": 1, **dict.fromkeys(("new", "since", "plan"), empty)} for empty in ("", None)]).status
        == 200
    )
    for text in ("2024-02-29", "2024-02-29T23:59:59.5+14:00", "0001-01-01T00:00:00Z", "9999-12-31"):
        assert predict(app, [{"age": 1, "since": text}]).status == 200, text


def test_a_model_of_synthetic_data_is_labelled(app: App) -> None:
    assert "synthetic" in ask(app, "GET", "/openapi.json").content["info"]["description"]
    assert ask(app, "GET", "/v1/models/model").content["dataset"]["synthetic"] is True


def test_openapi_names_top_only_where_there_are_classes(app_for: Callable[[Schema], App]) -> None:
    for schema, names in ((factories.REGRESSION, ["unseen"]), (factories.BINARY, ["unseen", "top"])):
        paths = ask(app_for(schema), "GET", "/openapi.json").content["paths"]
        assert [parameter["name"] for parameter in paths["/predict"]["post"]["parameters"]] == names


def test_openapi_is_a_valid_document_with_and_without_a_model(app: App, empty_app: App) -> None:
    for some in (app, empty_app):
        document = ask(some, "GET", "/openapi.json").content
        assert document["openapi"] == "3.1.0"
        assert {"title", "version"} <= set(document["info"])
        operations = [operation for item in document["paths"].values() for operation in item.values()]
        assert len({operation["operationId"] for operation in operations}) == len(operations) == 11
        for operation in operations:
            assert operation["responses"]
            assert all(response["description"] for response in operation["responses"].values())
        for reference in references(document):
            target: Any = document
            for part in reference.removeprefix("#/").split("/"):
                target = target[part]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [reference for inner in value.values() for reference in references(inner)]
    return [reference for inner in value for reference in references(inner)] if isinstance(value, list) else []
