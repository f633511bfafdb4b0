"""Advice of warnings and refusals: it fits, it works when it is followed, and none leads the way back."""

import random
import re
import shlex
from typing import Any

import pytest

from function_code.errors import Refused
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.tables import csv_bytes
from tools.settings import as_config

ROWS = 300
ADVICE = re.compile("KINDS='[^']*'")


def table(columns: dict[str, list[str]]) -> bytes:
    return csv_bytes(list(columns), zip(*columns.values(), strict=True), ";")


def prepared(columns: dict[str, list[str]], target: str = "y", **settings: Any) -> PreparedDataset:
    columns = {**columns, "plain": [str(index * 37 % 101) for index in range(ROWS)]}
    data = table({**columns, **({} if "y" in columns else {"y": [str(index % 2) for index in range(ROWS)]})})
    return prepare(read_table(data, "t.csv"), Settings(target, **settings), "t.csv")


def set_by(sentence: str) -> list[dict[str, str]]:
    """The kinds that a sentence advises, one after the other, as `make up` takes them."""
    typed = [shlex.split(setting)[0].removeprefix("KINDS=") for setting in ADVICE.findall(sentence)]
    return [as_config({"kinds": text})["kinds"]["objectValue"] for text in typed]


def about(read: PreparedDataset, column: str) -> list[str]:
    return [warning for warning in read.warnings if f"{column!r}" in warning]


def drawn(form: str, low: float, high: float) -> list[str]:
    chance = random.Random(1)
    return [form.format(chance.uniform(low, high)) for _ in range(ROWS)]


@pytest.mark.parametrize("form", ["{:,.0f} hrs", "{:,.0f}", "£ {:,.0f}"])
def test_marks_that_other_columns_prove_are_not_in_doubt(form: str) -> None:
    texts = drawn(form, 100, 9_000)
    assert any("is read so that" in warning for warning in about(prepared({"x": texts}), "x"))
    assert about(prepared({"x": texts, "z": drawn("{:.2f} m", 1, 9)}), "x") == []


@pytest.mark.parametrize("form", ["{:,.0f} hrs", "{:,.0f}", "£ {:,.0f}"])
def test_the_other_marks_can_be_set_as_advised(form: str) -> None:
    texts = drawn(form, 1_000, 9_000)
    before = prepared({"x": texts})
    (warning,) = about(before, "x")
    after = prepared({"x": texts}, kinds=set_by(warning)[0])
    assert after.typed["x"].notna().all()
    assert sorted(read.typed["x"].max() < 10 for read in (before, after)) == [False, True]


@pytest.mark.parametrize(("unit", "form"), [("£", "us £"), ("kg", "us kg"), ("hp", "us hp")])
def test_other_units_are_counted_where_one_is_set(unit: str, form: str) -> None:
    texts = [f"{text} {'€' if index % 30 == 0 else unit}" for index, text in enumerate(drawn("{:.1f}", 1, 99))]
    for kinds in ({}, {"x": f"number:{form}"}):
        read = prepared({"x": texts}, kinds=kinds)
        assert read.typed["x"].isna().sum() == ROWS / 30
        assert any("in other units, and missing, are € (10)" in warning for warning in about(read, "x"))


ODD = ["POA", "ask", "soon", "sold", "n/k", "see text", "tba", "to be agreed"]


def prices() -> list[str]:
    chance = random.Random(2)
    odd = [f"{word} {number}" for number in range(9) for word in ODD]
    return [odd.pop() if index % 5 == 0 and odd else f"{chance.randrange(9_000, 900_000):,}" for index in range(ROWS)]


def test_a_target_that_nearly_is_a_number_is_no_model_of_the_few_values_that_repeat() -> None:
    texts = [text if index % 10 else "POA" for index, text in enumerate(prices())]
    with pytest.raises(Refused) as caught:
        prepared({"x": drawn("{:.2f}", 1, 9), "y": texts})
    reason = str(caught.value)
    assert "are too rare for that" in reason
    number, category = set_by(reason)
    read = prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}, kinds=number)
    assert (read.task, len(read.target)) == ("regression", sum(text[:1].isdigit() for text in texts))
    assert prepared({"x": drawn("{:.2f}", 1, 9), "y": [*texts[:-9], *["ask"] * 9]}, kinds=category).classes == [
        "POA",
        "ask",
    ]


