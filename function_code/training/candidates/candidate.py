"""A candidate: a kind of model, and the settings of it that are worth trying."""

import time
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from function_code.training.encoders import Columns
from function_code.training.table import Array

Setting = dict[str, Any]
SEED = 0


@dataclass(frozen=True)
class Rows:
    """Typed features and their targets."""

    features: pd.DataFrame
    target: Array


@dataclass(frozen=True)
class Fitted:
    """A pipeline of `encode` and `model`, and the numbers that validation rows decided, such as {"rounds": 80}.

    `is_cut` says whether it was the time that decided them.
    """

    pipeline: Pipeline
    decided: dict[str, float] = field(default_factory=dict)
    is_cut: bool = False


class Candidate:
    """A kind of model. `settings` begins with the one that is right most often."""

    name: str
    settings: tuple[Setting, ...]
    large_settings: tuple[Setting, ...] = ()  # for many rows, if they are others
    multiplies = False  # whether it takes the loss of `candidates.multiplicative`
    is_ensemble = False  # whether it is a mean of others
    stops_early = False  # whether it can use validation rows to know when to stop
    cost = 1.0  # of a fit, about, as a multiple of the linear model's; for an estimate where none was timed
    seconds_per_row = inf  # that a fit with validation rows may take, if it goes on step by step

    def __init__(self, columns: Columns, task: str) -> None:
        self.columns, self.task = columns, task

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits on `rows`. What `valid` decides is in the result, and in `setting` when it is fitted without."""
        raise NotImplementedError

    def end(self, rows: Rows) -> float:
        """The moment, by `time.monotonic`, at which a fit on those rows that begins now has to end."""
        return time.monotonic() + self.seconds_per_row * len(rows.target)
