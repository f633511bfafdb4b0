"""Columns as people write them: whichever way, they have the kind and the values of the clean column, or a warning."""

import random
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from function_code.errors import Refused
from function_code.training.dataset import prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.columns import FIRST_DAY, ROWS, amounts, dataset
from tests.support.tables import csv_bytes


def grouped(mark: str, decimal: str) -> Callable[[float], str]:
    return lambda value: f"{value:,.2f}".replace(",", "_").replace(".", decimal).replace("_", mark)


NUMBERS: dict[str, Callable[[float], str]] = {
    "dollars": lambda value: f"${value:,.2f}",
    "code behind": lambda value: f"{value:,.2f} EUR",
    "code before": lambda value: f"CHF {value:.2f}",
    "rupees": lambda value: f"Rs. {value:,.2f}",
    "points and commas": grouped(".", ","),
    "spaces and commas": grouped("\N{NO-BREAK SPACE}", ","),
    "apostrophes": grouped("'", "."),
    "decimal commas": lambda value: f"{value:.2f}".replace(".", ","),
    "percent": lambda value: f"{value:.2f}%",
    "a unit": lambda value: f"{value:.2f} kWh",
    "a unit of two words": lambda value: f"{value:.2f} sq ft",
    "scientific": lambda value: f"{value:.6E}",
}


@pytest.mark.parametrize("written", NUMBERS.values(), ids=NUMBERS)
def test_numbers(written: Callable[[float], str]) -> None:
    prepared = dataset([written(value) for value in amounts()])
    assert prepared.kinds == {"x": "number"}
    np.testing.assert_allclose(prepared.typed["x"], amounts(), rtol=1e-6)
    assert prepared.warnings == []


NEGATIVE: dict[str, Callable[[float], str]] = {
    "brackets": lambda value: f"({-value:,.2f})" if value < 0 else f"{value:,.2f}",
    "brackets and a currency": lambda value: f"(${-value:,.2f})" if value < 0 else f"${value:,.2f}",
    "a minus sign": lambda value: f"{value:.2f}".replace("-", "\N{MINUS SIGN}"),
    "behind": lambda value: f"{-value:.2f}-" if value < 0 else f"{value:.2f}",
    "before the currency": lambda value: f"-£{-value:.2f}" if value < 0 else f"£{value:.2f}",
}


@pytest.mark.parametrize("written", NEGATIVE.values(), ids=NEGATIVE)
def test_negative_numbers(written: Callable[[float], str]) -> None:
    values = [value * (-1) ** index for index, value in enumerate(amounts())]
    np.testing.assert_array_equal(dataset([written(value) for value in values]).typed["x"], values)


def days() -> list[date]:
    chance = random.Random(2)
    return [FIRST_DAY + timedelta(chance.randrange(700)) for _ in range(ROWS)]


@pytest.mark.parametrize(
    "pattern",
    [
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%y",
        "%Y/%m/%d",
        "%d %b %Y",
        "%B %d, %Y",
        "%d-%b-%y",
        "%Y%m%d",
        "%a, %d %b %Y",
    ],
)
def test_dates(pattern: str) -> None:
    prepared = dataset([day.strftime(pattern) for day in days()])
    assert prepared.kinds == {"x": "date"}
    assert prepared.typed["x"].tolist() == [(day - date(1970, 1, 1)).days for day in days()]
    assert all("'x'" in warning for warning in prepared.warnings)


def test_the_seconds_since_1970_are_dates_and_that_is_said() -> None:
    seconds = [1_600_000_000 + 86_400 * index for index in range(ROWS)]
    prepared = dataset(list(map(str, seconds)))
    assert prepared.kinds == {"x": "date"}
    assert prepared.typed["x"].tolist() == [second / 86_400 for second in seconds]
    assert "column 'x' is read as seconds since 1970; if it is a number, set KINDS='x=number'" in prepared.warnings
    assert dataset(list(map(str, seconds)), kinds={"x": "number"}).kinds == {"x": "number"}


def test_days_that_leave_the_order_open_are_read_as_the_file_has_it_or_said() -> None:
    early = [f"{index % 12 + 1:02}/{index % 7 + 1:02}/2023" for index in range(ROWS)]
    others = {"y": [day.strftime("%m/%d/%Y") for day in days()]}
    assert dataset(early, others=others).readings["x"].form == "mdy"
    alone = dataset(early)
    assert alone.readings["x"].form == "dmy"
    assert "'01/01/2023' is" not in " ".join(alone.warnings)
    assert "column 'x' is read so that '02/02/2023'" not in " ".join(alone.warnings)
    (warning,) = [warning for warning in alone.warnings if "is read so that" in warning]
    assert "KINDS='x=date:mdy'" in warning
    assert dataset(early, kinds={"x": "date:mdy"}).warnings == []


