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
    prepared = dataset([f"{index}K" if index % 3 else str(index) for index in range(ROWS)])
    assert "column 'x' is read in K (200 rows); so are 99 rows that don't say so" in prepared.warnings


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
