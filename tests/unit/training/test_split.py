"""Held-out rows follow from the rows themselves, whole groups or the latest times."""

import random
from typing import Any

import numpy as np
import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.run import train
from function_code.training.settings import Settings
from function_code.training.split import folds, split
from function_code.training.table import read_table
from tests.support.tables import csv_bytes, rows

HEADER = ["user", "group", "day", "a", "target"]


def make(count: int) -> list[list[Any]]:
    numbered = rows(count, lambda chance: [chance.random(), int(chance.random() < 0.2)])
    return [[f"u{i}", i // 7, f"2024-01-{1 + i % 28:02d}", *row] for i, row in enumerate(numbered)]


def dataset(table: list[list[Any]], **settings: Any) -> PreparedDataset:
    frame = read_table(csv_bytes(HEADER, table), "data.csv")
    return prepare(frame, Settings("target", **{"id": ("user",), **settings}), "data.csv")


def held_out_rows(data: PreparedDataset) -> "np.ndarray[Any, Any]":
    learn, held_out = split(data, np.arange(len(data.target)), "hold-out")
    assert sorted([*learn, *held_out]) == list(range(len(data.target)))
    return held_out


def test_a_fifth_is_held_out_of_every_class() -> None:
    data = dataset(make(1000))
    held_out = held_out_rows(data)
    assert len(held_out) == pytest.approx(200, abs=1)
    assert data.target[held_out].mean() == pytest.approx(data.target.mean(), abs=0.005)


def test_neither_order_nor_growth_moves_a_row_to_the_other_side() -> None:
    table = make(1000)
    before = set(dataset(table).keys["user"].iloc[held_out_rows(dataset(table))])
    turned = dataset(table[::-1])
    assert set(turned.keys["user"].iloc[held_out_rows(turned)]) == before
    grown = dataset([*table, *([f"new{row[0]}", *row[1:]] for row in make(100))])
    after = set(grown.keys["user"].iloc[held_out_rows(grown)])
    assert len(before & after) > 0.95 * len(before)


def test_a_group_stays_on_one_side() -> None:
    data = dataset(make(1000), group="group")
    held_out = held_out_rows(data)
    assert data.groups is not None
    learned = data.groups.drop(data.groups.index[held_out])
    assert not set(learned) & set(data.groups.iloc[held_out])
    assert len(held_out) == pytest.approx(200, abs=8)


def test_repeated_ids_are_a_group_without_being_asked() -> None:
    table = [[f"u{i // 4}", *row[1:]] for i, row in enumerate(make(400))]
    data = dataset(table)
    held_out = held_out_rows(data)
    assert not set(data.keys["user"].iloc[held_out]) & set(data.keys["user"].drop(data.keys.index[held_out]))


def test_by_time_the_latest_rows_are_held_out() -> None:
    data = dataset(make(1000), time="day")
    held_out = held_out_rows(data)
    assert data.times is not None
    assert data.times[held_out].min() > np.delete(data.times, held_out).max()
    assert 0.15 < len(held_out) / 1000 < 0.25


def test_rows_of_one_moment_are_validated_without_regard_to_time() -> None:
    table = [[*row[:2], "2024-01-01" if i < 500 else "2024-02-01", *row[3:]] for i, row in enumerate(make(800))]
    data = dataset(table, time="day")
    learn, held_out = split(data, np.arange(800), "hold-out")
    assert (len(learn), len(held_out)) == (500, 300)
    assert sorted(row for _, valid in folds(data, learn) for row in valid) == list(range(500))


@pytest.mark.parametrize(("rows", "count"), [(9_999, 5), (10_000, 3)])
def test_large_tables_have_fewer_folds(rows: int, count: int) -> None:
    table = csv_bytes(["a", "target"], [[number % 11, number % 7] for number in range(rows)])
    data = prepare(read_table(table, "data.csv"), Settings("target", task="regression"), "data.csv")
    parts = folds(data, np.arange(rows))
    assert len(parts) == count
    assert sorted(row for _, valid in parts for row in valid) == list(range(rows))


def test_one_group_cannot_be_divided() -> None:
    table = [[row[0], "g", *row[2:]] for row in make(100)]
    with pytest.raises(Refused, match="cannot be divided for hold-out: all of them belong together"):
        held_out_rows(dataset(table, group="group"))


def test_rows_of_the_same_content_are_on_both_sides() -> None:
    """Found in review: without an id, a table of few combinations held all rows of some of them out, and no others."""
    table = [[1, 1, 1, ("low", "high")[i % 2], ("no", "yes")[i % 10 < 3 + 4 * (i % 2)]] for i in range(1000)]
    frame = read_table(csv_bytes(HEADER, table), "data.csv")
    data = prepare(frame, Settings("target"), "data.csv")
    learn, held_out = split(data, np.arange(len(table)), "hold-out")
    for side in (learn, held_out):
        shares = data.keys["a"].iloc[side].value_counts(normalize=True)
        assert shares.to_dict() == pytest.approx({"low": 0.5, "high": 0.5}, abs=0.1)


def repeated(count: int, times: int) -> PreparedDataset:
    """Noise, each row of it several times, as after oversampling."""
    chance = random.Random(3)
    noise = [[chance.gauss(0, 1), chance.gauss(0, 1), chance.choice("ab")] for _ in range(count)] * times
    return prepare(read_table(csv_bytes(["x", "y", "target"], noise), "t.csv"), Settings("target"), "t.csv")


def test_rows_that_are_repeated_are_on_one_side() -> None:
    dataset = repeated(100, 5)
    learn, held_out = split(dataset, np.arange(500), "hold-out")
    seen = set(map(tuple, dataset.typed.iloc[learn].to_numpy().tolist()))
    assert not seen & set(map(tuple, dataset.typed.iloc[held_out].to_numpy().tolist()))
    assert 60 <= len(held_out) <= 140
    for fitting, valid in folds(dataset, learn):
        fitted = set(map(tuple, dataset.typed.iloc[fitting].to_numpy().tolist()))
        assert not fitted & set(map(tuple, dataset.typed.iloc[valid].to_numpy().tolist()))
    (warning,) = dataset.warnings
    assert warning.startswith("80% of the rows are repetitions of others in all features")


def test_equal_rows_of_few_categories_are_no_repetitions() -> None:
    table = [[index % 3, index % 4, "ab"[index % 2]] for index in range(240)]
    dataset = prepare(read_table(csv_bytes(["x", "y", "target"], table), "t.csv"), Settings("target"), "t.csv")
    assert dataset.contents is None
    assert dataset.warnings == []


def test_the_column_of_the_groups_is_no_feature_unless_its_kind_is_set() -> None:
    chance = random.Random(4)
    table = [[index % 20, chance.random(), "ab"[index % 2]] for index in range(200)]
    frame = read_table(csv_bytes(["shop", "x", "target"], table), "t.csv")
    dataset = prepare(frame, Settings("target", group="shop"), "t.csv")
    assert list(dataset.kinds) == ["x"]
    assert (
        "column 'shop' is not used: its groups are held out as wholes; KINDS='shop=number' uses it" in dataset.warnings
    )
    assert "shop" in prepare(frame, Settings("target", group="shop", kinds={"shop": "category"}), "t.csv").kinds


def catalogue(late: str = "P0", group: str = "P1", customers: str = "") -> list[list[Any]]:
    """Purchases of P0, P1 and P2; `late` is new in the last tenth of the time, `group` is in one group alone."""
    table = []
    for number in range(600):
        product, of = f"P{number % 3}", f"g{number % 40}"
        if number > 540 and number % 3 == 0:
            product = late
        if 300 <= number < 330 and number % 3 == 1:
            product, of = group, customers
        day = f"2024-{1 + number // 60:02d}-{1 + number % 28:02d}"
        table.append([f"u{number}", of, day, number % 3 + number % 7 / 10, product])
    return table


@pytest.mark.parametrize(
    ("settings", "table", "by"),
    [
        ({"time": "day"}, catalogue(late="new"), "'day'"),
        ({"time": "day"}, [[*row[:4], row[4][1:]] for row in catalogue(late="P20")], "'day'"),
        ({"group": "group"}, catalogue(group="new", customers="g43"), "group"),
    ],
)
def test_a_class_without_an_early_row_is_left_out(
    registry: Registry, settings: dict[str, Any], table: list[list[Any]], by: str
) -> None:
    """Found on a real shop: every catalogue with a new product was refused, after 16 s."""
    training = Settings("target", id=("user",), budget=1e-9, task="multiclass", **settings)
    outcome = train(csv_bytes(HEADER, table), "shop.csv", training, registry, lambda line: None)
    (warning,) = [line for line in outcome.manifest["warnings"] if "leaves no row" in line]
    assert f"the split by {by} leaves no row to learn from are not predicted: 1 of 4" in warning
    assert warning.endswith(("such as 'new'", "such as '20'"))
    assert len(outcome.manifest["schema"]["classes"]) == 3


def test_two_classes_of_which_one_comes_late_are_refused(registry: Registry) -> None:
    table = [[f"u{i}", 1, f"2024-01-{1 + i // 4:02d}", i, "yes" if i > 100 else "no"] for i in range(112)]
    with pytest.raises(Refused, match="not every class is left to learn from"):
        train(csv_bytes(HEADER, table), "t.csv", Settings("target", time="day"), registry, lambda line: None)
