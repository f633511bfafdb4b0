"""Values that stand for missing ones: numbers that look like it are said, and named ones are missing everywhere."""

import random
import shlex
from typing import Any

import pytest

from function_code.column import Column
from function_code.data.json_value import json_value
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.kinds.reading import missing_setting
from function_code.training.publish import publish
from function_code.training.run import fit
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.batch_folders import scored
from tests.support.columns import ROWS, dataset
from tests.support.tables import briefly, csv_bytes
from tools.settings import as_config


def drawn(low: float, high: float, digits: int = 0) -> list[str]:
    chance = random.Random(3)
    return [f"{chance.uniform(low, high):.{digits}f}" for _ in range(ROWS)]


def with_every(tenth: str, texts: list[str]) -> list[str]:
    return [tenth if index % 10 == 3 else text for index, text in enumerate(texts)]


def mentions(prepared: PreparedDataset) -> list[str]:
    return [warning for warning in prepared.warnings if "stands for missing" in warning]


def typed_in(setting: str) -> Any:
    return as_config({"missing": shlex.split(setting)[0]})["missing"]["objectValue"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("-999", drawn(0, 60)),
        ("-999.0", drawn(-20, 60, 1)),
        ("-1", drawn(0, 60)),
        ("999", drawn(0, 27)),
        ("99", drawn(1, 20)),
        ("9999", drawn(100, 900)),
        ("-99,0", [text.replace(".", ",") for text in drawn(1, 9, 1)]),
        ("2147483647", drawn(0, 5000)),
        ("-32768", drawn(-100, 100)),
        ("-3.4028235e+38", drawn(0, 1, 3)),
    ],
)
def test_numbers_that_look_like_it_are_said_and_kept(text: str, texts: list[str]) -> None:
    prepared = dataset(with_every(text, texts))
    (warning,) = mentions(prepared)
    assert warning.startswith(f"column 'x' has {text!r} in 30 rows, beside ")
    item = f"x={text}"
    assert warning.endswith(f"set MISSING='\"{item}\"'" if "," in text else f"set MISSING='{item}'")
    assert prepared.typed["x"].notna().all()
    named = dataset(with_every(text, texts), missing={"x": text})
    assert named.typed["x"].isna().sum() == 30
    assert mentions(named) == []
    assert any(f"{text!r} in 30 rows, and is missing there" in warning for warning in named.warnings)


def test_several_of_a_column_are_said_at_once() -> None:
    prepared = dataset(
        ["7777" if index % 9 == 2 else text for index, text in enumerate(with_every("9999", drawn(0, 50)))]
    )
    assert mentions(prepared)[0].endswith("set MISSING='x=9999|7777'")


@pytest.mark.parametrize(
    "texts",
    [
        with_every("0", drawn(100, 110)),
        with_every("99", drawn(0, 98)),
        with_every("999", drawn(100, 990)),
        with_every("50", drawn(1, 9)),
        ["01"[index % 2] for index in range(ROWS)],
        ["999" if index == 5 else text for index, text in enumerate(drawn(0, 60))],
        drawn(-1, 25),
    ],
)
def test_usual_numbers_are_not_mentioned(texts: list[str]) -> None:
    assert mentions(dataset(texts)) == []


def test_a_target_is_looked_at_too() -> None:
    rows = [[str(index), text] for index, text in enumerate(with_every("-999", drawn(0, 60, 2)))]
    table = read_table(csv_bytes(["x", "y"], rows), "t.csv")
    (warning,) = mentions(prepare(table, Settings("y"), "t.csv"))
    assert warning.endswith("set MISSING='y=-999'")
    prepared = prepare(table, Settings("y", missing={"y": "-999"}), "t.csv")
    assert len(prepared.target) == ROWS - 30
    assert "rows without a 'y' were left out: 30 of 300" in prepared.warnings


def test_any_kind_may_have_one() -> None:
    words = [("red", "blue", "Unknown", "green")[index % 4] for index in range(ROWS)]
    assert (dataset(words, missing={"x": "Unknown|none"}).typed["x"] == "").sum() == ROWS / 4
    days = with_every("1900-01-01", [f"2024-0{1 + index % 9}-10" for index in range(ROWS)])
    assert dataset(days, missing={"x": "1900-01-01"}).typed["x"].isna().sum() == 30


@pytest.mark.parametrize(
    "texts",
    [
        with_every("31/12/9999", [f"{1 + index % 28}/{1 + index % 12}/2023" for index in range(ROWS)]),
        with_every("-99,0", [text.replace(".", ",") for text in drawn(1, 9, 1)]),
        ["9999" if index % 9 == 2 else text for index, text in enumerate(with_every("7777", drawn(0, 50)))],
    ],
)
def test_the_setting_that_is_said_mends_what_it_is_said_of(texts: list[str]) -> None:
    (warning,) = mentions(dataset(texts))
    assert mentions(dataset(texts, missing=typed_in(warning.rpartition("MISSING=")[2]))) == []


@pytest.mark.parametrize("text", ["N/A", "n.a., or none", 'so-called "other"'])
def test_a_text_with_marks_in_it_stands_for_missing_as_a_whole(text: str) -> None:
    words = [(text, "N", "A", "n")[index % 4] for index in range(ROWS)]
    prepared = dataset(words, missing=typed_in(missing_setting("x", [text]).removeprefix("MISSING=")))
    assert prepared.typed["x"].value_counts().to_dict() == {"": 75, "N": 75, "A": 75, "n": 75}


def test_one_that_is_not_there_is_said() -> None:
    assert (
        "column 'x' has no '-9', which stands for missing by the setting MISSING"
        in dataset(drawn(0, 60), missing={"x": "-9"}).warnings
    )
    with pytest.raises(Refused, match="missing names the column 'y', which"):
        dataset(drawn(0, 60), missing={"y": "-9"})


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column("x", "number", True, 1, odd=["-999"]), -999, None),
        (Column("x", "number", True, 1, odd=["-999", "n.v."]), -999.0, None),
        (Column("x", "number", True, 1, odd=["-999"]), 999, 999.0),
        (Column("x", "category", True, "a", odd=["?"]), " ? ", None),
        (Column("x", "category", True, "a", odd=["?"]), "a", "a"),
    ],
)
def test_requests_have_it_too(column: Column, value: Any, expected: Any) -> None:
    convert = column.converter()
    for read in (value, json_value(value, column), json_value(str(value), column)):
        converted = None if read is None else convert(read)
        assert converted == expected or (expected is None and (converted == "" or converted != converted))


def test_whole_files_have_it_too(registry: Registry) -> None:
    rows = [[text, f"{float(text) + index % 3:.1f}"] for index, text in enumerate(drawn(0, 60))]
    holed = [["-999.0" if index % 10 == 3 else x, y] for index, (x, y) in enumerate(rows)]
    version = fit(csv_bytes(["x", "y"], holed), "t.csv", briefly("y", missing={"x": "-999"}), lambda line: None)
    registry.promote(publish(version, registry).version)
    of_word, of_gap = (scored(registry, csv_bytes(["x", "y"], [["5", ""], [text, ""]])) for text in ("-999.0", ""))
    assert of_word.scores == of_gap.scores
    assert of_word.rejects == of_gap.rejects == []
