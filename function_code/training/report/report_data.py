"""The data of a report: a model's predictions for the held-out rows, and those rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.pipeline import Pipeline

from function_code.training import evaluate
from function_code.training.dataset import PreparedDataset
from function_code.training.decision import Decision, decide
from function_code.training.settings import Settings
from function_code.training.table import Array


@dataclass(frozen=True)
class ReportData:
    """A model on its held-out rows: `learn` and `held_out` are row indices of `dataset`; `decision` for two classes.

    All else is of the held-out rows, in the order of `held_out`.

    `pipeline` takes typed rows. `predicted` are its probabilities, shape (rows, classes), or values, shape (rows, 1);
    `trivial` the baseline's, in the same shape. `excluded` are bools of that shape: which classes must not be answered.
    """

    dataset: PreparedDataset
    settings: Settings
    learn: Array
    held_out: Array
    pipeline: Pipeline
    predicted: Array
    trivial: Array
    decision: Decision | None
    excluded: Array | None = None

    @cached_property
    def target(self) -> Array:
        """The targets."""
        return np.asarray(self.dataset.target[self.held_out])

    @cached_property
    def truth(self) -> Array:
        """The number of each row's class."""
        return evaluate.positions(self.target, self.dataset.classes)

    @cached_property
    def predicted_and_actual(self) -> tuple[Array, Array]:
        """Values and targets; of two classes the probabilities of the positive one, and 1 where it is true, else 0."""
        number = self.dataset.positive_number
        if number is None:
            return self.predicted[:, 0], self.target
        return self.predicted[:, number], (self.truth == number).astype(np.float64)

    @cached_property
    def chosen(self) -> Array | None:
        """The index of the class that is answered for each row; None for a regression."""
        return decide(self.allowed, self.decision) if self.dataset.classes else None

    @cached_property
    def allowed(self) -> Array:
        """The probabilities, with -1 for the classes that must not be answered."""
        return evaluate.mask_excluded(self.predicted, self.excluded)

    @cached_property
    def right(self) -> Array:
        """Marks the rows whose answered class is the true one."""
        assert self.chosen is not None  # noqa: S101 - only classes are right or wrong
        return evaluate.hits(self.allowed, self.chosen, self.truth)

    @cached_property
    def losses(self) -> Array:
        """The loss of each row."""
        return evaluate.losses(self.predicted, self.target, self.dataset.classes)

    @cached_property
    def groups(self) -> Array:
        """For each row a number from 0 that rows of one group share; without groups every row has its own."""
        if self.dataset.groups is None:
            return np.arange(len(self.held_out))
        return np.unique(self.dataset.groups.iloc[self.held_out].to_numpy(), return_inverse=True)[1]
