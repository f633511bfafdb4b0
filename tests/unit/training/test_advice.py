"""What warnings and refusals advise: it fits, it works when it is followed, and nothing advises the way back."""

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


def about(found: PreparedDataset, column: str) -> list[str]:
    return [warning for warning in found.warnings if f"{column!r}" in warning]


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
    assert sorted(found.typed["x"].max() < 10 for found in (before, after)) == [False, True]


@pytest.mark.parametrize(("unit", "form"), [("£", "us £"), ("kg", "us kg"), ("hp", "us hp")])
def test_other_units_are_counted_where_one_is_set(unit: str, form: str) -> None:
    texts = [f"{text} {'€' if index % 30 == 0 else unit}" for index, text in enumerate(drawn("{:.1f}", 1, 99))]
    for kinds in ({}, {"x": f"number:{form}"}):
        found = prepared({"x": texts}, kinds=kinds)
        assert found.typed["x"].isna().sum() == ROWS / 30
        assert any("in other units, and missing, are € (10)" in warning for warning in about(found, "x"))


ODD = ["POA", "ask", "soon", "sold", "n/k", "see text", "tba", "to be agreed"]


def prices() -> list[str]:
    chance = random.Random(2)
    odd = [f"{word} {number}" for number in range(9) for word in ODD]
    return [odd.pop() if index % 5 == 0 and odd else f"{chance.randrange(9_000, 900_000):,}" for index in range(ROWS)]


def test_a_target_that_nearly_is_a_number_is_no_model_of_the_few_values_that_repeat() -> None:
    texts = [text if index % 10 else "POA" for index, text in enumerate(prices())]
    with pytest.raises(Refused) as caught:
        prepared({"x": drawn("{:.2f}", 1, 9), "y": texts})
    said = str(caught.value)
    assert "are too rare for that" in said
    number, category = set_by(said)
    found = prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}, kinds=number)
    assert (found.task, len(found.target)) == ("regression", sum(text[:1].isdigit() for text in texts))
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
    found = prepared({"x": drawn("{:.2f}", 1, 9), "y": texts}, kinds=set_by(str(caught.value))[0], task="regression")
    assert len(found.target) == ROWS * 3 / 4


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
    found = prepared({"x": drawn("{:.2f}", 1, 9), "k": ids}, id=("k",))
    assert "40 rows have the id ('k') of another; the rows of an id are held out together, or none is" in found.warnings
    assert not any(
        "of another" in each for each in prepared({"x": drawn("{:.2f}", 1, 9), "k": ids}, drop=("k",)).warnings
    )