def test_thousands_are_told_from_decimals() -> None:
    whole = [round(value) for value in amounts()]
    points = [f"{value:,}".replace(",", ".") for value in whole]
    prepared = dataset(points)
    assert prepared.typed["x"].tolist() == whole
    assert "if that is wrong, set KINDS='x=number:us'" in prepared.warnings[0]
    milli = [f"{1 + value / 1000:.3f}" for value in range(ROWS)]
    others = {"y": [f"{value:.2f}" for value in amounts()]}
    assert dataset(milli, others=others).typed["x"].tolist() == list(map(float, milli))
    assert dataset([f"{value:.3f}" for value in amounts(3)]).warnings == []


@pytest.mark.parametrize(
    "word", ["?", ".", "--", r"\N", "#DIV/0!", "#VALUE!", "(null)", "<NA>", "n.v.t.", "NaT", "unknown"]
)
def test_words_for_missing_values(word: str) -> None:
    texts = [word if index % 20 == 0 else str(value) for index, value in enumerate(amounts())]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "number"}
    assert prepared.typed["x"].isna().sum() == ROWS / 20
    (warning,) = prepared.warnings
    assert f"in 15 of 300 rows it is none, and missing: {word!r} (row 1)" in warning


def test_a_date_of_zeros_is_missing() -> None:
    texts = ["0000-00-00", *(day.isoformat() for day in days()[1:])]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "date"}
    assert np.flatnonzero(prepared.typed["x"].isna()).tolist() == [0]


def test_a_few_odd_values_are_missing_and_named() -> None:
    texts = [*map(str, amounts()[:-2]), "ask Bob", "12.5 pcs"]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "number"}
    assert np.flatnonzero(prepared.typed["x"].isna()).tolist() == [ROWS - 2, ROWS - 1]
    assert "missing: 'ask Bob' (row 299), '12.5 pcs' (row 300)" in prepared.warnings[-1]


def test_a_column_that_is_often_odd_is_a_category_and_that_is_said() -> None:
    texts = [str(index % 9) if index % 5 else f"size {index % 3}" for index in range(ROWS)]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "category"}
    (warning,) = prepared.warnings
    assert warning.startswith("column 'x' is no number: 80% are, 'size 0', ")
    assert "KINDS='x=number' makes those missing" in warning
    assert dataset(texts, kinds={"x": "number"}).typed["x"].isna().sum() == ROWS / 5


def test_a_kind_that_no_value_is_of_is_refused() -> None:
    with pytest.raises(Refused, match="column 'x' is of no date: it has 'blue'"):
        dataset(["blue", "red"] * 150, kinds={"x": "date"})


@pytest.mark.parametrize(
    ("own", "multiple", "ratio"),
    [
        ("GB", "MB", 1e3),
        ("kg", "g", 1e3),
        ("m", "cm", 100),
        ("M", "k", 1e3),
        ("Crore", "Lakh", 100),
        ("MiB", "KiB", 1024),
    ],
)
@pytest.mark.parametrize("before", ["", "$"])
def test_multiples_of_a_unit_are_converted_and_said(own: str, multiple: str, ratio: float, before: str) -> None:
    values = [round(value / 1000, 3) for value in amounts()]
    texts = [
        f"{before}{value * ratio:.4f} {multiple}" if index % 4 == 0 else f"{before}{value} {own}"
        for index, value in enumerate(values)
    ]
    prepared = dataset(texts)
    np.testing.assert_allclose(prepared.typed["x"], values, rtol=1e-3)
    unit, other = (f"{before} {each}".strip() for each in (own, multiple))
    (warning,) = prepared.warnings
    assert warning == f"column 'x' is read in {unit} (225 rows); converted from its multiples are {other} (75)"


def test_amounts_without_a_magnitude_are_converted_too() -> None:
    texts = [("€5M", "€600K", "€0", "€1,500")[index % 4] for index in range(ROWS)]
    prepared = dataset(texts)
    assert prepared.typed["x"].head(4).tolist() == [5e6, 6e5, 0, 1500]
    assert "converted from its multiples are" in " ".join(prepared.warnings)


