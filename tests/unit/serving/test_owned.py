"""Classes that a request lists as owned are never recommended."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from function_code.request_checks import check_instances
from function_code.schema import Schema, owned_labels
from function_code.serving.app import App
from tests.support import factories
from tests.support.client import ask, predict

SHOP = Schema([factories.AGE], "choice", "multiclass", ("a", "b", 3, "d d"), ids=("user",), owned="has")
NAMES = ["a", "b", "3", "d d"]


@pytest.fixture
def shop(app_for: Callable[[Schema], App]) -> App:
    return app_for(SHOP)


def one(app: App, has: Any, target: str = "/predict") -> Any:
    (prediction,) = predict(app, [{"age": 1, "has": has}], target).content["predictions"]
    return prediction


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (None, set()),
        ("", set()),
        (" ; ,", set()),
        ("a", {"a"}),
        ("a;b", {"a", "b"}),
        (" a |b, d d ", {"a", "b", "d d"}),
        ([], set()),
        (["a", 3, " b "], {"a", "3", "b"}),
        (["x;y"], {"x;y"}),
    ],
)
def test_labels_as_a_list_or_as_one_text(value: Any, labels: set[str]) -> None:
    assert owned_labels(value) == labels


@pytest.mark.parametrize("value", [3, 1.5, True, {"a": 1}, [None], [["a"]], [1.5], [True], [{}]])
def test_anything_else_is_422_for_its_field(shop: App, value: Any) -> None:
    for target in ("/predict", "/explain"):
        content = predict(shop, [{"age": 1}, {"age": 1, "has": value}], target).problem(422)
        (error,) = content["errors"]
        assert (error["instance"], error["field"]) == (1, "has")


def test_what_is_owned_is_left_out_and_the_rest_stays_as_it_is(shop: App) -> None:
    whole = one(shop, None)
    assert list(whole["probabilities"]) == NAMES
    assert whole["label"] == "a"
    for has in (["a", 3], "3; a", "3|a"):
        left = one(shop, has)
        assert left["label"] == "b"
        assert left["probabilities"] == {name: whole["probabilities"][name] for name in ("b", "d d")}
    assert one(shop, "unheard of") == whole


def test_it_may_be_absent(shop: App) -> None:
    assert predict(shop, [{"age": 1}]).content["predictions"][0]["label"] == "a"


def test_who_owns_everything_gets_no_label(shop: App) -> None:
    assert one(shop, NAMES) == {"label": None, "probabilities": {}}
    assert one(shop, NAMES, "/predict?top=2") == {"label": None, "probabilities": {}}
    answer = predict(shop, [{"age": 1, "user": 7, "has": NAMES}, {"age": 1}], "/explain")
    nothing, something = answer.content["explanations"]
    assert (nothing["user"], nothing["label"], nothing["score"], nothing["contributions"]) == (7, None, None, {})
    assert something["label"] == "a"


def test_random_requests(shop: App) -> None:
    chance = random.Random(1)
    requested = []
    for _ in range(400):
        has: Any = chance.sample(["a", "b", 3, "d d", "other"], chance.randint(0, 5))
        has = chance.choice(";|,").join(map(str, has)) if chance.random() < 0.5 else has
        requested.append({"age": chance.gauss(0, 20), "has": has})
    whole = predict(shop, [{"age": instance["age"]} for instance in requested]).content["predictions"]
    explained = predict(shop, requested, "/explain").content["explanations"]
    seen = set()
    for top in (None, 1, 2, 9):
        predictions = predict(shop, requested, f"/predict?top={top}" if top else "/predict").content["predictions"]
        for instance, prediction, everything, explanation in zip(requested, predictions, whole, explained, strict=True):
            free = {
                name: p for name, p in everything["probabilities"].items() if name not in owned_labels(instance["has"])
            }
            ranked = sorted(free, key=lambda name: -free[name])
            assert list(prediction["probabilities"]) == (ranked[:top] if top else list(free))
            assert prediction["probabilities"].items() <= free.items()
            label = prediction["label"]
            assert (str(label) if label is not None else None) == (ranked[0] if ranked else None)
            assert explanation["label"] == explanation["class"] == label
            seen.add(label)
    assert seen == {"a", "b", 3, "d d", None}


def test_a_schema_survives_json_and_an_old_one_owns_nothing(shop: App) -> None:
    assert Schema.from_json(json.loads(json.dumps(SHOP.to_json()))).owned == "has"
    old = {key: value for key, value in SHOP.to_json().items() if key != "owned"}
    assert Schema.from_json(old).owned == ""
    assert check_instances(Schema.from_json(old), [{"age": 1, "has": "a"}])[1][0]["problem"].startswith("unknown field")
    assert ask(shop, "GET", "/v1/models/model").content["schema"]["owned"] == "has"


def test_the_openapi_document_describes_it(shop: App) -> None:
    schemas = ask(shop, "GET", "/openapi.json").content["components"]["schemas"]
    assert "not to be answered" in schemas["Instance"]["properties"]["has"]["description"]
    assert "has" not in schemas["Instance"]["required"]
    for name in ("Prediction", "Explanation"):
        assert None in schemas[name]["properties"]["label"]["enum"]
    assert "null" in schemas["Explanation"]["properties"]["score"]["type"]
