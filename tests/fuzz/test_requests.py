"""Any request: an answer of the contract, and never a fault."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from function_code.column import Column
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.serving.app import App
from tests.support import factories
from tests.support.client import JSON_TYPE, ask

VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["yes", "basic", "2025-01-01", "2025-13-01", "1e400", "9999-12-31T23:59:59Z"]),
    st.lists(st.integers(), max_size=2),
)
INSTANCES = st.dictionaries(st.sampled_from(["age", "plan", "new", "since", "user_id", "note", "Other"]), VALUES)
TREES = st.recursive(VALUES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner)))
STATUSES = {200, 400, 413, 422}
shared_app = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the app keeps nothing of a request


@pytest.fixture
def app(registry: Any) -> App:
    from function_code.serving.model_cache import ModelCache

    registry.promote(factories.publish(registry))
    models = ModelCache(registry)
    models.refresh()
    return App(models, "model")


@shared_app
@given(st.binary(max_size=200))
def test_bytes(app: App, body: bytes) -> None:
    look_at(app, body)


@shared_app
@given(TREES)
def test_json(app: App, content: Any) -> None:
    look_at(app, json.dumps(content).encode())
    look_at(app, json.dumps({"instances": content}).encode())


@shared_app
@given(
    st.lists(INSTANCES, min_size=1, max_size=4), st.sampled_from(["", "?top=1", "?top=2", "?top=0", "?top=x", "?x=1"])
)
def test_instances(app: App, instances: list[dict[str, Any]], query: str) -> None:
    look_at(app, json.dumps({"instances": instances}).encode(), query)


@shared_app
@given(st.fixed_dictionaries({"age": st.floats(allow_nan=False, allow_infinity=False)}))
def test_every_number_is_scored_or_refused(app: App, instance: dict[str, Any]) -> None:
    look_at(app, json.dumps({"instances": [{**instance, "plan": None, "new": None, "since": None}]}).encode())


@shared_app
@given(st.lists(INSTANCES, min_size=1, max_size=4))
def test_what_is_predicted_is_explained(app: App, instances: list[dict[str, Any]]) -> None:
    body = json.dumps({"instances": instances}).encode()
    answer = ask(app, "POST", "/explain", body, JSON_TYPE)
    assert answer.status == ask(app, "POST", "/predict", body, JSON_TYPE).status
    for explanation in answer.content["explanations"] if answer.status == 200 else ():
        parts = explanation["contributions"].values()
        assert abs(explanation["base"] + sum(parts) - explanation["score"]) <= 1e-9 * max(1, *map(abs, parts))


@shared_app
@given(st.text(max_size=30), st.sampled_from(["GET", "POST", "PUT", "HEAD", "x"]))
def test_paths_and_methods(app: App, path: str, method: str) -> None:
    answer = ask(app, method, "/" + path, b"{}", JSON_TYPE)
    assert answer.status in {200, 400, 404, 405, 422}


def look_at(app: App, body: bytes, query: str = "") -> None:
    answer = ask(app, "POST", "/predict" + query, body, JSON_TYPE)
    assert answer.status in STATUSES, answer.content
    if answer.status != 200:
        answer.problem(answer.status)
        return
    sent = json.loads(body)["instances"]
    assert len(answer.content["predictions"]) == len(sent)
    for instance, prediction in zip(sent, answer.content["predictions"], strict=True):
        assert 0 <= sum(prediction["probabilities"].values()) <= 1 + 1e-12
        assert prediction.get("user_id") == instance.get("user_id")


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=8), st.sampled_from(["number", "boolean", "category", "date", "list", "text"])
        )
    )
)
def test_a_schema_comes_back_from_json(columns: list[tuple[str, str]]) -> None:
    examples = {"number": 1.5, "boolean": True, "category": "a", "date": "2025-01-31", "list": ["a", 1], "text": "a b"}
    kinds = dict(columns)
    features = [
        Column(name, kind, True, examples[kind], ("a", "b"), ";" if kind == "list" else "")
        for name, kind in kinds.items()
    ]
    schema = Schema(features, "the target", "binary", ("no", "yes"))
    again = Schema.from_json(json.loads(json.dumps(schema.to_json())))
    assert again.to_json() == schema.to_json()
    assert check_instances(again, [schema.example()])[1] == []
