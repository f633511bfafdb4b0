"""A file of events as people have them: what is left out, and said; what cannot be read, and why."""

import gzip
from datetime import datetime
from typing import Any

import pytest

from function_code.errors import Refused
from function_code.training.histories.read_events import ReadEvents, read_events
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.tables import csv_bytes
from tests.support.typed_files import json_lines, parquet, workbook

NAMES = {"user": "customer", "item": "product", "when": "date"}
HEADER = ["customer", "product", "date", "quantity", "note"]
ROWS = [["1", "a", "2025-01-03", "2"], ["1", "b", "2025-02-03", "1"], ["2", "a", "2025-03-03", "1"]]


def read(rows: list[list[str]], **settings: str) -> ReadEvents:
    table = read_table(csv_bytes(HEADER, [[*row, "as gift"] for row in rows], ";"), "orders.csv")
    return read_events(table, Settings(**{**NAMES, **settings}), "orders.csv")  # type: ignore[arg-type]


def triples(outcome: ReadEvents) -> list[tuple[str, str, float]]:
    events = outcome.events
    numbers = zip(events.user.tolist(), events.item.tolist(), events.when.tolist(), strict=True)
    return sorted((events.users[user], events.items[item], when) for user, item, when in numbers)


def test_the_events_of_a_file() -> None:
    outcome = read(ROWS)
    assert triples(outcome) == [("1", "a", 20091.0), ("1", "b", 20122.0), ("2", "a", 20150.0)]
    assert (outcome.warnings, outcome.ignored, outcome.columns[0].example) == ([], ["quantity", "note"], "2025-03-03")


def test_what_is_missing_is_left_out_and_counted() -> None:
    more = [
        ["", "a", "2025-01-04", "1"],
        ["3", "n/a", "2025-01-05", "1"],
        ["3", "b", "", "1"],
        ["", "", "2025-01-06", "1"],
    ]
    outcome = read(ROWS + more)
    assert len(outcome.events) == 3
    (warning,) = outcome.warnings
    assert warning.startswith("events without a user, an item or a time are left out: 4 of 7")
    assert "'customer' 2, 'product' 2, 'date' 1" in warning


def test_returns_are_left_out_where_there_is_an_amount() -> None:
    rows = [*ROWS, ["2", "b", "2025-03-04", "-1"], ["2", "c", "2025-03-05", "0"]]
    assert len(read(rows).events) == 5
    outcome = read(rows, amount="quantity")
    assert len(outcome.events) == 3
    assert [column.name for column in outcome.columns] == ["date", "quantity"]
    assert outcome.warnings == [
        "events whose 'quantity' is 0 or less, such as returns, are left out: 2 of 5; AMOUNT= keeps them"
    ]


def test_repeated_events_count_once() -> None:
    outcome = read([*ROWS, ROWS[0], ["1", " a", "2025-01-03", "7"]])
    assert len(outcome.events) == 3
    assert outcome.warnings == ["events that repeat user, item and time of another count once: 2 of 5"]


def test_the_rarest_of_very_many_items_are_left_out() -> None:
    rows = [[f"u{number}", f"p{number % 5_010}", "2025-01-03", "1"] for number in range(5_010 + 5_000)]
    outcome = read(rows)
    assert len(outcome.events.items) == 5_000
    assert not {"p5000", "p5009"} & {*outcome.events.items}
    assert outcome.warnings == [
        "only the 5,000 of 'product' with the most users are recommended, not 10 of 5,010, with 0.1% of the events"
    ]


def test_odd_times_are_left_out_and_named() -> None:
    outcome = read(
        [*(["1", "a", f"2025-{day % 12 + 1:02}-{day % 28 + 1:02}", "1"] for day in range(60)), ["3", "b", "soon", "1"]]
    )
    assert outcome.warnings[:2] == [
        "column 'date' is read as date; in 1 of 61 rows it is none, and missing: 'soon' (row 61)",
        "events without a user, an item or a time are left out: 1 of 61 (without 'date' 1)",
    ]


def test_as_many_odd_times_are_kept_as_of_any_column() -> None:
    days = [["1", "a", f"20{day // 28:02}-01-{day % 28 + 1:02}", "1"] for day in range(2_500)]
    odd = ["x" * 201, *(f"soon {number}" for number in range(110))]
    (when,) = read([*days, *(["1", "a", text, "1"] for text in odd)]).columns
    assert list(when.odd) == odd[1:101]


def test_times_that_are_none_at_all() -> None:
    with pytest.raises(Refused, match=r"when names the column 'date' of orders.csv, which is empty$"):
        read([["1", "a", "", "1"], ["2", "b", "", "1"]])


