"""Times of day and durations, and months beside digits, in the forms that can be taken for others."""

import random
from datetime import date

import numpy as np
import pytest

from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.training.dataset import PreparedDataset
from tests.support.columns import ROWS, dataset

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def clocks(minutes: list[int], most: int = 24) -> list[tuple[int, int]]:
    chance = random.Random(4)
    return [(chance.randrange(most), chance.choice(minutes)) for _ in range(ROWS)]


def reading(prepared: PreparedDataset, column: str = "x") -> tuple[str, str]:
    return prepared.readings[column].kind, prepared.readings[column].form


@pytest.mark.parametrize("column", ["x", "start time", "Uhrzeit"])
def test_a_point_between_hours_and_minutes(column: str) -> None:
    times = clocks(list(range(60)))
    prepared = dataset([str(index) for index in range(ROWS)], others={column: [f"{h}.{m:02}" for h, m in times]})
    assert reading(prepared, column) == ("number", "hours")
    np.testing.assert_allclose(prepared.typed[column], [hour + minute / 60 for hour, minute in times])
    assert f"if it is a number, set KINDS='{column}=number'" in " ".join(prepared.warnings)


def test_every_five_minutes_or_a_name_is_enough() -> None:
    assert reading(dataset([f"{h}.{m:02}" for h, m in clocks(list(range(0, 60, 5)))])) == ("number", "hours")
    quarters = [f"{h}.{m:02}" for h, m in clocks([0, 15, 30, 45])]
    prepared = dataset(quarters, others={"arrival_time": quarters, "Hora": quarters, "overtimes": quarters})
    assert {name: reading(prepared, name)[1] for name in prepared.kinds} == {
        "x": "", "arrival_time": "hours", "Hora": "hours", "overtimes": ""
    }  # fmt: skip


@pytest.mark.parametrize(
    "texts",
    [
        [f"{h}.{m:02}" for h, m in clocks([*range(60), 60])],
        [f"{h}.{m:02}" for h, m in clocks(list(range(60)), 30)],
        [f"{h}.{m:02}" for h, m in clocks([0, 25, 49, 50, 5])],
        [f"{h}.{m}" for h, m in clocks(list(range(1, 60)))],
        [f"-{h}.{m:02}" for h, m in clocks(list(range(60)))],
    ],
)
def test_other_decimals_are_numbers(texts: list[str]) -> None:
    assert reading(dataset(texts)) == ("number", "")


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("gini", [f"0.{index % 40 + 20}" for index in range(ROWS)]),
        ("discount", [f"0.{index % 12 * 5:02}" for index in range(ROWS)]),
        ("price", [f"{index % 3}.{index % 60:02}" for index in range(ROWS)]),
        ("height", [f"{index % 3 + 4}.{index % 12:02}" for index in range(ROWS)]),
        ("step", [f"{index % 8}.{index % 6}0" for index in range(ROWS)]),
    ],
)
def test_decimals_that_end_below_60_for_another_reason_are_numbers(column: str, texts: list[str]) -> None:
    prepared = dataset(texts, others={column: texts})
    assert [reading(prepared, name) for name in prepared.kinds] == [("number", "")] * 2
    assert "hours" not in " ".join(prepared.warnings)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("reaction_time", ["0.25", "0.31", "1.42", "0.55", "0.38"]),
        ("study_hours", ["1.50", "2.00", "2.25", "0.50", "3.00"]),
        ("hours worked", [f"{h}.{m:02}" for h, m in clocks([0, 25, 50])]),
        ("Arbeitszeit", [f"{h}.{m:02}" for h, m in clocks([0, 30], 10)]),
        ("finish time", [f"{h}.{m:02}" for h, m in clocks([0, 10, 20, 30, 40, 50])]),
    ],
)
def test_a_name_of_a_time_alone_is_not_enough_but_said(column: str, texts: list[str]) -> None:
    texts = [texts[index % len(texts)] for index in range(ROWS)]
    prepared = dataset([str(index) for index in range(ROWS)], others={column: texts})
    assert reading(prepared, column) == ("number", "")
    assert prepared.typed[column].tolist() == list(map(float, texts))
    assert f"if these are hours and minutes, set KINDS='{column}=number:hours'" in " ".join(prepared.warnings)
    assert dataset(texts, kinds={"x": "number"}).warnings == []


def test_a_request_with_a_number_for_such_a_time_is_refused() -> None:
    prepared = dataset([f"{h}.{m:02}" for h, m in clocks(list(range(60)))])
    (column,) = prepared.columns({})
    schema = Schema([column], "target", "binary", (0, 1))
    rows, problems = check_instances(schema, [{"x": text} for text in ("9.30", "9:30", 9, column.example)])
    assert problems == []
    assert [rows[row][0] for row in range(3)] == [9.5, 9.5, 9.0]
    for value in (9.3, 9.35):
        (problem,) = check_instances(schema, [{"x": value}])[1]
        assert f'a number like the text "{column.example}" is wanted, not {value}' in problem["problem"]
    with_colons = dataset([f"{h}:{m:02}" for h, m in clocks(list(range(60)))]).columns({})
    assert check_instances(Schema(with_colons, "target", "binary", (0, 1)), [{"x": 9.3}])[0] == [[9.3]]


@pytest.mark.parametrize(
    ("pattern", "later"), [("{}.{:02} Uhr", 0), ("{}.{:02} am", 0), ("{}.{:02}PM", 12), ("{} Uhr", 0)]
)
def test_a_word_says_that_it_is_a_clock(pattern: str, later: int) -> None:
    times = [(1 + hour % 11, minute) for hour, minute in clocks([0, 10, 20, 30])]
    prepared = dataset([pattern.format(*time) for time in times])
    assert reading(prepared) == ("number", "hours")
    has_minutes = "." in pattern
    expected = [hour + later + has_minutes * minute / 60 for hour, minute in times]
    np.testing.assert_allclose(prepared.typed["x"], expected)


