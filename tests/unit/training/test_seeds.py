"""Boosting for numbers: the mean of models that draw other columns, as one model."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code.training.candidates import scikit
from function_code.training.candidates.candidate import Rows
from function_code.training.candidates.scikit import Trees
from function_code.training.encoders import Columns
from function_code.training.table import Array
from function_code.training.trial import Trial

KINDS = {"a": "number", "b": "number", "c": "number"}
SETTING = {"leaves": 8, "least_leaf": 5, "rate": 0.1, "l2": 1.0, "columns": 0.4}


def rows(seed: int, task: str = "regression") -> Rows:
    random = np.random.default_rng(seed)
    features = pd.DataFrame(random.normal(size=(300, 3)), columns=list(KINDS))
    value = np.exp(features["a"] + features["b"] * features["c"] + random.normal(size=300)).to_numpy()
    return Rows(features, value if task == "regression" else np.where(value > 1, "yes", "no"))


def trees(features: pd.DataFrame, task: str = "regression") -> Trees:
    return Trees(Columns.of(features, KINDS), task)


def predicted(setting: dict[str, Any]) -> Array:
    known, unknown = rows(1), rows(2)
    pipeline = trees(known.features).fit({**SETTING, "rounds": 20, **setting}, known).pipeline
    return np.asarray(pipeline.predict(unknown.features))


@pytest.mark.parametrize(("loss", "back"), [({}, lambda x: x), ({"loss": "poisson"}, np.log)])
def test_the_model_of_several_seeds_is_their_mean(monkeypatch: pytest.MonkeyPatch, loss: Any, back: Any) -> None:
    mean = back(predicted({"seeds": 3, **loss}))
    alone = []
    for seed in range(3):
        monkeypatch.setattr(scikit, "SEED", seed)
        alone.append(back(predicted(loss)))
    assert np.abs(alone[0] - alone[1]).max() > 0.01
    assert mean == pytest.approx(np.mean(alone, axis=0), abs=1e-9)


def test_a_mean_is_closer_to_rows_that_were_not_seen() -> None:
    unknown = rows(2)
    one, several = (np.mean((predicted({"seeds": seeds}) - unknown.target) ** 2) for seeds in (1, 6))
    assert several < one


@pytest.mark.parametrize(
    ("task", "more", "several"),
    [
        ("regression", {}, True),
        ("regression", {"columns": 1.0}, False),  # all seeds would grow the same trees
        ("regression", {"leaves": 25_000}, False),  # the model would be too large
        ("binary", {}, False),
    ],
)
def test_how_many_are_asked_for(task: str, more: dict[str, Any], several: bool) -> None:
    known, unknown = rows(1, task), rows(2, task)
    decided = trees(known.features, task).fit({**SETTING, **more}, known, unknown).decided
    assert (decided["seeds"] > 1) is several


@pytest.mark.parametrize(("seconds", "seeds"), [(0.5, 1), (3.0, 2), (100.0, 6)])
def test_they_take_so_many_seconds_at_most(seconds: float, seeds: int) -> None:
    """A fit takes 1.25 s."""
    folds = [np.ones(3), np.ones(3)]
    trial = Trial(trees(rows(1).features), SETTING, 2.5, losses=folds, decided=[{"seeds": 6}, {"seeds": 6}])
    assert trial.with_seeds(seconds).final["seeds"] == seeds
    assert trial.final["seeds"] == 6
    assert "seeds" not in Trial(trial.candidate, SETTING).with_seeds(seconds).final
