"""Columns that look like numbers or dates and are none, and what is said where it can't be known."""

import pytest

from function_code.training.dataset import prepare
from function_code.training.kinds.reading import setting
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.columns import ROWS, amounts, dataset
from tests.support.tables import csv_bytes


@pytest.mark.parametrize(
    "texts",
    [
        [f"+48 570 963 {index:03}" for index in range(ROWS)],
        [f"691 306 {index:03}" for index in range(ROWS)],
        ["1", "1-", "2+", "2-", "3"] * 60,
        [f"CUP-{index % 40}" for index in range(ROWS)],
        [f"{2001 + index % 11}-{2 + index % 11:02}" for index in range(ROWS)],
        [f"{index % 9 + 1}/{index % 7 + 2}" for index in range(ROWS)],
        [f"{index % 40 + 10}E{index % 7}" for index in range(ROWS)],
        [f"KW {index % 52 + 1}/2021" for index in range(ROWS)],
        [f"Junior {2000 + index % 20}" for index in range(ROWS)],
        [f"{index % 9 + 1}-1994" for index in range(ROWS)],
        ["10" * 2250 + str(index) for index in range(60)] * 5,
        [f"12{' ' * 500}x {index % 9}" for index in range(ROWS)],
    ],
    ids=lambda texts: str(texts[1])[:20],
)
def test_codes_that_look_like_amounts_or_dates(texts: list[str]) -> None:
    readings = dataset(texts, others={"y": list(map(str, range(len(texts))))}).readings
    assert readings["x"].kind in ("category", "id")


CODES: dict[str, list[str]] = {
    "version numbers": [f"{a}.{b}.{c}" for a in (1, 2) for b in range(10) for c in range(6)],
    "letters before versions": [f"R{a}.{a}.{a}" for a in range(1, 6)],
    "shelves": [f"S{a}/{b}/{c}" for a in range(1, 5) for b in range(1, 4) for c in range(1, 5)],
    "shelves up to 30": [f"H{a}.{b}.{c}" for a in range(10, 31) for b in range(1, 12) for c in range(1, 31)],
    "terms": [f"T{a} {year}" for a in (1, 2, 3) for year in range(2000, 2010)],
    "lamps": [f"LED {inches}" for inches in (32, 40, 43, 50, 55, 65)],
    "numbered lamps": [f"led-{a}" for a in range(10, 30)],
    "products": [f"PRO-{a:03}" for a in range(1, 32)],
    "four names of products": [f"{name}-{a:03}" for name in ("PRO", "SET", "MAR", "LED") for a in range(1, 32)],
    "sets": [f"SET-{a:02}" for a in range(1, 13)],
    "sets and cards": [f"{name}-{a:02}" for name in ("SET", "MAR") for a in range(1, 12)],
    "markets": [f"MAR-{a}" for a in range(10, 40)],
    "appliances": [f"APR-{a:02}" for a in range(1, 30)],
    "generations": [f"gen{a:02}" for a in range(1, 9)],
    "a word before parts": [f"Model {a}/{b}/{c}" for a in range(1, 5) for b in range(1, 6) for c in range(10, 16)],
    "two words before parts": [f"{a} {b}.10.{c}" for a in ("FW", "HW") for b in range(1, 9) for c in range(10, 31)],
    "many words before parts": [
        f"{chr(65 + a // 26)}{chr(65 + a % 26)} {a % 12 + 1}.{a % 9 + 1}.{a % 20 + 20}" for a in range(150)
    ],
    "rooms": [f"A{floor}.{room:02}" for floor in range(4) for room in range(1, 25)],
    "scores": [f"{a}-{b}" for a in range(6) for b in range(6)],
    "ranges": ["01-05", "06-10", "11-15", "16-20"],
    "phone numbers": [f"555-{1000 + 37 * a}" for a in range(200)],
    "phone numbers in pairs": [f"06.{10 + a % 89}.{10 + a % 19}.{10 + a % 23}.{10 + a % 7}" for a in range(200)],
    "postal codes": [f"{10 + a % 89}-{100 + a}" for a in range(200)],
    "longer postal codes": [f"{10_000 + 97 * a}-{1000 + a}" for a in range(200)],
    "tyres": [f"{a}/{b} R{c}" for a in (195, 205) for b in (55, 60) for c in (15, 16, 17)],
    "addresses": [f"10.0.{a % 9}.{a}" for a in range(200)],
}


@pytest.mark.parametrize("name", CODES)
def test_codes_are_no_dates_and_no_numbers(name: str) -> None:
    codes = CODES[name]
    texts = [codes[7 * index % len(codes)] for index in range(ROWS)]
    others = {"y": [str(index) for index in range(ROWS)]}
    assert dataset(texts, others=others).readings["x"].kind not in ("date", "number")


