"""Recommendations at the endpoint: a history in, items out, none of them owned or excluded."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from function_code.schema import Schema
from function_code.serving.app import App
from tests.support import factories
from tests.support.client import ask, predict


@pytest.fixture
def shop(app_for: Callable[[Schema], App]) -> App:
    """Tea says 0.1 for 7, that for cup, that for pot, that for tea; the popularity is 0.04, 0.03, 0.02 and 0.01."""
    return app_for(factories.SHOP)


def one(app: App, instance: dict[str, Any], target: str = "/predict") -> Any:
    (answer,) = predict(app, [instance], target).content["predictions"]
    return answer


def items(app: App, history: list[Any], target: str = "/predict", **more: Any) -> list[tuple[str, float]]:
    return [(each["item"], each["score"]) for each in one(app, {"history": history, **more}, target)["items"]]


def near(*pairs: tuple[str, float]) -> list[tuple[str, Any]]:
    return [(item, pytest.approx(score, abs=1e-7)) for item, score in pairs]


@pytest.mark.parametrize("history", [None, []])
def test_without_a_history_it_is_what_is_popular(shop: App, history: list[Any]) -> None:
    assert items(shop, history) == near(("tea", 0.04), ("7", 0.03), ("cup", 0.02), ("pot", 0.01))
    assert one(shop, {})["items"] == one(shop, {"history": history})["items"]


def test_what_was_taken_last_counts_most(shop: App) -> None:
    assert items(shop, ["tea", "cup"]) == near(("pot", 0.11), ("7", 0.08))
    assert items(shop, ["cup", "tea"]) == near(("7", 0.13), ("pot", 0.06))
    assert items(shop, ["cup", "tea", "cup"]) == items(shop, ["tea", "cup"])


@pytest.mark.parametrize(
    "days",
    [
        ["2025-01-02", "2025-01-01"],
        ["02/01/2025", "01/01/2025"],  # as the file writes them
        ["2025-01-01T22:00:00-03:00", "2025-01-02T00:30:00Z"],
    ],
)
def test_times_make_the_order(shop: App, days: list[str]) -> None:
    history = [{"item": item, "when": day} for item, day in zip(["tea", "cup"], days, strict=True)]
    assert items(shop, history) == items(shop, ["cup", "tea"])
    assert items(shop, list(reversed(history))) == items(shop, ["cup", "tea"])


def test_events_of_one_time_are_one_step(shop: App) -> None:
    history = [{"item": item, "when": "2025-01-01"} for item in ("tea", "cup")]
    assert items(shop, history) == near(("7", 0.13), ("pot", 0.11))


def test_exclusions_ids_and_the_number_of_items(shop: App) -> None:
    assert items(shop, ["tea"], exclude=["7", "unheard of"]) == near(("cup", 0.02), ("pot", 0.01))
    assert items(shop, ["tea"], "/predict?top=1") == near(("7", 0.13))
    assert items(shop, [7], "/predict?top=1") == items(shop, ["7"], "/predict?top=1") == near(("cup", 0.12))
    assert one(shop, {"history": [], "customer": 12})["customer"] == 12


def test_reasons_and_unknown_items_are_there_if_asked_for(shop: App) -> None:
    answer = one(shop, {"history": ["tea", "saucer", "saucer"]}, "/predict?because=true&unseen=true")
    assert [(each["item"], each["because"]) for each in answer["items"]] == [("7", "tea"), ("cup", None), ("pot", None)]
    assert answer["unseen"] == ["saucer"]
    assert one(shop, {"history": ["tea"]}, "/predict?unseen=true")["unseen"] == []
    plain = one(shop, {"history": ["tea"]})
    assert set(plain) == {"items"}
    assert set(plain["items"][0]) == {"item", "score"}


@pytest.mark.parametrize(
    ("instance", "field", "words"),
    [
        ("tea", None, "an object is wanted"),
        ({"history": "tea"}, "history", 'a list is wanted, not the text "tea"'),
        ({"history": [["tea"]]}, "history", "an item is a text or a whole number, not a list"),
        ({"history": [None]}, "history", "not null"),
        ({"history": [True]}, "history", "not true"),
        ({"history": [1.5]}, "history", "not 1.5"),
        ({"history": [" "]}, "history", "not an empty text"),
        ({"history": [{"when": "2025-01-01"}]}, "history", "an event is an item, or"),
        ({"history": [{"item": "tea", "price": 3}]}, "history", "an event is an item, or"),
        ({"history": [{"item": "tea", "when": "soon"}]}, "history", "soon"),
        ({"history": [{"item": "tea", "when": "2025-01-01"}, "cup"]}, "history", "either all events have a"),
        ({"exclude": {"tea": 1}}, "exclude", "a list is wanted"),
        ({"history": [], "age": 3}, "age", "unknown field; there are: history, exclude, customer"),
        (
            {"customer": 5, "product": "tea"},
            "product",
            "a column of events, which go into 'history'",
        ),
        ({"history": [], "customer": {}}, "customer", "an id is a text or a number"),
    ],
)
def test_what_is_wrong_is_422_for_its_field(shop: App, instance: Any, field: str | None, words: str) -> None:
    content = predict(shop, [{"history": ["tea"]}, instance]).problem(422)
    (error,) = content["errors"]
    assert (error["instance"], error["field"]) == (1, field)
    assert words in error["problem"]


def test_other_questions(shop: App) -> None:
    predict(shop, [{"history": []}], "/predict?because=yes").problem(422)
    predict(shop, [{"history": []}], "/predict?top=0").problem(422)
    assert "because=true" in predict(shop, [{"history": []}], "/explain").problem(501)["detail"]


def test_the_description_has_an_example_that_works(shop: App) -> None:
    document = ask(shop, "GET", "/openapi.json").content
    operation = document["paths"]["/predict"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]
    assert example == {"instances": [{"history": [{"item": "tea", "when": "31/12/2025"}]}]}
    assert items(shop, example["instances"][0]["history"])[0][0] == "7"
    assert {each["name"] for each in operation["parameters"]} == {"unseen", "top", "because"}
    assert set(document["components"]["schemas"]["Instance"]["properties"]) == {"customer", "history", "exclude"}
    assert json.dumps(document)


def test_a_long_history(shop: App) -> None:
    history = [
        {"item": f"other {number}", "when": f"2025-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z"}
        for number in range(10_000)
    ]
    item, score = items(shop, [*history, {"item": "tea", "when": "2026-01-01"}])[0]
    assert item == "7"
    assert score == pytest.approx(0.13, abs=1e-7)