@pytest.mark.parametrize("word", ["POA", "on request", "-- ask --"])
def test_a_regression_of_texts_names_those_that_are_none(word: str) -> None:
    texts = [word if index % 4 == 0 else text for index, text in enumerate(drawn("£{:,.2f}", 10_000, 99_999))]
    with pytest.raises(Refused) as caught:
        prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}, task="regression")
    assert repr(word) in str(caught.value)
    read = prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}, kinds=set_by(str(caught.value))[0], task="regression")
    assert len(read.target) == ROWS * 3 / 4


def test_nothing_advises_the_way_back() -> None:
    texts = [
        f"{word} {index}" if index % 7 == 0 else text
        for index, (text, word) in enumerate(zip(prices(), ODD * 99, strict=False))
    ]
    (warning,) = [each for each in about(prepared({"x": texts}), "x") if "is no number" in each]
    assert not any("KINDS='x=text'" in each for each in about(prepared({"x": texts}), "x"))
    after = about(prepared({"x": texts}, kinds=set_by(warning)[0]), "x")
    assert any("it is none, and missing" in each for each in after)
    assert not any("KINDS=" in each for each in after)


@pytest.mark.parametrize(
    "words", [("Paid", "paid", "Due"), ("BENETEAU", "Beneteau", "Sun"), ("straße", "STRASSE", "weg")]
)
def test_values_that_differ_in_capitals_alone_are_said(words: tuple[str, ...]) -> None:
    texts = [words[index % len(words)] for index in range(ROWS)]
    differ = "that differ in capitals alone"
    (warning,) = [each for each in about(prepared({"x": texts}), "x") if differ in each]
    assert repr(words[0]) in warning
    assert repr(words[1]) in warning
    assert any(differ in each for each in prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}).warnings)
    assert not any(differ in each for each in prepared({"x": [text.casefold() for text in texts]}).warnings)