@pytest.mark.parametrize("pattern", ["%Y%m%d%H%M", "%Y%m%d%H%M%S"])
def test_moments_as_digits_are_dates_and_that_is_said(pattern: str) -> None:
    prepared = dataset([f"{day:{pattern}}" for day in days()])
    assert prepared.typed["x"].tolist() == [(day - date(1970, 1, 1)).days for day in days()]
    assert "if it is a number, set KINDS='x=number'" in prepared.warnings[0]


@pytest.mark.parametrize(("positive", "negative"), [("° N", "° S"), ("E", "W"), (" Cr", " Dr")])
def test_a_letter_that_is_a_sign_is_one(positive: str, negative: str) -> None:
    values = [value * (1 if index % 3 else -1) for index, value in enumerate(amounts())]
    prepared = dataset([f"{abs(value):.2f}{negative if value < 0 else positive}" for value in values])
    assert prepared.typed["x"].tolist() == values
    assert f"{negative.strip()} (100)" in prepared.warnings[0]


@pytest.mark.parametrize("pattern", ["{}/5", "{} / 10", "{} out of 10"])
def test_ratings_are_numbers(pattern: str) -> None:
    values = [index % 45 / 10 + 0.5 for index in range(ROWS)]
    prepared = dataset([pattern.format(value) for value in values])
    assert prepared.typed["x"].tolist() == values
    assert prepared.warnings == []


def test_units_that_differ_are_said() -> None:
    texts = [f"{value:.1f} {'kg' if index % 50 else 'pcs'}" for index, value in enumerate(amounts())]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "number"}
    assert prepared.typed["x"].isna().sum() == ROWS / 50
    assert "column 'x' is read in kg (294 rows); in other units, and missing, are pcs (6)" in prepared.warnings


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["T", "F"], "boolean"),
        (["Y", "N"], "boolean"),
        (["ja", "nein"], "boolean"),
        (["on", "off"], "boolean"),
        (["True", "False", "1", "0"], "boolean"),
        (["T", "F", "Y", "N"], "category"),
        (["yes", "nein"], "category"),
        (["1001", "1002", "0999"], "category"),
        (["1099511627776123457", "1099511627776123458", "1099511627776123459"], "category"),
        (["3a", "3b", "4c"], "category"),
        (["10-20", "20-30"], "category"),
        (["1.0", "2.0"], "number"),
    ],
    ids=str,
)
def test_codes_and_booleans(texts: list[str], kind: str) -> None:
    assert dataset([texts[index % len(texts)] for index in range(ROWS)]).kinds == {"x": kind}


def test_whole_numbers_are_one_category_however_they_are_written() -> None:
    prepared = dataset([("1", "1.0", "2", "2.00")[index % 4] for index in range(ROWS)], kinds={"x": "category"})
    assert sorted(set(prepared.typed["x"])) == ["1", "2"]


def test_letters_with_marks_are_one_category_however_they_are_written() -> None:
    cities = [("Köln", "Málaga")[index // 2 % 2] for index in range(ROWS)]
    prepared = dataset([unicodedata.normalize(("NFC", "NFD")[index % 2], city) for index, city in enumerate(cities)])
    assert prepared.typed["x"].tolist() == cities


def test_times_of_day_are_hours() -> None:
    prepared = dataset([f"{index % 24}:{index % 60:02}" for index in range(ROWS)])
    assert prepared.kinds == {"x": "number"}
    hours = [index % 24 + index % 60 / 60 for index in range(ROWS)]
    np.testing.assert_allclose(prepared.typed["x"], hours, rtol=1e-12)


def test_an_amount_of_money_is_a_target() -> None:
    table = csv_bytes(["x", "price"], [[str(index), f"${index * 10:,}"] for index in range(200, 400)], ";")
    prepared = prepare(read_table(table, "t.csv"), Settings("price"), "t.csv")
    assert prepared.task == "regression"
    assert prepared.target.tolist() == [index * 10 for index in range(200, 400)]


def test_long_numbers_are_classes_to_the_last_digit() -> None:
    ids = ["1099511627776123457", "1099511627776123458", "1099511627776123459"]
    table = csv_bytes(["x", "item"], [[str(index % 10), ids[index % 3]] for index in range(90)])
    prepared = prepare(read_table(table, "t.csv"), Settings("item"), "t.csv")
    assert prepared.classes == ids


@pytest.mark.parametrize(("rare", "form"), [("8", "whole"), ("007", ""), ("A7", "")])
def test_categories_are_whole_numbers_if_the_rare_ones_are_too(rare: str, form: str) -> None:
    prepared = dataset([*"123" * 99, rare], kinds={"x": "category"})
    (column,) = prepared.columns({"x": ["1", "2", "3"]})
    assert (column.kind, column.form) == ("category", form)
