"""Features of a user at a moment: those worked out by hand, and what must not matter."""

import json
import random
from typing import TYPE_CHECKING

import pytest

from function_code.history_features import HistoryFeatures, milliseconds, names

if TYPE_CHECKING:
    from function_code.history_features import Definition, Event, Value

DEFINITION: "Definition" = {"windows": ["7d", "30d"], "trends": ["7d"], "items": ["a", "b"], "amounts": True}
EVENTS: "list[Event]" = [
    (100.0, "a", 2.0),
    (110.0, "b", 1.0),
    (110.0, "a", 3.0),
    (125.0, "a", None),
    (130.0, "c", 5.0),
    (131.0, "a", 100.0),
]


def features(events: "list[Event]", at: float, definition: "Definition" = DEFINITION) -> "dict[str, Value]":
    computed = HistoryFeatures(definition)
    (values,) = computed.at(events, [at])
    return dict(zip(computed.names, values, strict=True))


def drawn(seed: int, count: int = 60) -> "list[Event]":
    """Events, some at one time, without an amount or later than the day 80; adding them up depends on the order."""
    chance = random.Random(seed)
    amounts = (0.1, 1e16, -1e16, 0.3, 7.7, None)
    return [(chance.randrange(400) / 4, chance.choice("abcd"), chance.choice(amounts)) for _ in range(count)]


def test_a_history_by_hand() -> None:
    assert features(EVENTS, 130.0) == {
        "days_since_last": 0.0,
        "days_since_first": 30.0,
        "events": 5,
        "events_7d": 2,
        "events_30d": 4,  # not that of 30 days before, to the day
        "steps": 4,
        "steps_7d": 2,
        "steps_30d": 3,
        "amount": 11.0,
        "amount_7d": 5.0,
        "amount_30d": 9.0,
        "amount_mean": 2.75,
        "trend_7d": 2,
        "gap_last": 5.0,
        "gap_mean": 10.0,
        "gap_least": 5.0,
        "items": 3,
        "events_of_a": 3,
        "events_of_b": 1,
        "last_item": "c",
    }
    earlier = features(EVENTS, 117.5)
    assert [earlier[name] for name in ("days_since_last", "events_7d", "trend_7d", "gap_last", "last_item")] == [
        7.5, 0, -2, 10.0, "b",
    ]  # fmt: skip
    assert (earlier["amount_7d"], earlier["amount_30d"], earlier["amount_mean"]) == (0.0, 6.0, 2.0)


def test_what_there_is_nothing_to_compute_from_is_missing() -> None:
    nothing = features(EVENTS, 99.0)
    missing = {name for name, value in nothing.items() if value is None}
    assert missing == {
        "days_since_last", "days_since_first", "amount_mean", "gap_last", "gap_mean", "gap_least", "last_item",
    }  # fmt: skip
    assert {value for name, value in nothing.items() if name not in missing} == {0}
    once = features([(5.0, "a", float("nan"))], 6.0)
    assert {once[name] for name in ("amount", "amount_7d", "amount_mean", "gap_last", "gap_mean", "gap_least")} == {
        None
    }
    assert (once["days_since_last"], once["events"], once["events_of_a"]) == (1.0, 1, 1)
    assert features([(5.0, "a", 1e308), (5.0, "b", 1e308)], 6.0)["amount"] is None


def test_without_amounts_there_are_no_sums_and_amounts_tell_no_events_apart() -> None:
    definition: Definition = {**DEFINITION, "amounts": False}
    own = features([*EVENTS, (130.0, "c", 6.0)], 130.0, definition)
    assert not [name for name in own if name.startswith("amount")]
    assert (own["events"], features([*EVENTS, (130.0, "c", 6.0)], 130.0)["events"]) == (5, 6)


@pytest.mark.parametrize("seed", range(5))
def test_neither_order_nor_repetition_nor_the_future_matters(seed: int) -> None:
    events, chance = drawn(seed), random.Random(seed)
    own = repr(features(events, 80.0))
    later = [(when, chance.choice("xyz"), 1e9) for when, _, _ in events if when > 80.0]
    mixed = [event for event in events if event[0] <= 80.0] * 2 + later
    assert own == repr(features(chance.sample(mixed, len(mixed)), 80.0))
    assert own == repr(features([event for event in events if event[0] <= 80.0], 80.0))


def test_times_that_differ_by_rounding_are_one() -> None:
    minute = 1 / 1440
    third: list[Event] = [(20_000 + 3 * minute, "a", 1.0), (20_000 + minute + minute + minute, "a", 1.0)]
    own = features(third, 20_000 + 3 * minute - 1e-11)
    assert (own["events"], own["days_since_last"]) == (1, 0.0)


def test_a_long_history() -> None:
    long: list[Event] = [(number / 10, f"i{number % 300}", 0.1) for number in range(10_000)]
    computed = HistoryFeatures(DEFINITION)
    moments = [100.0, 500.0, 999.9]
    for values, events in zip(computed.at(long, moments), (1001, 5001, 10_000), strict=True):
        own = dict(zip(computed.names, values, strict=True))
        assert (own["events"], own["events_7d"], own["items"]) == (events, 70, 300)
        assert own["amount"] == pytest.approx(events / 10, rel=1e-15)


def test_the_definition_is_json_and_fixes_the_names() -> None:
    again = json.loads(json.dumps(DEFINITION))
    assert names(again) == list(features(EVENTS, 130.0))
    again["windows"] = ["12h", "2w"]
    assert [name for name in names(again) if name.startswith("steps_")] == ["steps_12h", "steps_2w"]


def test_durations() -> None:
    assert [milliseconds(text) for text in ("12h", "1d", "4w")] == [43_200_000, 86_400_000, 2_419_200_000]
    for text in ("", "d", "0d", "-3d", "1.5d", "30", "30 d", "30D", "1m", "²d", "٣d", "+3d"):
        with pytest.raises(ValueError, match="such as 12h, 30d or 4w"):
            milliseconds(text)
