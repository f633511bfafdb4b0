"""Answers that name the features whose value training never saw."""

from typing import Any

import pytest

from function_code.serving.app import App
from tests.support.client import ask, predict

UNSEEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"age": 30, "plan": "pro"}, []),
    ({"age": 30, "plan": " pro "}, []),
    ({"age": 30, "plan": None}, []),
    ({"age": 30}, []),
    ({"age": 200, "plan": "basic"}, []),  # the training rows' ages are 0 to 100
    ({"age": 201, "plan": "basic"}, ["age"]),
    ({"age": -101, "plan": "gold"}, ["plan", "age"]),
    ({"age": 30, "plan": "Pro"}, ["plan"]),
]


@pytest.mark.parametrize(("verb", "key"), [("predict", "predictions"), ("explain", "explanations")])
def test_each_answer_names_its_own(app: App, verb: str, key: str) -> None:
    answers = predict(app, [instance for instance, _ in UNSEEN], f"/{verb}?unseen=true").content[key]
    assert [answer["unseen"] for answer in answers] == [names for _, names in UNSEEN]


@pytest.mark.parametrize("query", ["", "?unseen=false", "?top=1"])
def test_nobody_has_them_who_does_not_ask(app: App, query: str) -> None:
    (prediction,) = predict(app, [{"age": 1, "plan": "gold"}], f"/predict{query}").content["predictions"]
    assert "unseen" not in prediction
    loaded = app._models.active.stable
    assert loaded
    assert loaded._seen_values is None  # nothing was read


def test_beside_the_most_probable_classes(app: App) -> None:
    (prediction,) = predict(app, [{"age": 1, "plan": "gold"}], "/predict?top=1&unseen=true").content["predictions"]
    assert len(prediction["probabilities"]) == 1
    assert prediction["unseen"] == ["plan"]


@pytest.mark.parametrize("query", ["unseen", "unseen=1", "unseen=true&unseen=true"])
@pytest.mark.parametrize("verb", ["predict", "explain"])
def test_it_is_true_or_false(app: App, verb: str, query: str) -> None:
    predict(app, [{"age": 1}], f"/{verb}?{query}").problem(422, "wants true or false")


def test_the_openapi_document_describes_it(app: App) -> None:
    content = ask(app, "GET", "/openapi.json").content
    for path in ("/predict", "/explain"):
        assert "unseen" in [parameter["name"] for parameter in content["paths"][path]["post"]["parameters"]]
    for name in ("Prediction", "Explanation"):
        assert "unseen" in content["components"]["schemas"][name]["properties"]