@pytest.mark.parametrize(
    "codes",
    [
        [f"S{a}-{year}" for a in (1, 2) for year in range(2010, 2020)],
        [f"K{a}{year}" for a in (1, 2, 3, 4) for year in range(2015, 2022)],
        [f"20{a}M{b:02}" for a in range(10, 15) for b in range(1, 13)],
        [f"{a} MAI {b}" for a in range(1, 29) for b in range(10, 30)],
        [f"Model {a}/{b}/{c}" for a in range(1, 5) for b in range(1, 6) for c in range(2010, 2016)],
        [f"{a}-{year}" for a in (10, 11, 12) for year in range(1990, 2030)],
        [f"{a}.{b}.{c}" for a in range(14, 19) for b in range(1, 6) for c in range(10, 30)],
    ],
    ids=lambda codes: codes[0],
)
def test_dates_that_may_be_codes_are_said(codes: list[str]) -> None:
    texts = [codes[7 * index % len(codes)] for index in range(ROWS)]
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "date"}
    assert "if it is a code, set KINDS='x=category'" in " ".join(prepared.warnings)
    assert "if it is a code" not in " ".join(dataset(texts, kinds={"x": "date"}).warnings)


@pytest.mark.parametrize("letter", ["E", "D", "x"])
def test_a_letter_behind_each_number_is_said(letter: str) -> None:
    assert dataset([f"{index % 40}{letter}" for index in range(ROWS)]).warnings == [
        f"column 'x' is read in {letter}, as a unit; if these are codes, set KINDS='x=category'"
    ]
    assert dataset([f"{index % 40} {letter}" for index in range(ROWS)]).warnings == []


def test_brackets_around_every_value_are_no_minus() -> None:
    assert dataset([f"({index % 90})" for index in range(ROWS)]).kinds == {"x": "category"}


@pytest.mark.parametrize("odd", ["5E101", "about 5"])
def test_a_few_codes_or_texts_do_not_change_a_column(odd: str) -> None:
    prepared = dataset([*map(str, range(1, ROWS)), odd])
    assert prepared.kinds == {"x": "number"}
    assert f"missing: {odd!r} (row 300)" in " ".join(prepared.warnings)


def test_zeros_before_a_decimal_are_no_code() -> None:
    assert dataset([*map(str, amounts()[1:]), "007.5"]).kinds == {"x": "number"}


def test_a_convention_that_one_value_alone_proves_is_said() -> None:
    prepared = dataset([*(f"{3 + index / 1000:.3f}" for index in range(ROWS - 1)), "12,5"])
    assert "is read so that '3.000' is 3000; if that is wrong, set KINDS='x=number:us'" in prepared.warnings[0]


def test_rows_without_a_unit_beside_others_with_one_are_said() -> None:
    prepared = dataset([f"{index}kg" if index % 3 else str(index) for index in range(ROWS)])
    assert "column 'x' is read in kg (200 rows); so are 99 rows that don't say so" in prepared.warnings


def test_texts_of_marks_alone_are_a_category() -> None:
    texts = ["".join("!?.*"[index // 4**place % 4] for place in range(6)) for index in range(ROWS * 2)]
    assert dataset(texts).readings["x"].kind == "category"


def test_times_that_may_be_something_else_are_said() -> None:
    prepared = dataset([f"{index % 40}:{index % 60:02}" for index in range(ROWS)])
    assert "column 'x' is read so that '24:24' is 24.4 hours" in prepared.warnings[0]
    assert dataset([f"{index % 12 + 1} {'ap'[index % 2]}m" for index in range(ROWS)]).kinds == {"x": "number"}


def test_dates_with_gaps_as_pandas_writes_whole_numbers_are_numbers() -> None:
    texts = [f"{20230401 + index % 28}.0" if index % 20 else "" for index in range(ROWS)]
    assert dataset(texts, others={"y": [str(index) for index in range(ROWS)]}).kinds["x"] == "number"


def test_a_target_that_looks_like_dates_is_predicted_as_a_number() -> None:
    rows = [[index, 1_000_000_000 + index * 86_400] for index in range(100)]
    prepared = prepare(read_table(csv_bytes(["x", "revenue"], rows), "t.csv"), Settings("revenue"), "t.csv")
    assert prepared.task == "regression"


def test_capital_hashtags_are_not_missing() -> None:
    prepared = dataset([str(index) if index % 3 else "#SALE" for index in range(ROWS)], kinds={"x": "number"})
    assert "missing: '#SALE' (row 1)" in prepared.warnings[0]


def test_the_setting_of_a_column_with_commas_can_be_typed() -> None:
    assert setting("Revenue, net", "number", "eu") == "KINDS='\"Revenue, net=number:eu\"'"
