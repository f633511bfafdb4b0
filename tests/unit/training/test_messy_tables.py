"""Messy tables as a whole: targets, ids and times as people write them, rows that are no rows."""

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from function_code.registry import Registry
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.publish import publish
from function_code.training.run import fit
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.batch_folders import scored
from tests.support.columns import FIRST_DAY, ROWS, amounts, dataset
from tests.support.tables import briefly, csv_bytes

LONG_IDS = ["7300000000000000101", "7300000000000000102", "7300000000000000103"]


def quiet(line: str) -> None:
    """Says nothing."""


def target_of(texts: list[str], **settings: Any) -> PreparedDataset:
    """The dataset whose target is written so, beside a number."""
    data = csv_bytes(["x", "y"], [[index % 17, text] for index, text in enumerate(texts)], ";")
    return prepare(read_table(data, "t.csv"), Settings("y", **settings), "t.csv")


@pytest.mark.parametrize(
    "written",
    [
        lambda value: f"${round(value, -2):,.0f}",
        lambda value: f"{round(value, -2):,.0f} EUR",
        lambda value: f"£{value:,.2f}",
        lambda value: f"{value:,.2f}".replace(",", "'"),
    ],
)
def test_amounts_are_a_regression_though_few_differ(written: Any) -> None:
    prepared = target_of([written(value) for value in amounts()])
    assert prepared.task == "regression"
    assert np.corrcoef(prepared.target, amounts())[0, 1] > 0.999


@pytest.mark.parametrize(
    ("labels", "task", "classes"),
    [
        (["T", "F", "Y", "N"], "multiclass", ["F", "N", "T", "Y"]),
        (["-1", "1"], "binary", [-1, 1]),
        (["Low", "None", "High"], "multiclass", ["High", "Low", "None"]),
        (["NA", "ZA"], "binary", ["NA", "ZA"]),
        (LONG_IDS, "multiclass", LONG_IDS),
        (["007", "008"], "binary", ["007", "008"]),
    ],
    ids=str,
)
def test_labels_stay_what_they_are(labels: list[str], task: str, classes: list[Any]) -> None:
    prepared = target_of([labels[index % len(labels)] for index in range(ROWS)])
    assert (prepared.task, prepared.classes) == (task, classes)


@pytest.mark.parametrize("word", ["N/A", "n.a.", "#N/A", "?"])
def test_yes_or_no_or_not_known(word: str) -> None:
    prepared = target_of([("yes", "no", word)[index % 3] for index in range(ROWS)])
    assert prepared.classes == ["no", "yes"]
    assert "rows without a 'y' were left out: 100 of 300" in " ".join(prepared.warnings)


@pytest.mark.parametrize(
    ("spellings", "listed"),
    [
        (["Yes", "yes ", "NO", "no"], "'NO', 'Yes', 'no', 'yes'"),
        (["true", "TRUE", "false"], "'TRUE', 'false', 'true'"),
        (["ja", "nein", "Nein"], "'Nein', 'ja', 'nein'"),
    ],
    ids=str,
)
def test_spellings_of_a_class_that_are_put_together_are_said(spellings: list[str], listed: str) -> None:
    prepared = target_of([spellings[index % len(spellings)] for index in range(ROWS)])
    assert len(prepared.classes) == 2
    assert prepared.warnings == [f"the target 'y' is yes or no in other spellings, too: {listed}"]
    assert target_of([("Yes", "no")[index % 2] for index in range(ROWS)]).warnings == []


def test_what_is_owned_is_left_out_to_the_last_digit(registry: Registry) -> None:
    chance = random.Random(2)
    rows = [[chance.randrange(3), chance.choice(["", *LONG_IDS]), LONG_IDS[index % 3]] for index in range(120)]
    version = fit(csv_bytes(["x", "has", "next"], rows), "t.csv", briefly("next", owned="has"), quiet)
    registry.promote(publish(version, registry).version)
    folder = scored(registry, csv_bytes(["x", "has"], [[1, owned] for owned in LONG_IDS]))
    for owned, row in zip(LONG_IDS, folder.scores, strict=True):
        assert row["label"] in set(LONG_IDS) - {owned}


