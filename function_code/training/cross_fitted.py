"""Numbers derived from columns by what the target was: of each training row by what it was in others.

A row's own target must not be in the number that a model learns from: it would trust it more than it deserves for rows
that are still to come (Micci-Barreca, A Preprocessing Scheme for High-Cardinality Categorical Attributes, 2001;
https://doi.org/10.1145/507533.507538).
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd

from function_code.training.derived import Table, TableTransformer
from function_code.training.table import Array

PARTS = 5
# So many rows of the mean of all are added to those of a category.
SMOOTHING = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
MIN_CATEGORY_ROWS = 2  # a category in fewer says nothing of any other row
MIN_PROBABILITY = 1e-6
MIN_STANDARD_ERRORS = 2.0  # of a mean gain, from which it is clear

# From a column and the target to a table, and the numbers of these rows, shape (rows, width).
CrossLearn = Callable[[pd.Series, Array], tuple[Table, Array]]


class CrossFitted(TableTransformer):
    """Derives numbers from each column by a table that is learned from the target, too."""

    def __init__(self, learn: CrossLearn) -> None:
        self.learn = learn

    def fit(self, x: pd.DataFrame, y: Any = None) -> Self:
        """Learns the tables, one for each column."""
        self.fit_transform(x, y)
        return self

    def fit_transform(self, x: pd.DataFrame, y: Any = None) -> Array:
        """Learns the tables; the numbers of these rows are those that the others give them."""
        tables, numbers = zip(*(self.learn(x[name], y) for name in x), strict=True)
        self.tables_ = list(tables)
        return np.hstack(numbers)


def parts_of(index: pd.Index) -> Array:
    """The number of the part that each row is in; rows with the same index belong together."""
    codes, distinct = pd.factorize(index)
    return np.asarray(np.random.default_rng(0).permutation(len(distinct))[codes] % PARTS)


def outputs_of(y: Array) -> Array:
    """Targets as numbers, shape (rows, outputs): the value, whether it is the second of two classes, or each class."""
    if y.dtype.kind == "f":
        return np.asarray(y, dtype=np.float64).reshape(-1, 1)
    classes = np.unique(y)
    return np.array([y == label for label in (classes[1:] if len(classes) == 2 else classes)], dtype=np.float64).T


def mean_targets(categories: pd.Series, y: Array) -> tuple[Table, Array]:
    """The table of each category's mean target, drawn to the mean of all; of classes log-odds or logarithms.

    All are the mean of all if the categories say nothing clear of rows in other parts.
    """
    outputs, parts = outputs_of(y), parts_of(categories.index)
    codes, distinct = pd.factorize(categories, use_na_sentinel=False)
    by_part = codes * PARTS + parts
    counts = np.bincount(by_part, minlength=len(distinct) * PARTS).reshape(-1, PARTS)
    sums = np.array([np.bincount(by_part, column, len(distinct) * PARTS).reshape(-1, PARTS) for column in outputs.T])
    count, total, mean = counts.sum(axis=1), sums.sum(axis=2), outputs.mean(axis=0)
    # The rows of other parts in each row's category: shapes (rows,) and (outputs, rows).
    others, other_total = count[codes] - counts[codes, parts], total[:, codes] - sums[:, codes, parts]

    def smoothed(rows: float) -> Array:
        return np.asarray((other_total.T + rows * mean) / (others + rows)[:, None])

    rows = min(SMOOTHING, key=lambda rows: float(np.square(smoothed(rows) - outputs).sum()))
    gains = np.square(outputs - mean).sum(axis=1) - np.square(outputs - smoothed(rows)).sum(axis=1)
    table: Table = {"kind": "categories", "width": len(mean), "numbers": {}, "other": _linked(mean, y).tolist()}
    if not is_clear(gains):
        return table, np.tile(table["other"], (len(y), 1))
    kept = count >= MIN_CATEGORY_ROWS
    numbers = _linked((total.T[kept] + rows * mean) / (count[kept, None] + rows), y)
    table["numbers"] = dict(zip(distinct[kept].tolist(), numbers.tolist(), strict=True))
    return table, _linked(smoothed(rows), y)


def is_clear(gains: Array) -> bool:
    """Says whether the mean gain, by row, is above what chance gives."""
    return bool(gains.mean() > MIN_STANDARD_ERRORS * gains.std() / np.sqrt(len(gains)))


def _linked(means: Array, y: Array) -> Array:
    """Means of values as they are, shares of classes as log-odds, or as logarithms if there are more than two."""
    if y.dtype.kind == "f":
        return means
    shares = np.clip(means, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(np.log(shares / (1 - shares)) if shares.shape[-1] == 1 else np.log(shares))
