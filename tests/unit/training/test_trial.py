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
    combined = ensemble(trials, dataset, seconds=0.0)
    assert combined is not None
    assert [member.candidate.name for member in combined[1]] == ["first", "best"]
    assert combined[0].folds == 2
    assert combined[0].loss == pytest.approx(0.0, abs=1e-3)


def test_with_one_fold_the_members_are_chosen_on_halves_of_it() -> None:
    """Found in use: the best setting had one fold when the time was up, and no ensemble was tried at all."""
    target = np.random.default_rng(0).normal(size=40)
    dataset = cast("PreparedDataset", SimpleNamespace(target=target, classes=[]))

    def trial(name: str, errors: list[float], folds: int) -> Trial:
        rows = np.split(np.arange(40), 2)[:folds]
        predicted = [(target[part] + np.resize(errors, 20))[:, None] for part in rows]
        losses = [(each[:, 0] - target[part]) ** 2 for each, part in zip(predicted, rows, strict=True)]
        decided: list[dict[str, float]] = [{"rounds": 10, "seeds": 5}] * folds
        return Trial(Named(name), {}, folds * 2.0, losses=losses, rows=rows, predicted=predicted, decided=decided)

    trials = [trial("first", [-1.0, -1.2], 2), trial("second", [3.0], 2), trial("best", [0.5, 0.4], 1)]
    combined = ensemble(trials, dataset, seconds=8.0)
    assert combined is not None
    result, members = combined
    assert [member.candidate.name for member in members] == ["first", "best"]
    assert [member.final["seeds"] for member in members] == [2, 2]
    assert (result.folds, [len(each) for each in result.losses]) == (1, [20])
    # Each half is predicted with what is best on the other: a quarter of the first there, a third here.
    errors = result.predicted[0][:, 0] - target[:20]
    assert errors == pytest.approx(np.resize([-0.25 * 1.0 + 0.75 * 0.5, -1.2 / 3 + 0.4 * 2 / 3], 20))
