"""Columns of texts as values: what kind they are, and what becomes of each text."""

import numpy as np
import pandas as pd
import pytest

from function_code.errors import Refused
from function_code.training import leaks
from function_code.training.dataset import prepare
from function_code.training.kinds.infer import infer
from function_code.training.kinds.values import values
from function_code.training.settings import Settings
from function_code.training.split import split
from function_code.training.table import read_table
from tests.support.tables import csv_bytes

NAN = float("nan")
NUMBERS = [f"{number}.5" for number in range(60)]


def column(*texts: str) -> pd.Series:
    return pd.Series(texts, dtype="str", name="column")


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2.5", "", " 3e4 "], "number"),
        ([*NUMBERS, "NA", "n/a ", "None", "-"], "number"),
        ([*NUMBERS, "inf"], "number"),
        ([*NUMBERS, "007"], "id"),
        ([*NUMBERS * 3, "-00.5"], "number"),
        ([*NUMBERS * 3, "-005"], "category"),
        ([*NUMBERS * 3, "1_000"], "number"),
        ([*NUMBERS * 3, "seven"], "number"),
        ([*NUMBERS * 3, *("seven", "eight", "nine", "ten")], "category"),
        (["yes", "NO", "", "null"], "boolean"),
        (["2025-01-31", "", "2024-02-29T12:00:00Z"], "date"),
        (["NA", "nan", ""], "category"),
        (["", " "], ""),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[-4:]),
)
def test_kinds(texts: list[str], kind: str) -> None:
    assert infer(column(*texts)).kind == kind


@pytest.mark.parametrize(
    ("texts", "kind", "expected"),
    [
        (["1", " 2.5 ", "", "1e400", "-inf", "nan"], "number", [1.0, 2.5, NAN, NAN, NAN, NAN]),
        (["1", "NA", "None", " - ", "", "0.1"], "number", [1.0, NAN, NAN, NAN, NAN, 0.1]),
        (
            ["0.30000000000000004", "9007199254740993", "-0.0"],
            "number",
            [0.30000000000000004, 9007199254740992.0, -0.0],
        ),
        (["yes", "", " NO ", "null", "t"], "boolean", [1.0, NAN, 0.0, NAN, 1.0]),
        (["1970-01-02", "", "1970-01-01T12:00:00Z", "n/a"], "date", [1.0, NAN, 0.5, NAN]),
    ],
    ids=str,
)
def test_numbers_from_texts(texts: list[str], kind: str, expected: list[float]) -> None:
    numbers = values(column(*texts), kind).to_numpy()
    np.testing.assert_array_equal(numbers, np.array(expected))
    np.testing.assert_array_equal(np.signbit(numbers), np.signbit(expected))


def test_categories_keep_their_words() -> None:
    assert values(column(" a ", "NA", "", "nan", "a"), "category").tolist() == ["a", "NA", "", "nan", "a"]


@pytest.mark.parametrize("wrong", ["x", "1_000", "0x1p3"])
def test_the_row_of_a_value_of_another_kind_is_named(wrong: str) -> None:
    with pytest.raises(Refused, match=rf"column 'column' is of kind number, but row 4 has '{wrong}'"):
        values(column("1", "NA", "1", wrong, "2", wrong), "number")


def test_the_kept_index_is_the_given_one() -> None:
    part = column("1", "", "3")[1:]
    assert values(part, "number").index.tolist() == values(part, "category").index.tolist() == [1, 2]


def test_a_feature_that_is_the_class_is_noticed_among_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "MAX_ROWS", 500)
    rows = [[f"{index % 89}", f"code {index % 3}", "abc"[index % 3]] for index in range(3000)]
    dataset = prepare(read_table(csv_bytes(["number", "code", "target"], rows), "f"), Settings("target"), "f")
    (warning,) = leaks.warnings(dataset, *split(dataset, np.arange(3000), "hold-out"))
    assert "'code' alone predicts 100.0 %" in warning


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [("timestamp", 1, "date"), ("createdAt", 1000, "date"), ("x", 1, "number"), ("revenue", 1000, "number")],
)
def test_seconds_before_2000_are_moments_where_the_name_says_so(name: str, unit: int, kind: str) -> None:
    texts = [str((881_250_949 + 7_919 * number) * unit) for number in range(60)]
    assert infer(pd.Series(texts, name=name)).kind == kind
