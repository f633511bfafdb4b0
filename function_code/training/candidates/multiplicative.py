"""Models whose features multiply the value: the exponential function of a sum, fitted by the Poisson loss.

It suits targets that are positive and skewed, such as prices and counts: what a feature does is a share of the value,
and so is the noise. Other than the mean of logarithms, what is predicted is the mean of the values, and a value may be
0 (Wooldridge, Econometric Analysis of Cross Section and Panel Data, 2010, section 18.2; Santos Silva and Tenreyro, The
Log of Gravity, 2006, https://doi.org/10.1162/rest.88.4.641).
"""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from function_code.training.already_fitted import AlreadyFitted
from function_code.training.candidates.candidate import Setting
from function_code.training.table import Array

MAX_TIMES_LARGEST = 2.0  # the largest target learned from: a sum that goes far beyond it multiplies what is wrong
MIN_SKEWNESS = 0.5  # of a target, from which the fits that this takes may be worth it
LOSS = "poisson"


class Multiplicative(RegressorMixin, AlreadyFitted):  # type: ignore[misc]
    """A model fitted to value / mean by the Poisson loss, predicting values of at most `ceiling`."""

    def __init__(self, model: Any, mean: float, ceiling: float) -> None:
        self.model, self.mean, self.ceiling = model, mean, ceiling

    @classmethod
    def of(cls, model: Any, target: Array) -> Self:
        """The model with the mean and the ceiling of the targets that it was fitted to."""
        return cls(model, float(np.mean(target)), MAX_TIMES_LARGEST * float(np.max(target)))

    def predict(self, x: Any) -> Array:
        """Values, shape (rows,)."""
        with np.errstate(over="ignore"):
            return np.minimum(np.asarray(self.model.predict(x)) * self.mean, self.ceiling)


def is_multiplicative(setting: Setting, target: Array) -> bool:
    """Says whether the setting asks for such a model, and these targets have one: they are not all 0."""
    return setting.get("loss") == LOSS and bool(target.any())


def suits(target: Array, task: str) -> bool:
    """Says whether such models may be worth their time for a target."""
    return task == "regression" and float(target.min()) >= 0.0 and _skewness(target) >= MIN_SKEWNESS


def _skewness(values: Array) -> float:
    return float(pd.DataFrame({"values": values}).skew()["values"])


def with_both(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Each setting with this loss, and then as it is."""
    return tuple(each for setting in settings for each in ({**setting, "loss": LOSS}, setting))


def encoded_target(target: Array, setting: Setting) -> Array:
    """The target from which the mean targets of categories and the scores of texts are learned: on the sum's scale."""
    return np.log1p(target) if is_multiplicative(setting, target) else target
