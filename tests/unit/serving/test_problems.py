"""Requests that are refused, the status of the answer, and the advice in it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from function_code.schema import Schema
from function_code.serving.app import MAX_BODY_BYTES, App
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b"{", "line 1, column 2"),
        (b"age=3", "not JSON"),
        (b"\xff{}", "UTF-8"),
        ('{"instances": []}'.encode("utf-16"), "UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"instances": [{"age": NaN}]}', "NaN is not JSON"),
        (b'{"instances": [{"age": Infinity}]}', "Infinity is not JSON"),
        (b'{"instances": [{"age": -Infinity}]}', "-Infinity is not JSON"),
        (b'{"instances": [{"age": 1, "age": 2}]}', "more than once"),
        (b'{"instances": [{"age": ' + b"1" * 5000 + b"}]}", "too many digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"instances": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "nested too deeply"),
    ],
)
def test_400_for_what_is_not_json(app: App, body: bytes, words: str) -> None:
    ask(app, "POST", "/predict", body, JSON_TYPE).problem(400, words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[]", "must be an object"),
        ("null", "must be an object"),
        ('"instances"', "must be an object"),
        ("{}", 'has no \\"instances\\"'),
        ('{"instance": [{"age": 1}]}', "it has: instance"),
        ('{"instances": [{"age": 1}], "top": 3}', "does not know: top"),
        ('{"instances": {"age": 1}}', "must be a list"),
        ('{"instances": null}', "must be a list"),
        ('{"instances": []}', "is empty"),
    ],
)
def test_422_for_json_of_another_shape(app: App, body: str, words: str) -> None:
    ask(app, "POST", "/predict", body.encode(), JSON_TYPE).problem(422, words)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"age": "30"}, "age"),
        ({"age": None}, "age"),
        ({"age": True}, "age"),
        ({"age": [1]}, "age"),
        ({"age": 1e400}, "age"),
        ({"plan": 3}, "plan"),
        ({"new": "maybe"}, "new"),
        ({"since": "yesterday"}, "since"),
        ({"user_id": {"a": 1}}, "user_id"),
        ({"height": 3}, "height"),
    ],
)
def test_422_names_instance_and_field(app: App, instance: dict[str, Any], change: dict[str, Any], field: str) -> None:
    body = json.dumps({"instances": [instance, {**instance, **change}]}).replace("Infinity", "1e400").encode()
    content = ask(app, "POST", "/predict", body, JSON_TYPE).problem(422)
    (error,) = content["errors"]
    assert error["instance"] == 1
    assert error["field"] == field
    assert error["problem"]


def test_a_missing_field_is_named_and_an_unknown_one_gets_the_known_ones(app: App) -> None:
    content = predict(app, [{"agee": 3}]).problem(422, "age, plan, new, since")
    assert sorted(error["field"] for error in content["errors"]) == ["age", "agee"]


def test_an_instance_that_is_no_object(app: App) -> None:
    for value in (1, "x", None, [1, 2]):
        content = predict(app, [value]).problem(422)
        assert content["errors"][0]["instance"] == 0
        assert content["errors"][0]["field"] is None


def test_an_endless_id_is_refused_since_it_could_not_be_echoed(app: App) -> None:
    body = b'{"instances": [{"age": 1, "user_id": 1e999}]}'
    content = ask(app, "POST", "/predict", body, JSON_TYPE).problem(422, "too large")
    assert content["errors"][0]["field"] == "user_id"


def test_long_lists_of_errors_are_cut_and_say_so(app: App) -> None:
    content = predict(app, [{"age": "x"}] * 35).problem(422, "35 problems", "15 more are not")
    assert [error["instance"] for error in content["errors"]] == list(range(20))


def test_what_cannot_be_scored_is_422_for_its_instance(app_for: Callable[[Schema, float], App]) -> None:
    app = app_for(factories.REGRESSION, 10.0)
    assert predict(app, [{"age": 1e307}]).status == 200
    content = predict(app, [{"age": 1}, {"age": 1e308}]).problem(422, "cannot be scored")
    assert content["errors"][0]["instance"] == 1


@pytest.mark.parametrize(
    "query", ["top=0", "top=-1", "top=x", "top=", "top=1.5", "top=1&top=2", "top=" + "9" * 5000, "top=²"]
)
def test_422_for_a_bad_top(app: App, query: str) -> None:
    predict(app, [{"age": 1}], f"/predict?{query}").problem(422, "whole number")


def test_top_is_not_for_values(app_for: Callable[[Schema], App]) -> None:
    predict(app_for(factories.REGRESSION), [{"age": 1}], "/predict?top=1").problem(422, "predicts a value")


def test_404_names_the_routes_and_the_model(app: App) -> None:
    ask(app, "GET", "/nothing").problem(404, "POST /predict", "GET /healthz", "/v1/models/model:predict")
    ask(app, "POST", "/predict/").problem(404, "POST /predict")
    ask(app, "POST", "/v1/models/other:predict").problem(404, "'other'", "serves 'model'")
    ask(app, "GET", "/v1/models/other").problem(404, "'other'", "serves 'model'")
    ask(app, "POST", "/v1/models/model:guess").problem(404, "/v1/models/model:predict", "POST /explain")


def test_405_has_allow(app: App) -> None:
    for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
        assert ask(app, method, "/predict").headers["allow"] == "POST"
    for path in ("/", "/healthz", "/readyz", "/openapi.json", "/v1/models/model", "/v1/models/model/report"):
        answer = ask(app, "POST", path)
        answer.problem(405, "GET")
        assert answer.headers["allow"] == "GET, HEAD"


def test_413_says_the_limits(app: App) -> None:
    predict(app, [{"age": 1}] * 5001).problem(413, "5001", "5000")
    ask(app, "POST", "/predict", b" " * (MAX_BODY_BYTES + 1), JSON_TYPE).problem(413, "4194304 bytes", "4 MiB")


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_415_says_what_to_send(app: App, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = ask(app, "POST", "/predict", b'{"instances": [{"age": 1}]}', headers)
    answer.problem(415, "application/json")
    assert answer.headers["accept"] == "application/json"


def test_415_for_a_compressed_body(app: App) -> None:
    ask(app, "POST", "/predict", b"", {**JSON_TYPE, "content-encoding": "gzip"}).problem(415, "gzip")


def test_503_has_retry_after_before_the_first_version(empty_app: App) -> None:
    for answer in (
        predict(empty_app, [{"age": 1}]),
        ask(empty_app, "GET", "/readyz"),
        ask(empty_app, "GET", "/v1/models/model"),
    ):
        answer.problem(503, "no version that serves yet")
        assert int(answer.headers["retry-after"]) > 0