def test_the_latest_rows_by_days_that_are_written_day_first() -> None:
    days = [FIRST_DAY + timedelta(7 * (index % 60)) for index in range(ROWS)]
    prepared = dataset([f"{day:%d.%m.%Y}" for day in days], time="x")
    assert prepared.times is not None
    assert prepared.times.tolist() == [(day - date(1970, 1, 1)).days for day in days]


def test_moments_of_several_zones_are_of_one() -> None:
    zones = ["Z", "+02:00", "-05:00"]
    prepared = dataset([f"2024-01-{index % 28 + 1:02}T12:00:00{zones[index % 3]}" for index in range(ROWS)])
    assert prepared.kinds == {"x": "date"}
    hours = (prepared.typed["x"] % 1 * 24).round(6)
    assert hours[:3].tolist() == [12, 10, 17]


def test_a_second_header_is_a_row_that_is_said() -> None:
    rows = [["Age in years", "Spent last year (EUR)", "Did they buy?"]]
    rows += [[str(index % 50 + 20), str(amounts()[index]), "yn"[index % 2]] for index in range(ROWS)]
    prepared = prepare(read_table(csv_bytes(["age", "spend", "buys"], rows), "t.csv"), Settings("buys"), "t.csv")
    assert prepared.kinds == {"age": "number", "spend": "number"}
    warnings = " ".join(prepared.warnings)
    for text in ("'Age in years' (row 1)", "'Spent last year (EUR)' (row 1)", "'buys'"):
        assert text in warnings


@pytest.mark.parametrize("header", [["", "x", "y"], ["x", "y", ""]])
def test_columns_without_a_name_are_not_used_and_may_be_in_files(registry: Registry, header: list[str]) -> None:
    rows = [{"": index, "x": index % 7, "y": "ab"[index % 2]} for index in range(60)]
    data = csv_bytes(header, [[row[name] for name in header] for row in rows])
    version = fit(data, "t.csv", briefly("y"), quiet)
    unnamed = f"unnamed column {header.index('') + 1}"
    assert [column.name for column in version.schema.features] == ["x"]
    assert any(f"column {unnamed!r} is not used: it has no name" in line for line in version.manifest["warnings"])
    used = Settings("y", kinds={unnamed: "number"})
    assert set(prepare(read_table(data, "t.csv"), used, "t.csv").kinds) == {"x", unnamed}
    registry.promote(publish(version, registry).version)
    for columns in (["x"], ["", "x"], ["x", ""], header):
        folder = scored(registry, csv_bytes(columns, [[row[name] for name in columns] for row in rows]))
        assert folder.summary["scored"] == 60


def test_a_nul_within_a_text_is_a_rare_category() -> None:
    texts = [("north", "south")[index % 2] for index in range(ROWS)]
    texts[250] = "no\0rth"
    prepared = dataset(texts)
    assert prepared.kinds == {"x": "category"}
    assert prepared.typed["x"].value_counts().to_dict() == {"south": 150, "north": 149, "no\0rth": 1}


def test_a_flag_that_is_there_or_not_is_a_category() -> None:
    prepared = dataset(["x" if index % 3 else "" for index in range(ROWS)])
    assert prepared.kinds == {"x": "category"}
    assert prepared.columns({"x": ["x"]})[0].nullable


def test_formulas_that_keep_codes_as_texts_are_those_codes() -> None:
    prepared = dataset([f'"=""0{index % 7}890"""' if index % 2 else f"0{index % 7}890" for index in range(ROWS)])
    assert prepared.kinds == {"x": "category"}
    assert sorted(set(prepared.typed["x"])) == [f"0{digit}890" for digit in range(7)]


def test_ids_are_echoed_to_the_last_digit(registry: Registry) -> None:
    rows = [[f"{index:05}", f"10995116277761{index:05}", index % 7, "ab"[index % 2]] for index in range(60)]
    header = ["row", "customer", "x", "target"]
    settings = briefly("target", id=("row", "customer"))
    registry.promote(publish(fit(csv_bytes(header, rows), "t.csv", settings, quiet), registry).version)
    folder = scored(registry, csv_bytes(header[:-1], [row[:-1] for row in rows]))
    assert [[row["id_row"], row["customer"]] for row in folder.scores] == [row[:2] for row in rows]
