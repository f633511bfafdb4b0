"""A candidate on trial: how the losses of two compare, and which of several is chosen."""

import numpy as np
import pandas as pd
import pytest

from function_code.training.candidates.candidate import Candidate
from function_code.training.encoders import Columns
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
    simple.losses, ensemble = [alternating + 0.04], Trial(Mean("ensemble"), {}, losses=[alternating - 0.04])
    assert simple.minus(ensemble).mean > simple.minus(ensemble).standard_error
    assert choose([simple, best, ensemble]) is simple
    ensemble.losses[0] -= 0.02
    assert choose([simple, best, ensemble]) is ensemble
    assert choose([ensemble]) is ensemble
