"""Categories with thousands of values: each counts by the target of its rows, and none gives its own rows away."""

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.training.cross_fitted import CrossFitted, mean_targets, outputs_of
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from tests.support.tables import briefly, csv_bytes

CITIES, ROWS = 300, 2400


def trained(task: str, cities: int = CITIES, **settings: Any) -> TrainedVersion:
    """Cities of which each has about eight rows and a level of its own."""
    chance = random.Random(1)
    level = [chance.gauss(0, 1) for _ in range(cities)]
    rows = []
    for _ in range(ROWS):
        city = chance.randrange(cities)
        value = level[city] + chance.gauss(0, 0.5)
        target = {"binary": "yes" if value > 0.5 else "no", "multiclass": "abc"[(value > -0.5) + (value > 0.5)]}
        rows.append([f"city {city}", chance.random(), target.get(task, f"{value:.4f}")])
    table = csv_bytes(["city", "noise", "target"], rows)
    return fit(table, "t.csv", briefly("target", **settings), lambda line: None)


@pytest.mark.parametrize(("task", "metric", "least"), [
    ("regression", "r2", 0.6), ("binary", "roc_auc", 0.9), ("multiclass", "accuracy", 0.6)
])  # fmt: skip
def test_categories_that_are_too_rare_for_a_column_each_are_learned_from(task: str, metric: str, least: float) -> None:
    version = trained(task)
    assert version.manifest["metrics"][metric] > least
    assert all(gate.passed for gate in version.gates)
    (warning,) = [warning for warning in version.manifest["warnings"] if "are rare" in warning]
    assert "count by the mean of the target in their rows" in warning


def test_a_category_never_seen_is_like_the_mean() -> None:
    version = trained("regression")
    (table,) = version.document["encoder"]["derived"]
    rows, _ = check_instances(version.schema, [{"city": "nowhere", "noise": 0.5}])
    assert scorer.load(version.document).score(rows)[0][0] == pytest.approx(table["other"][0], abs=0.2)


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_codes_without_a_meaning_do_no_harm(task: str) -> None:
    chance = random.Random(2)
    rows = []
    for _ in range(ROWS):
        size, noise = chance.gauss(0, 1), chance.gauss(0, 1)
        value = size + noise
        rows.append([f"code {chance.randrange(900)}", f"{size:.4f}", value if task == "regression" else value > 0])
    version = fit(csv_bytes(["code", "size", "target"], rows), "t.csv", briefly("target"), lambda line: None)
    metric, least = ("r2", 0.45) if task == "regression" else ("roc_auc", 0.77)
    assert version.manifest["metrics"][metric] > least


def numbers(x: pd.DataFrame, y: Any) -> Any:
    return CrossFitted(mean_targets).fit_transform(x, y)[:, 0]


def test_a_training_row_has_the_number_that_others_give_it() -> None:
    """Each category is in two rows: what one was is in the number of the other, and never in its own."""
    chance = random.Random(3)
    levels = [chance.gauss(0, 1) for _ in range(200)]
    x = pd.DataFrame({"c": [f"category {index}" for index in range(200)] * 2})
    y = np.array([level + chance.gauss(0, 0.1) for level in levels * 2])
    before = numbers(x, y)
    assert np.corrcoef(before, y)[0, 1] > 0.8
    y[7] += 1.0
    moved = np.abs(numbers(x, y) - before)
    assert moved[7] < 0.02 < 0.2 < moved[207]
    together = numbers(x.set_axis(list(range(200)) * 2), y)
    assert together == pytest.approx(y.mean())  # rows that belong together say nothing of each other


def test_outputs() -> None:
    assert outputs_of(np.array([1.5, 2.5])).tolist() == [[1.5], [2.5]]
    assert outputs_of(np.array([-1, 1, -1])).tolist() == [[0.0], [1.0], [0.0]]
    assert outputs_of(np.array(["a", "b", "c"], dtype=object)).tolist() == np.eye(3).tolist()


def test_few_categories_are_not_coded() -> None:
    assert trained("regression", cities=8).document["encoder"]["derived"] == []
