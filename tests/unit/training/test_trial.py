"""A candidate on trial: how the losses of two compare, and which of several is chosen."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from function_code.training.candidates.candidate import Candidate
from function_code.training.dataset import PreparedDataset
from function_code.training.encoders import Columns
from function_code.training.ensemble import ensemble
from function_code.training.trial import Trial, choose


class Named(Candidate):
    """A candidate that is never fitted."""

    def __init__(self, name: str) -> None:
        super().__init__(Columns.of(pd.DataFrame(), {}), "binary")
        self.name = name


class Mean(Named):
    is_ensemble = True


def test_losses_whose_squares_are_no_numbers_are_compared() -> None:
    sums = [np.array([3e200, 5e200]), np.array([1e200, 1e200])]
    first, second = (Trial(Named("guess"), {}, losses=[each]) for each in sums)
    assert first.minus(second).mean == 3e200
    assert first.minus(second).standard_error == pytest.approx(1e200 / np.sqrt(2))


def test_the_simplest_is_compared_with_the_best_single_one_where_the_ensemble_is_not_clearly_better() -> None:
    """Found on real customers: an ensemble that was not chosen itself kept out the simplest one."""
    alternating = 1.0 - 2 * (np.arange(400) % 2)  # so that the standard error of the difference to 0 is 0.05
    best, simple = Trial(Named("best"), {}, losses=[0 * alternating]), Trial(Named("simple"), {})
    simple.losses, mean = [alternating + 0.04], Trial(Mean("ensemble"), {}, losses=[alternating - 0.04])
    assert simple.minus(mean).mean > simple.minus(mean).standard_error
    assert choose([simple, best, mean]) is simple
    mean.losses[0] -= 0.02
    assert choose([simple, best, mean]) is mean
    assert choose([mean]) is mean


def test_an_ensemble_has_the_folds_of_the_best() -> None:
    """Found in use: the best setting had a fold less than others when the time was up, and was in no ensemble."""
    dataset = cast("PreparedDataset", SimpleNamespace(target=np.zeros(30), classes=[]))
    rows = [np.arange(10 * fold, 10 * fold + 10) for fold in range(3)]

    def trial(name: str, error: float, folds: int) -> Trial:
        predicted = [np.full((10, 1), error)] * folds
        losses = [np.full(10, error**2)] * folds
        return Trial(Named(name), {}, losses=losses, rows=rows[:folds], predicted=predicted)

    trials = [trial("first", 1.0, 3), trial("second", 2.0, 3), trial("best", -0.5, 2), trial("late", -0.1, 1)]
    trials[-1].note = "left out"
    combined = ensemble(trials, dataset)
    assert combined is not None
    assert [member.candidate.name for member in combined[1]] == ["first", "best"]
    assert combined[0].folds == 2
    assert combined[0].loss == pytest.approx(0.0, abs=1e-3)