def test_ids_that_repeat_are_said() -> None:
    ids = [str(index // 2 if index < 40 else index) for index in range(ROWS)]
    read = prepared({"x": drawn("{:.2f}", 1, 9), "k": ids}, id=("k",))
    assert "40 rows have the id ('k') of another; the rows of an id are held out together, or none is" in read.warnings
    assert not any(
        "of another" in each for each in prepared({"x": drawn("{:.2f}", 1, 9), "k": ids}, drop=("k",)).warnings
    )


def grouped(low: int, high: int, mark: str, unit: str = "") -> list[str]:
    chance = random.Random(4)
    return [f"{chance.randrange(low, high):,}".replace(",", mark) + unit for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("texts", "least"),
    [
        ([f"{index % 90 + 1}.000" for index in range(ROWS)], 1_000),
        ([f"{index % 90 + 1}.000" if index % 3 else str(index + 100) for index in range(ROWS)], 100),
        (grouped(1_000, 99_000, "."), 1_000),
        (grouped(10_000_000, 99_000_000, "."), 10_000_000),  # of eight digits each, and no telephone numbers
        (grouped(10_000, 99_000, ",", " €"), 10_000),  # cents would be two digits
        (["7,785" if index % 40 == 0 else f"6.{index % 900 + 100}" for index in range(ROWS)], 7),
    ],
)
def test_thousands_are_no_decimals(texts: list[str], least: int) -> None:
    read = prepared({"x": texts})
    assert read.typed["x"].min() >= least
    for warning in about(read, "x"):
        text = warning.split("'")[3]
        assert sum(each.count(".") > 0 for each in texts) < ROWS / 2 or "." in text


@pytest.mark.parametrize("form", ["+49{:011.0f}", "+1 {:010.0f}", "+{:012.0f}"])
def test_telephone_numbers_are_no_amounts(form: str) -> None:
    assert prepared({"x": drawn(form, 1e9, 9e9)}).kinds.get("x") != "number"


def test_amounts_of_that_form_can_be_set() -> None:
    texts = grouped(10_000_000, 99_000_000, " ")
    assert "x" not in prepared({"x": texts}).kinds
    assert prepared({"x": texts}, kinds={"x": "number"}).typed["x"].min() >= 10_000_000


@pytest.mark.parametrize("form", ["{}- EUR", "{}-€", "EUR {}-", "{}- $"])
def test_a_minus_behind_the_number_and_before_its_unit(form: str) -> None:
    texts = [
        form.format(text) if index % 3 == 0 else form.replace("-", "").format(text)
        for index, text in enumerate(drawn("{:,.2f}", 9, 9_999))
    ]
    read = prepared({"x": texts})
    assert (read.typed["x"] < 0).tolist() == [index % 3 == 0 for index in range(ROWS)]


def test_units_that_differ_in_capitals_alone_are_said() -> None:
    texts = [f"{text} {'MW' if index % 2 else 'mW'}" for index, text in enumerate(drawn("{:.1f}", 1, 9))]
    assert any(
        "differ in capitals alone, read as one: 'MW' and 'mW'" in each for each in prepared({"x": texts}).warnings
    )


def test_a_document_in_a_cell_is_not_repeated() -> None:
    texts = ["long " * 40_000 if index == 5 else text for index, text in enumerate(drawn("{:.1f}", 1, 9))]
    read = prepared({"x": texts})
    assert read.typed["x"].isna().sum() == 1
    assert max(map(len, read.warnings)) < 300
    assert max((len(text) for column in read.columns({}) for text in column.odd), default=0) < 300


@pytest.mark.parametrize("first", ["x ", "\N{ZERO WIDTH NO-BREAK SPACE}x", " x"])
def test_the_header_again_is_one_with_spaces_and_marks_around_it(first: str) -> None:
    data = b"x,y\n" + b"".join(b"%d,%d\n" % (index, index % 2) for index in range(ROWS))
    again = f"{first},y\n".encode() + data.partition(b"\n")[2]
    read = prepare(read_table(data + again, "t.csv"), Settings("y"), "t.csv")
    assert read.classes == [0, 1]
    assert any("the names of the columns again" in warning for warning in read.warnings)


def test_rows_without_an_id_a_group_or_a_time_are_said() -> None:
    names = ["" if index % 3 == 0 else str(index // 2) for index in range(ROWS)]
    days = ["" if index % 5 == 0 else f"2024-0{index % 9 + 1}-{index % 27 + 1:02}" for index in range(ROWS)]
    columns = {"x": drawn("{:.2f}", 1, 9), "k": names, "d": days}
    by_id = prepared(columns, id=("k",))
    assert by_id.groups is not None
    assert by_id.groups[by_id.raw["k"] == ""].is_unique
    assert any("rows without a 'k' are one group: 100 of 300" in each for each in prepared(columns, group="k").warnings)
    timed = prepared(columns, time="d")
    assert any("rows without a 'd' count as the oldest, and none is held out: 60" in each for each in timed.warnings)


@pytest.mark.parametrize(
    ("texts", "largest", "form"),
    [
        ([("742", "953.0K", "1.2M")[index % 3] for index in range(ROWS)], 1_200_000, "us #"),
        ([str(index) if index % 2 else f"{index / 10}k" for index in range(1, ROWS + 1)], 30_000, "us #"),
        (["271,724" if index % 3 else f"{index + 1}.6 million" for index in range(ROWS)], 298.6e6, "us #"),
        ([f"{index} Mio" if index % 2 else str(1000 * index) for index in range(ROWS)], 299e6, "us #"),
        (["271,724" if index % 3 else f"{index + 1}.6 m" for index in range(ROWS)], 298.6e6, "us #"),
        ([f"1.{index % 90 + 10} m" if index % 3 else "1.75" for index in range(ROWS)], 1.99, "us m"),
        ([f"{index % 30 + 270} K" if index % 3 else "280" for index in range(ROWS)], 299, "us K"),
        ([f"{index}.5K" for index in range(ROWS)], 299.5, "us K"),  # all in thousands
    ],
)
def test_thousands_and_millions_behind_some_numbers(texts: list[str], largest: float, form: str) -> None:
    read = prepared({"x": texts})
    assert read.forms["x"] == form
    assert read.typed["x"].max() == pytest.approx(largest)
    if form == "us #":
        (warning,) = [each for each in about(read, "x") if "thousands and more are behind numbers" in each]
        other = prepared({"x": texts}, kinds=set_by(warning)[0])
        assert other.typed["x"].max() != read.typed["x"].max()
