"""Intent at the endpoint: the answer to a history at a moment is that to the features of it."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from function_code.schema import Schema
from function_code.serving.app import App
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict

TEA = {"item": "tea", "when": "2025-01-01", "amount": 2}
CUP = {"item": "cup", "when": "2025-01-11", "amount": 3}


@pytest.fixture
def shop(app_for: Callable[[Schema], App]) -> App:
    """Its log-odds of buying are a tenth of the days since the last event."""
    return app_for(factories.INTENT)


def days(app: App, history: list[Any], **more: Any) -> float:
    """The days since the last event, of which the answer tells."""
    (answer,) = predict(app, [{"history": history, **more}]).content["predictions"]
    return next(day for day in range(100_000) if answer["probabilities"]["yes"] == factories.logistic(0.1 * day))


def problems(app: App, instance: dict[str, Any]) -> list[tuple[str | None, str]]:
    answer = predict(app, [instance])
    assert answer.status == 422
    return [(each["field"], each["problem"]) for each in answer.content["errors"]]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([TEA, CUP], 10),
        ([CUP, TEA], 10),
        ([CUP, CUP, TEA], 10),
        ([TEA, {**CUP, "when": "11/01/2025"}], 10),  # as the file writes it
        ([TEA, {**CUP, "when": "2025-01-11T01:00:00+01:00"}], 10),
        ([TEA, CUP, {**TEA, "when": "2025-01-22"}], 10),  # later than the moment
        ([TEA, CUP, {**TEA, "when": "2025-01-20", "amount": 0}], 10),  # a return
        ([TEA, {**CUP, "when": "2025-01-20", "amount": None}], 1),
        ([TEA, {"item": 7, "when": "2025-01-20"}], 1),
    ],
)
def test_the_days_since_the_last_event_that_counts(shop: App, history: list[Any], expected: int) -> None:
    assert days(shop, history, at="2025-01-21") == expected


def test_without_a_moment_it_is_now(shop: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 20_100 * 86_400.0)  # 2025-01-12
    assert days(shop, [TEA]) == 11
    assert days(shop, [TEA, {**CUP, "when": "2025-01-12T14:00:00"}]) == 0
    assert problems(shop, {"history": [TEA, {**CUP, "when": "2025-02-01"}]}) == [
        ("at", 'an event of 2025-02-01T00:00:00+00:00 lies in the future; "at" is the moment to look at')
    ]


def test_features_as_they_are(shop: App) -> None:
    row = {"days_since_last": 10, "steps": 2, "amount": 5, "gap_last": 10.0, "last_item": "cup"}
    by_history, by_features = (
        predict(shop, [instance]).content["predictions"]
        for instance in ({"history": [TEA, CUP], "at": "2025-01-21"}, {**row, "at": "2025-01-21", "events": 2})
    )
    assert by_history == by_features
    both = [{"history": [TEA, CUP], "at": "2025-01-21", "customer": "007"}, row]
    answers = predict(shop, both).content["predictions"]
    assert answers == [{"customer": "007", **by_features[0]}, by_features[0]]


def test_the_explanation_is_of_the_features(shop: App) -> None:
    body = json.dumps({"instances": [{"history": [TEA, CUP], "at": "2025-01-21"}]}).encode()
    (answer,) = ask(shop, "POST", "/explain?unseen=true", body, JSON_TYPE).content["explanations"]
    assert answer["contributions"]["days_since_last"] + answer["base"] == pytest.approx(1.0)
    assert answer["unseen"] == []
    unknown = json.dumps({"instances": [{"history": [{**CUP, "item": "jug"}], "at": "2025-11-21"}]}).encode()
    answers = ask(shop, "POST", "/predict?unseen=true", unknown, JSON_TYPE).content["predictions"]
    assert answers[0]["unseen"] == ["last_item", "days_since_last"]


def test_a_history_of_10_000_events_and_large_numbers(shop: App) -> None:
    history = [{"item": 2**53 + number, "when": "2025-01-01", "amount": 1e300} for number in range(9_999)]
    assert days(shop, [*history, {**CUP, "amount": 1e308}], at="2025-01-21") == 10


@pytest.mark.parametrize(
    ("instance", "field", "words"),
    [
        ({}, "history", 'a list of events is wanted, each {"item": ..., "when": ..., "amount": ...}'),
        ({"customer": "1"}, "history", "a list of events is wanted"),
        ({"history": None}, "history", "no event that counts is there by"),
        ({"history": []}, "history", "the model has learned from users who had one"),
        ({"history": "tea"}, "history", 'a list is wanted, not the text "tea"'),
        (
            {"history": ["tea"]},
            "history",
            'event 1: {"item": ..., "when": ..., "amount": ...} is wanted, not the text "tea"',
        ),
        ({"history": [TEA, {"item": "tea"}]}, "history", "event 2: it has no 'when'"),
        ({"history": [{"when": "2025-01-01"}]}, "history", "event 1: it has no 'item'"),
        ({"history": [{**TEA, "price": 3}]}, "history", "event 1: 'price' is unknown; an event is {"),
        ({"history": [{**TEA, "when": ""}]}, "history", "event 1: it has no 'when'"),
        ({"history": [{**TEA, "when": "soon"}]}, "history", "is wanted"),
        ({"history": [{**TEA, "amount": "many"}]}, "history", "is wanted"),
        ({"history": [{**TEA, "item": " "}]}, "history", "an item is a text or a whole number"),
        ({"history": [TEA], "at": "later"}, "at", "is wanted"),
        ({"history": [TEA], "at": "0001-01-01T00:00:00+01:00"}, "at", "is wanted"),
        ({"history": [{**TEA, "when": "9999-12-31T23:59:59-01:00"}]}, "history", "is wanted"),
        ({"history": [TEA], "at": "2024-12-31"}, "history", "no event that counts is there by 2024-12-31"),
        ({"history": [TEA], "steps": 3}, "history", "either a history or features are wanted, and 'steps' is there"),
        ({"history": [TEA], "exclude": ["cup"]}, "exclude", "unknown field; there are: customer, history, at; the"),
        ({"product": "tea", "date": "2025-01-01"}, "history", "a file of events is scored as a whole"),
        ({"history": [{**TEA, "amount": -1}], "at": "2025-02-01"}, "history", "no event that counts is there"),
        ({"steps": 3}, "days_since_last", "a value is wanted"),
    ],
)
def test_refusals(shop: App, instance: dict[str, Any], field: str, words: str) -> None:
    (problem,) = [each for each in problems(shop, instance) if words in each[1]]
    assert problem[0] == field


def test_an_amount_that_was_never_missing_is_wanted(app_for: Callable[[Schema], App]) -> None:
    content = json.loads(json.dumps(factories.INTENT.to_json()))
    content["history"]["events"]["features"][1]["nullable"] = False
    app = app_for(Schema.from_json(content))
    assert days(app, [TEA], at="2025-01-21") == 20
    without = {name: value for name, value in TEA.items() if name != "amount"}
    assert problems(app, {"history": [without], "at": "2025-01-21"}) == [
        ("history", "event 1: it has no 'amount', which was never missing in training")
    ]


def test_the_document_describes_both(shop: App) -> None:
    document = ask(shop, "GET", "/openapi.json").content
    of_history, of_features = document["components"]["schemas"]["Instance"]["anyOf"]
    assert set(of_history["properties"]) == {"customer", "history", "at"}
    assert set(of_history["properties"]["history"]["items"]["properties"]) == {"item", "when", "amount"}
    assert {"days_since_last", "last_item"} < set(of_features["properties"])
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]
    example = content["application/json"]["example"]
    assert "history" in example["instances"][0]
    assert predict(shop, example["instances"]).status == 200
