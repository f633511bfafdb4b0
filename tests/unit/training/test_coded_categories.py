"""Categories with thousands of values: each counts by the target of its rows, and none gives its own rows away."""

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Trees
from function_code.training.cross_fitted import CrossFitted, mean_targets, outputs_of
from function_code.training.encoders import Columns, known_categories
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


def named(of: str) -> TrainedVersion:
    """Cars whose price follows from the words of their names, hardly one of which comes twice."""
    chance = random.Random(4)
    brands, models, trims = (list(dict.fromkeys(word(chance) for _ in range(count))) for count in (10, 40, 60))
    worth = {each: chance.gauss(0, 1) for each in (*brands, *models, *trims)}
    rows = []
    for _ in range(ROWS):
        own = [chance.choice(words) for words in (brands, models, trims)]
        name = " ".join(own) if of == "words" else f"{own[0]}{own[1]}{own[2]}"
        rows.append([name, chance.random(), f"{sum(map(worth.__getitem__, own)) + chance.gauss(0, 0.3):.4f}"])
    settings = briefly("target", kinds={"name": "category"})
    return fit(csv_bytes(["name", "noise", "target"], rows), "t.csv", settings, lambda line: None)


def word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=6))


def test_the_words_of_long_names_count() -> None:
    version = named("words")
    assert version.manifest["metrics"]["r2"] > 0.8
    assert named("one word").manifest["metrics"]["r2"] < 0.2
    assert all(gate.passed for gate in version.gates)
    (grams,) = [table["grams"] for table in version.document["encoder"]["derived"] if table["kind"] == "text"]
    assert not any(gram.startswith("~") for gram in grams)  # no groups of letters, which would be ten times as many
    (warning,) = [warning for warning in version.manifest["warnings"] if "are rare" in warning]
    assert "by their words" in warning


@pytest.mark.parametrize("kind", [Trees, Forest])
def test_trees_have_one_number_for_many_categories(kind: type[Candidate]) -> None:
    """A split by mean targets parts the categories into any two groups; one by a column of one parts off that alone."""
    chance = random.Random(5)
    columns = {"many": [f"m{chance.randrange(9)}" for _ in range(ROWS)], "few": chance.choices("abc", k=ROWS)}
    typed, kinds = pd.DataFrame(columns), {"many": "category", "few": "category"}
    y = np.array([float(text[1:]) for text in columns["many"]]) + np.random.default_rng(0).normal(size=ROWS)
    pipeline = (
        kind(Columns.of(typed, kinds), "regression").fit(kind.settings[0] | {"rounds": 5}, Rows(typed, y)).pipeline
    )
    assert pipeline["encode"].transform(typed).shape[1] == 1 + 3
    assert (
        Linear(Columns.of(typed, kinds), "regression")
        .fit({"penalty": 1.0}, Rows(typed, y))
        .pipeline["encode"]
        .transform(typed)
        .shape[1]
        == 9 + 3
    )
    assert known_categories(typed, kinds, {}) == {"many": [f"m{number}" for number in range(9)], "few": ["a", "b", "c"]}


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
