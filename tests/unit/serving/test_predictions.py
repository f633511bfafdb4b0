"""Answers of POST :predict when all is well."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from function_code.column import Column
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict

AppFor = Callable[[Schema], App]


@pytest.mark.parametrize("target", ["/predict", "/v1/models/model:predict"])
def test_both_routes_give_label_and_probabilities(app: App, instance: dict[str, Any], target: str) -> None:
    answer = predict(app, [instance, {**instance, "age": -30}], target)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    likely = factories.logistic(3)
    first, second = answer.content["predictions"]
    assert first == {"user_id": "u-1", "label": 1, "probabilities": {"0": 1 - likely, "1": likely}}
    assert second["label"] == 0
    assert answer.content["model"] == "model"
    assert answer.content["model_version"] == answer.version
    assert answer.content["request_id"] == answer.headers["x-request-id"]


def test_a_prediction_is_no_business_of_caches(app: App, instance: dict[str, Any]) -> None:
    headers = predict(app, [instance]).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_the_same_request_has_the_same_answer(app: App, instance: dict[str, Any]) -> None:
    headers = {**JSON_TYPE, "x-request-id": "mine"}
    body = b'{"instances": [{"age": 1.5}]}'
    assert ask(app, "POST", "/predict", body, headers).body == ask(app, "POST", "/predict", body, headers).body


def test_multiclass(app_for: AppFor) -> None:
    answer = predict(app_for(factories.MULTICLASS), [{"age": -15}])
    (prediction,) = answer.content["predictions"]
    assert prediction["label"] == "b"
    assert list(prediction["probabilities"]) == ["a", "b", "c", "d"]
    assert sum(prediction["probabilities"].values()) == pytest.approx(1)


def test_top_keeps_the_most_probable_most_probable_first(app_for: AppFor) -> None:
    app = app_for(factories.MULTICLASS)
    everything = predict(app, [{"age": -15}]).content["predictions"][0]
    top = predict(app, [{"age": -15}], "/predict?top=2").content["predictions"][0]
    assert list(top["probabilities"]) == ["b", "c"]
    assert top["label"] == everything["label"]
    assert all(everything["probabilities"][name] == value for name, value in top["probabilities"].items())
    all_of_them = predict(app, [{"age": -15}], "/predict?top=99").content["predictions"][0]
    assert list(all_of_them["probabilities"]) == ["b", "c", "a", "d"]


def test_of_equally_probable_classes_the_first_is_the_label(app_for: AppFor) -> None:
    app = app_for(factories.MULTICLASS)
    tie = {"age": 0}  # a and b both score 0
    assert predict(app, [tie]).content["predictions"][0]["label"] == "a"
    assert list(predict(app, [tie], "/predict?top=2").content["predictions"][0]["probabilities"]) == ["a", "b"]


LIKELY = factories.logistic(-1)


@pytest.mark.parametrize(
    ("positive", "threshold", "label"),
    [(1, 0.2, 1), (1, LIKELY, 1), (1, 0.3, 0), (1, 0.9, 0), (1, None, 0), (0, 0.9, 1), (0, 1 - LIKELY, 0), (0, 0.2, 0)],
)
def test_with_a_threshold_it_decides_the_label_and_probabilities_stay(
    registry: Registry, positive: int, threshold: float | None, label: int
) -> None:
    decision = None if threshold is None else {"positive": positive, "threshold": threshold}
    content = {**factories.document(factories.BINARY), "decision": decision}
    registry.promote(factories.publish(registry, model=json.dumps(content).encode()))
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    for query, names in (("", ["0", "1"]), ("?top=2", ["0", "1"]), ("?top=1", ["0"])):
        (prediction,) = predict(app, [{"age": -10}], "/predict" + query).content["predictions"]
        assert prediction["label"] == label
        assert list(prediction["probabilities"]) == names
        assert prediction["probabilities"]["0"] == 1 - LIKELY
    (explanation,) = predict(app, [{"age": -10}], "/explain").content["explanations"]
    score = -1 if positive else 1
    assert (explanation["label"], explanation["class"], explanation["score"]) == (label, positive, score)
    assert explanation["contributions"] == {"age": score, "plan": 0, "new": 0, "since": 0}
    described = ask(app, "GET", "/openapi.json").content["components"]["schemas"]["Prediction"]["properties"]["label"]
    says = f"{positive}, the positive class, from a probability of"
    assert described["description"].startswith(says) == (threshold is not None)


def test_regression_gives_a_value_and_ids_named_like_our_keys_move_aside(app_for: AppFor) -> None:
    app = app_for(factories.REGRESSION)
    answer = predict(app, [{"age": 25, "value": "mine"}, {"age": 5}])
    assert answer.content["predictions"] == [{"ids": {"value": "mine"}, "value": 2.5}, {"ids": {}, "value": 0.5}]


def test_ids_come_back_as_they_were_sent(app: App) -> None:
    for value in ("7", 7, 7.5, True, None, "😀 \ud800"):
        (prediction,) = predict(app, [{"age": 1, "user_id": value}]).content["predictions"]
        assert prediction["user_id"] == value
        assert type(prediction["user_id"]) is type(value)
    assert "user_id" not in predict(app, [{"age": 1}]).content["predictions"][0]


def test_the_target_and_ignored_columns_may_be_present(app: App) -> None:
    assert predict(app, [{"age": 1, "bought": 1, "note": {"any": "thing"}}]).status == 200


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
def test_a_content_type_may_have_parameters(app: App, content_type: str) -> None:
    answer = ask(app, "POST", "/predict", b'{"instances": [{"age": 1}]}', {"content-type": content_type})
    assert answer.status == 200


def test_a_sane_request_id_is_kept_and_another_replaced(app: App) -> None:
    for request_id in ("abc-123", "a" * 128, "1-67891233-abcdef012345678912345678", "a.b:c_d"):
        assert ask(app, "GET", "/healthz", headers={"x-request-id": request_id}).headers["x-request-id"] == request_id
    seen = set()
    for request_id in ("", "a" * 129, "a b", 'a"b', "a\r\nb", "é", "--"):
        replacement = ask(app, "GET", "/healthz", headers={"x-request-id": request_id}).headers["x-request-id"]
        assert replacement != request_id
        seen.add(replacement)
    assert len(seen) == 7


def test_five_thousand_instances(app: App) -> None:
    answer = predict(app, [{"age": age} for age in range(5000)])
    assert answer.status == 200
    assert len(answer.content["predictions"]) == 5000


def test_a_model_of_thousands_of_classes_takes_smaller_batches(app_for: AppFor) -> None:
    age = Column("age", "number", nullable=False, example=1)
    app = app_for(Schema([age], "choice", "multiclass", tuple(range(2000))))
    assert predict(app, [{"age": 1}] * 500, "/predict?top=1").status == 200
    predict(app, [{"age": 1}] * 501, "/predict?top=1").problem(413, "may hold 500")


def test_the_model_tells_how_it_decides(registry: Registry) -> None:
    data = json.dumps(factories.document(factories.BINARY)).encode()
    decision = {"objective": "f1", "threshold": 0.25, "positive": 1, "reason": "which says yes"}
    manifest = {"schema": factories.BINARY.to_json(), "decision": decision}
    registry.promote(registry.publish(manifest, {"model.json": data}))
    models = ModelCache(registry)
    models.refresh()
    assert ask(App(models, "model"), "GET", "/v1/models/model").content["decision"] == decision
