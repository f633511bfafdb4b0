"""Targets that are multiplied: models of the Poisson loss compete for them, and serve to the last bit."""

import json
import random

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from function_code.column import Column
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.training import run
from function_code.training.candidates import candidates
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Network, Trees
from function_code.training.column_typer import ColumnTyper
from function_code.training.dataset import prepare
from function_code.training.encoders import Columns
from function_code.training.export import document
from function_code.training.parity import TOLERANCE, differences, difficult
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from function_code.training.settings import Settings
from function_code.training.table import Array, read_table
from tests.support.tables import briefly, csv_bytes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {"size": "number", "gap": "number", "city": "category"}
SETTING = {"loss": "poisson", "penalty": 1.0, "hidden": [8], "epochs": 20}
SETTING |= {"leaves": 8, "least_leaf": 20, "rate": 0.1, "l2": 1.0, "columns": 0.5, "rounds": 20}
HEADER = ["size", "rooms", "town", "target"]
TOWNS = ["Ulm", "Bonn", "Kiel"]


def fitted(kind: type[Candidate]) -> tuple[Pipeline, pd.DataFrame, Array]:
    chance = random.Random(kind.name)
    cells = [
        [repr(chance.gauss(0, 1)), chance.choice(["", repr(chance.gauss(5, 3))]), f"city {chance.randrange(30)}"]
        for _ in range(300)
    ]
    raw = pd.DataFrame(cells, columns=list(KINDS), dtype=str)
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    target = np.round(1000 * np.exp(typed["size"].to_numpy() + [chance.gauss(0, 0.5) for _ in cells]), -3)
    return kind(Columns.of(typed, KINDS), "regression").fit(SETTING, Rows(typed, target)).pipeline, raw, target


def table(multiplied: bool, above: float = 0.0) -> bytes:
    """Prices of which rooms and towns change a share, or an amount."""
    chance = random.Random(3)
    rows = []
    for _ in range(800):
        size, rooms, town = chance.gauss(0, 1), chance.randrange(1, 6), chance.randrange(len(TOWNS))
        score = size + 0.4 * rooms + 0.5 * town
        price = np.exp(score + chance.gauss(0, 0.2)) if multiplied else chance.expovariate(1) + 9 + 2 * score
        rows.append([f"{size:.4f}", rooms, TOWNS[town], f"{price + above:.4f}"])
    return csv_bytes(HEADER, rows)


def trained(data: bytes) -> TrainedVersion:
    return fit(data, "t.csv", briefly("target", budget=60.0), lambda line: None)


def losses_tried(data: bytes) -> set[str]:
    dataset = prepare(read_table(data, "t.csv"), briefly("target"), "t.csv")
    return {
        f"{each.name} {setting.get('loss', '')}".strip()
        for each in candidates(dataset, briefly("target"))
        for setting in each.settings
    }


@pytest.mark.parametrize("kind", [Linear, Trees, Network])
def test_what_serves_is_the_model_itself(kind: type[Candidate]) -> None:
    inner, raw, _ = fitted(kind)
    served = scorer.load(json.loads(json.dumps(document(inner, KINDS), allow_nan=False)))
    columns = [Column(name, of, True, 1.5 if of == "number" else "city 1") for name, of in KINDS.items()]
    pipeline = Pipeline([("typed", ColumnTyper(KINDS).fit(raw)), *inner.steps])
    both = pd.concat([raw, difficult(raw, KINDS)], ignore_index=True)
    apart = differences(pipeline, served, Schema(columns, "target", "regression", []), both)
    assert apart.max() <= TOLERANCE


@pytest.mark.parametrize("kind", [Linear, Trees, Network])
def test_the_mean_of_what_is_predicted_is_that_of_the_target(kind: type[Candidate]) -> None:
    """The exponential function of a mean logarithm would be lower, by a tenth and more."""
    inner, raw, target = fitted(kind)
    assert (target == 0).any()
    predicted = inner.predict(ColumnTyper(KINDS).fit(raw).transform(raw))
    assert np.mean(predicted) == pytest.approx(np.mean(target), rel=0.07)


@pytest.mark.parametrize("kind", [Linear, Network])
def test_a_value_stays_near_those_learned_from_however_far_a_row_is_from_them(kind: type[Candidate]) -> None:
    inner, raw, target = fitted(kind)
    served = scorer.load(document(inner, KINDS))
    far = [[1e99, 5.0, "city 1"], [-1e99, 5.0, "city 1"]]
    values = [value for (value,) in served.score(far)]
    assert max(values) == pytest.approx(2 * target.max())
    assert served.score(far * 10_000) == [[value] for value in values] * 10_000
    typed = ColumnTyper(KINDS).fit(raw).transform(raw.assign(**{raw.columns[0]: "1e99"}).head(1))
    assert inner.predict(typed).max() <= 2 * target.max() * (1 + 1e-12)


def test_a_fold_of_zeros_alone_is_fitted_without_the_loss() -> None:
    """By time, the first windows have no sale yet."""
    table = [
        [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}", day % 9, (day % 9) ** 2 * (day > 120)] for day in range(300)
    ]
    settings = Settings("target", time="day", budget=2.0)
    version = fit(csv_bytes(["day", "size", "target"], table), "t.csv", settings, lambda line: None)
    assert "loss" in {name for each in version.manifest["candidates"] for name in each["setting"]}


def test_validation_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    # The linear model alone has time for all that it is to compare on any machine.
    monkeypatch.setattr(run, "candidates", lambda dataset, settings: candidates(dataset, settings)[:1])
    multiplied, added = trained(table(multiplied=True)), trained(table(multiplied=False))
    (chosen,) = [each for each in multiplied.manifest["candidates"] if each["chosen"]]
    assert chosen["setting"]["loss"] == "poisson"
    assert multiplied.document["link"] == "exp"
    assert multiplied.manifest["metrics"]["r2"] > 0.85
    assert added.document["link"] == "identity"
    assert all(gate.passed for gate in (*multiplied.gates, *added.gates))


def test_it_is_tried_where_the_target_is_positive_and_skewed() -> None:
    both = {f"{name}{loss}" for name in ("linear", "network", "trees") for loss in ("", " poisson")} | {"forest"}
    assert losses_tried(table(multiplied=True)) == both
    assert losses_tried(table(multiplied=True, above=-100.0)) == {"linear", "network", "trees", "forest"}
    even = csv_bytes(["size", "target"], [[number % 7, number] for number in range(100)])
    assert losses_tried(even) == {"linear", "network", "trees", "forest"}
