"""The statistics of a report: by known answers, by what they find, and by what they leave alone."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from function_code.training.dataset import prepare
from function_code.training.evaluate import measure
from function_code.training.report import drift
from function_code.training.report.curves import confusion, reliability
from function_code.training.report.importance import importances
from function_code.training.report.intervals import intervals, weighted
from function_code.training.report.report_data import ReportData
from function_code.training.report.slices import slices
from function_code.training.settings import Settings
from tests.support.tables import rows


def report_data(header: list[str], table: list[list[Any]], rows_held_out: int, **settings: Any) -> ReportData:
    """The data of a linear model of the columns that are numbers; the last rows are held out."""
    frame = pd.DataFrame(table, columns=header).astype(str)
    dataset = prepare(frame, Settings("target", **settings), "data.csv")
    learn, held_out = np.arange(len(frame) - rows_held_out), np.arange(len(frame) - rows_held_out, len(frame))
    numeric = [name for name, kind in dataset.kinds.items() if kind in ("number", "date")]

    def numbers(typed: pd.DataFrame) -> Any:
        return typed[numeric].to_numpy()

    kind = LogisticRegression() if dataset.classes else LinearRegression()
    pipeline = Pipeline([("encode", FunctionTransformer(numbers)), ("model", kind)])
    pipeline.fit(dataset.typed.iloc[learn], dataset.target[learn])
    later = dataset.typed.iloc[held_out]
    predicted = pipeline.predict_proba(later) if dataset.classes else pipeline.predict(later).reshape(-1, 1)
    return ReportData(dataset, Settings("target"), learn, held_out, pipeline, predicted, predicted, None)


def sample(classes: int, count: int = 300) -> tuple[Any, Any, list[str | int], Any]:
    chance = np.random.default_rng(classes)
    if not classes:
        actual = chance.normal(50, 9, count)
        return (actual + chance.normal(0, 3, count)).reshape(-1, 1), actual, [], None
    y: Any = chance.integers(0, classes, count)
    predicted = chance.dirichlet(np.ones(classes), count).round(2) + 0.5 * np.eye(classes)[y]
    predicted /= predicted.sum(axis=1, keepdims=True)
    return predicted, y, list(range(classes)), predicted.argmax(axis=1)


@pytest.mark.parametrize("classes", [0, 2, 7])
def test_a_drawn_sample_has_the_metrics_of_its_rows(classes: int) -> None:
    predicted, y, labels, chosen = sample(classes)
    weights: Any = np.random.default_rng(1).integers(0, 3, (4, len(y)))
    weights[0] = 1
    positive = 0 if classes == 2 else None
    drawn = weighted(predicted, y, labels, positive, chosen, weights.astype(float))
    for index, counts in enumerate(weights):
        sample_rows = np.repeat(np.arange(len(y)), counts)
        expected = measure(
            predicted[sample_rows], y[sample_rows], labels, positive, None if chosen is None else chosen[sample_rows]
        )
        assert set(drawn) == set(expected)
        for name, value in expected.items():
            assert drawn[name][index] == pytest.approx(value, abs=1e-5), name


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    hits = 0
    for seed in range(60):
        right = np.random.default_rng(seed).random(200) < 0.7
        predicted = np.where(right[:, None], [0.2, 0.8], [0.8, 0.2])
        chosen = predicted.argmax(axis=1)
        low, high = intervals(predicted, np.ones(200, dtype=int), [0, 1], 1, chosen, np.arange(200)).bounds["accuracy"]
        hits += low <= 0.7 <= high
    assert 52 <= hits <= 60


def test_rows_of_a_group_count_as_one() -> None:
    predicted, y, labels, chosen = sample(2)
    repeated = np.repeat(np.arange(len(y)), 9)
    own = intervals(predicted, y, labels, 1, chosen, np.arange(len(y))).bounds
    copied = intervals(predicted[repeated], y[repeated], labels, 1, chosen[repeated], repeated).bounds
    alone = intervals(predicted[repeated], y[repeated], labels, 1, chosen[repeated], np.arange(len(repeated))).bounds
    for name, (low, high) in own.items():
        assert copied[name] == pytest.approx((low, high), abs=0.02), name
        assert alone[name][1] - alone[name][0] < 0.5 * (high - low), name


def test_calibration_counts_what_came_true() -> None:
    probability = np.repeat([0.1, 0.4, 0.9], 100)
    truth = np.concatenate([np.arange(100) < hits for hits in (10, 50, 100)]).astype(int)
    bins = reliability(probability, truth)
    assert [(part.rows, round(part.predicted, 6), part.observed) for part in bins] == [
        (100, 0.1, 0.1), (100, 0.4, 0.5), (100, 0.9, 1.0),
    ]  # fmt: skip
    assert all(part.low <= part.observed <= part.high for part in bins)
    assert (bins[1].low, bins[1].high) == pytest.approx((0.4038, 0.5962), abs=1e-4)  # Wilson's, of 50 in 100


def test_confusion_joins_rare_classes() -> None:
    truth = np.array([0] * 5 + [1] * 3 + [index for index in range(2, 12) for _ in range(2)])
    chosen = np.zeros_like(truth)
    table = confusion(truth, chosen, list("abcdefghijkl"))
    assert table.names == [*"abcdefgh", "all others"]
    assert [line[0] for line in table.counts] == [5, 3, 2, 2, 2, 2, 2, 2, 8]
    assert sum(map(sum, table.counts)) == len(truth)


def test_importance_is_that_of_raw_columns() -> None:
    def make(chance: random.Random) -> list[Any]:
        day = chance.randint(1, 28)
        a, b, noise = (chance.gauss(0, 1) for _ in range(3))
        return [a, b, noise, f"2024-0{chance.randint(1, 9)}-{day:02d}", 3 * a + b + chance.gauss(0, 0.1)]

    result = importances(report_data(["a", "b", "noise", "day", "target"], rows(600, make), 300))
    assert [importance.feature for importance in result.features[:2]] == ["a", "b"]
    assert {importance.feature for importance in result.features} == {"a", "b", "noise", "day"}
    # Shuffling makes two independent draws of the column: the squared error rises by 2 * variance * weight squared.
    assert result.features[0].rise == pytest.approx(18, rel=0.25)
    assert result.features[0].spread < 0.2 * result.features[0].rise
    assert abs(result.features[-1].rise) < 0.1


def sliced(chance: random.Random) -> list[Any]:
    x, where = chance.gauss(0, 2), chance.choice("abcdef")
    probability = 1 / (1 + np.exp(-2 * x))
    return [x, where, int((chance.random() < probability) ^ (where == "c" and chance.random() < 0.5))]


def test_a_bad_slice_is_found_and_no_other() -> None:
    parts = slices(report_data(["x", "where", "target"], rows(3000, sliced), 1500), ["x"])
    bad = [part.value for part in parts if part.feature == "where" and part.worse]
    assert bad == ["c"]
    assert not any(part.expected for part in parts if part.value == "c")
    assert sum(part.rows for part in parts if part.feature == "where") == 1500
    assert sum(part.rows for part in parts if part.feature == "x") == 1500


def test_a_slice_that_is_just_harder_is_no_warning() -> None:
    def make(chance: random.Random) -> list[Any]:
        x, where = chance.gauss(0, 3), chance.choice("ab")
        weak = 0.05 * x if where == "b" else x
        return [weak, where, int(chance.random() < 1 / (1 + np.exp(-weak)))]

    parts = {part.value: part for part in slices(report_data(["x", "where", "target"], rows(4000, make), 2000), [])}
    assert (parts["b"].worse, parts["b"].expected, parts["b"].off) == (True, True, False)
    assert (parts["a"].worse, parts["a"].expected) == (False, False)


@pytest.mark.parametrize("seed", range(5))
def test_no_slice_is_bad_by_chance(seed: int) -> None:
    def make(chance: random.Random) -> list[Any]:
        x = chance.gauss(0, 1)
        return [x, chance.choice("abcdefghijklmn"), chance.choice(["yes", "no", ""]), x + chance.gauss(0, 1)]

    parts = slices(report_data(["x", "where", "member", "target"], rows(3000, make, seed), 1500), ["x"])
    assert {part.value for part in parts if part.feature == "member"} == {"yes", "no", "(missing)"}
    assert not [part for part in parts if part.worse or part.off]


def test_a_slice_that_is_predicted_too_low_is_found() -> None:
    def make(chance: random.Random) -> list[Any]:
        x, where = chance.gauss(0, 1), chance.choice("abcd")
        return [x, where, x + (where == "b") + chance.gauss(0, 1)]

    parts = {part.value: part for part in slices(report_data(["x", "where", "target"], rows(2000, make), 1000), [])}
    assert parts["b"].off
    assert parts["b"].actual is not None
    assert parts["b"].predicted is not None
    assert parts["b"].actual - parts["b"].predicted == pytest.approx(0.75, abs=0.2)


def test_rows_that_belong_together_are_no_proof_each() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.gauss(0, 1), chance.choice("ab"), chance.gauss(0, 1)]

    table = [["g" + str(index), *row] for index, row in enumerate(rows(60, make)) for _ in range(40)]  # twins
    header = ["g", "x", "where", "target"]
    for group, marked in (("g", False), ("", True)):
        parts = slices(report_data(header, table, 1200, group=group), [])
        assert any(part.worse or part.off for part in parts) is marked


def test_a_shift_by_hand() -> None:
    before, after = (pd.DataFrame({"c": ["a"] * a + ["b"] * (1000 - a)}, dtype=object) for a in (500, 800))
    drifted = drift.features(before, after, {"c": "category"})[0]
    assert drifted.psi == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5), abs=0.01)
    assert (drifted.size, drifted.before, drifted.after) == ("large", 0.5, 0.2)
    assert drifted.part == "'b'"
    assert drift.features(before, before, {"c": "category"})[0].psi == 0


def test_a_shifted_boolean_is_told_by_its_words() -> None:
    before, after = (pd.DataFrame({"b": [1.0] * yes + [0.0] * (1000 - yes)}) for yes in (500, 800))
    (drifted,) = drift.features(before, after, {"b": "boolean"})
    assert (drifted.part, drifted.before, drifted.after) == ("'no'", 0.5, 0.2)


def test_who_owns_everything_is_answered_nothing_right() -> None:
    table = [[chance, "abc"[index % 3]] for index, chance in enumerate(np.linspace(0, 1, 60))]
    data = report_data(["x", "target"], table, 3)
    owning = replace(data, excluded=np.ones((3, 3), dtype=bool))
    assert data.right.any()
    assert not owning.right.any()


@pytest.mark.parametrize("seed", range(10))
def test_samples_of_the_same_have_not_shifted(seed: int) -> None:
    chance = np.random.default_rng(seed)

    def frame(count: int) -> pd.DataFrame:
        numbers = np.where(chance.random(count) < 0.2, np.nan, chance.lognormal(size=count))
        texts = np.array([f"c{i}" for i in chance.integers(0, 80, count)], dtype=object)
        return pd.DataFrame({"n": numbers, "b": chance.integers(0, 2, count).astype(float), "c": texts})

    kinds = {"n": "number", "b": "boolean", "c": "category"}
    drifted = drift.features(frame(150), frame(60), kinds)
    target_drift = drift.target(chance.integers(0, 2, 3616), chance.integers(0, 2, 900), [1])
    assert [part.size for part in drifted] == ["", "", ""]
    assert drift.warnings(drifted, target_drift, "target", "the held-out rows") == []
    assert max(part.psi for part in drift.features(frame(20_000), frame(20_000), kinds)) < 0.02


def test_another_file_is_compared_by_the_same_functions() -> None:
    chance = np.random.default_rng(0)
    kinds = {"n": "number", "gone": "number", "day": "date", "new": "category", "same": "number"}
    before = pd.DataFrame(
        {
            "n": chance.normal(size=2000),
            "gone": chance.normal(size=2000),
            "day": 19000.0 + chance.integers(0, 30, 2000),
            "new": "a",
        }
    )
    after = pd.DataFrame(
        {"n": chance.normal(1, 1, 2000), "gone": np.nan, "day": 19030.0 + chance.integers(0, 30, 2000), "new": "b"}
    )
    before["same"], after["same"] = np.nan, np.nan
    drifted = {part.feature: part for part in drift.features(before, after, kinds)}
    assert {name for name, part in drifted.items() if part.size == "large"} == {"n", "gone", "day", "new"}
    assert (drifted["gone"].part, drifted["gone"].after) == ("(missing)", 1.0)
    assert drifted["same"].psi == 0
    assert drifted["day"].part.startswith("above 2022-")
    numbers = drift.target(chance.normal(10, 2, 500), chance.normal(12, 2, 500), [])
    assert numbers.clearly
    lines = drift.warnings(list(drifted.values()), numbers, "price", "july.csv")
    assert lines[0].startswith("the target 'price' differs: its mean is 10.")
    assert all(line.endswith("july.csv") for line in lines)
    three = drift.target(np.repeat(["a", "b", "c"], 200), np.repeat(["a", "b", "c"], [200, 300, 100]), ["a", "b", "c"])
    assert three.clearly
    assert three.label == "c"