def test_hours_with_a_point_are_decimals_and_that_is_said() -> None:
    prepared = dataset([f"{h}.{m:02} h" for h, m in clocks([0, 25, 50], 6)])
    assert reading(prepared) == ("number", "us h")
    assert "if these are hours and minutes, set KINDS='x=number:hours'" in " ".join(prepared.warnings)
    for minutes in ([0, 25, 50, 75], list(range(100)), [*range(60), 60]):
        prepared = dataset([f"{h}.{m:02} h" for h, m in clocks(minutes)])
        assert (reading(prepared), prepared.warnings) == (("number", "us h"), [])


@pytest.mark.parametrize(("pattern", "minutes"), [("{}.{:02} h", range(60)), ("{:02}.{:02}h", (0, 15, 30, 45))])
def test_hours_with_a_point_are_times_where_they_show_it(pattern: str, minutes: list[int]) -> None:
    times = clocks(list(minutes))
    prepared = dataset([pattern.format(*time) for time in times])
    np.testing.assert_allclose(prepared.typed["x"], [hour + minute / 60 for hour, minute in times])
    assert "if these are decimals, set KINDS='x=number:us h'" in " ".join(prepared.warnings)


def test_points_among_colons_are_times() -> None:
    times = clocks(list(range(60)))
    prepared = dataset([f"{h}{'.' if index % 3 == 0 else ':'}{m:02}" for index, (h, m) in enumerate(times)])
    np.testing.assert_allclose(prepared.typed["x"], [hour + minute / 60 for hour, minute in times])
    decimals = [f"{hour}.{minute}" for hour, minute in clocks(list(range(60)))]
    assert reading(dataset([*decimals, "9:30"])) == ("number", "")


@pytest.mark.parametrize(
    ("texts", "form", "first"),
    [
        ([f"{30 + index % 29}:{index % 60:02}" if index % 3 else f"1:0{index % 9}:10" for index in range(ROWS)],
         "minutes", 61 + 1 / 6 - 1),
        ([f"{1 + index % 5}:{index % 60:02}" for index in range(ROWS)], "hours", 1.0),
        ([f"{index % 24}:{index % 60:02}{':00' if index % 2 else ''}" for index in range(ROWS)], "hours", 0.0),
    ],
)  # fmt: skip
def test_minutes_and_hours(texts: list[str], form: str, first: float) -> None:
    prepared = dataset(texts)
    assert reading(prepared) == ("number", form)
    assert prepared.typed["x"].iloc[0] == pytest.approx(first)


def test_either_can_be_set() -> None:
    texts = [f"{30 + index % 29}:{index % 60:02}" for index in range(ROWS)]
    assert "if these are minutes, set KINDS='x=number:minutes'" in dataset(texts).warnings[0]
    assert dataset(texts, kinds={"x": "number:minutes"}).typed["x"].iloc[1] == pytest.approx(31 + 1 / 60)
    assert dataset(["9.30", "14.05"] * 30, kinds={"x": "number:hours"}).typed["x"].iloc[0] == 9.5


def months(low: int, high: int, pattern: str) -> list[str]:
    chance = random.Random(5)
    return [pattern.format(chance.choice(MONTHS), chance.randrange(low, high)) for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("pattern", "low", "high", "form"),
    [
        ("{0}-{1:02}", 7, 16, "my"),
        ("{1:02}-{0}", 7, 16, "my"),
        ("{0}-{1:02}", 48, 99, "my"),
        ("{0} {1:02}", 0, 25, "my"),
        ("{1}-{0}", 1, 29, "dm"),
        ("{0} {1}", 1, 29, "dm"),
        ("{1}. {0}.", 1, 29, "dm"),
    ],
)
def test_months_beside_two_digits(pattern: str, low: int, high: int, form: str) -> None:
    prepared = dataset(months(low, high, pattern))
    assert reading(prepared) == ("date", form)
    (warning,) = prepared.warnings
    assert f"KINDS='x=date:{'dm' if form == 'my' else 'my'}'" in warning


@pytest.mark.parametrize(
    ("texts", "form", "expected"),
    [
        (["Dec-11", "Jan-85"], "my", [date(2011, 12, 1), date(1985, 1, 1)]),
        (["11-Dec", "07/23"], "my", [date(2011, 12, 1), date(2023, 7, 1)]),
        (["29-Feb", "24.12."], "dm", [date(2000, 2, 29), date(2000, 12, 24)]),
        (["1 mars", "31 août"], "dm", [date(2000, 3, 1), date(2000, 8, 31)]),
    ],
)
def test_their_values(texts: list[str], form: str, expected: list[date]) -> None:
    days = dataset(texts * 30, kinds={"x": f"date:{form}"}).typed["x"].iloc[:2]
    assert days.tolist() == [(day - date(1970, 1, 1)).days for day in expected]


def test_ranges_that_became_dates_are_said() -> None:
    for texts in (["0-2", "5-Mar", "8-Jun", "15-17"], ["10-49", "Oct-49", "50-99"], ["1-3", "4-Jun", "7-9"]):
        prepared = dataset([texts[index % len(texts)] for index in range(ROWS)])
        assert prepared.kinds == {"x": "category"}
        assert "a spreadsheet may have made dates of ranges" in " ".join(prepared.warnings)
    assert dataset([("0-2", "3-5", "6-8")[index % 3] for index in range(ROWS)]).warnings == []