@pytest.mark.parametrize("column", [0, 1])
def test_no_event_is_whole(column: int) -> None:
    rows = [[*row[:column], "n/a", *row[column + 1 :]] for row in ROWS]
    with pytest.raises(Refused, match=r"orders.csv has no event with a user, an item and a time; .* 3 of 3"):
        read(rows)


TYPED: dict[str, list[Any]] = {
    "customer": [1, 9_007_199_254_740_993, None],
    "product": ["007", 'a, "b"\nc', "<b>"],
    "date": [datetime(2025, 1, 3), datetime(2025, 2, 3), datetime(2025, 3, 3)],  # noqa: DTZ001
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("events.parquet", parquet(TYPED)),
        ("events.jsonl", json_lines(dict(zip(TYPED, row, strict=True)) for row in zip(*TYPED.values(), strict=True))),
        (
            "events.csv.gz",
            gzip.compress(
                b'customer,product,date\n1,007,2025-01-03\n9007199254740993,"a, ""b""\nc",2025-02-03\n,<b>,2025-03-03\n'
            ),
        ),
    ],
    ids=["parquet", "json lines", "csv.gz"],  # not the bytes, in which there is the time
)
def test_files_of_other_formats(name: str, data: bytes) -> None:
    outcome = read_events(read_table(data, name), Settings(**NAMES), name)  # type: ignore[arg-type]
    assert outcome.warnings[0].startswith("events without a user, an item or a time are left out: 1 of 3")
    assert triples(outcome) == [("1", "007", 20091.0), ("9007199254740993", 'a, "b"\nc', 20122.0)]


def test_a_workbook() -> None:
    """A number of a cell is the item or user that a request names with it."""
    data = workbook({"orders": [HEADER[:3], [1, 7, datetime(2025, 1, 3)], ["1", 8.5, datetime(2025, 1, 4)]]})  # noqa: DTZ001
    outcome = read_events(read_table(data, "orders.xlsx"), Settings(**NAMES), "orders.xlsx")  # type: ignore[arg-type]
    assert triples(outcome) == [("1", "7", 20091.0), ("1", "8.5", 20092.0)]


def test_what_a_person_has_named_as_missing_is_left_out() -> None:
    table = read_table(
        csv_bytes(HEADER[:4], [*ROWS, ["2", "postage", "1900-01-01", "1"], ["0", "b", "2025-03-04", "-9"]]), "o.csv"
    )
    missing = {"product": "postage", "date": "1900-01-01", "customer": "0", "quantity": "-9"}
    settings = Settings(user="customer", item="product", when="date", amount="quantity", missing=missing)
    outcome = read_events(table, settings, "o.csv")
    assert len(outcome.events) == 3
    assert "(without 'customer' 1, 'product' 1, 'date' 1)" in outcome.warnings[-1]
    assert [column.stand_ins for column in outcome.columns] == [("1900-01-01",), ("-9",)]


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["03/01/2025", "25/02/2025"], [20091.0, 20144.0]),
        (["2025-01-03T23:00:00-05:00", "2025-01-04T04:00:00Z"], [20092 + 4 / 24] * 2),  # one moment in two time zones
        (["2025-01-03 12:00", "2025-01-03 18:00"], [20091.5, 20091.75]),
    ],
)
def test_times_are_instants(texts: list[str], days: list[float]) -> None:
    rows = [[f"{number}", "a", text, "1"] for number, text in enumerate(texts)]
    assert [when for _, _, when in triples(read(rows))] == pytest.approx(days)


def test_ids_are_texts() -> None:
    """Beyond 2**53 the next float is another item; 007 is no 7; 12.0 is how programs write 12 beside gaps."""
    items = ["9007199254740993", "9007199254740992", "007", "7", "12.0", "12"]
    rows = [[f"{number}", item, "2025-01-03", "1"] for number, item in enumerate(items)]
    assert {item for _, item, _ in triples(read(rows))} == {"9007199254740993", "9007199254740992", "007", "7", "12"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"when": "quantity"}, "when names the column 'quantity' of orders.csv, which is read as number, not as date"),
        ({"when": "note"}, "read as category, not as date; KINDS='note=date' reads it so"),
        (
            {"item": "produkt"},
            "item names the column 'produkt', which orders.csv does not have; did you mean 'product'?",
        ),
        ({"amount": "note"}, "amount names the column 'note' of orders.csv, which is read as category, not as number"),
        ({"when": ""}, "events take user, item and when, and there is no when"),
        ({"target": "product"}, "target is for files with a target in each row"),
        ({"user": "history"}, "user names the column 'history', which"),
        ({"user": "product"}, "user, item, when are columns of their own"),
    ],
)
def test_what_cannot_be(settings: dict[str, str], words: str) -> None:
    with pytest.raises(Refused) as caught:
        read(ROWS, **settings)
    assert words in str(caught.value)
