"""From typed columns to the numbers that a model is fitted on; `export.encoder` writes each of them as tables."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from function_code.training.table import Array

# A category in fewer rows than these counts as "other": a hundredth of them, or so many where that is less.
MIN_CATEGORY_SHARE, MIN_CATEGORY_ROWS = 0.01, 10
# And so do those beyond the most frequent ones: each becomes a column, and with more rows there is room for fewer.
MIN_CATEGORIES, MAX_CATEGORIES, MAX_CELLS = 40, 300, 5_000_000
MIN_SKEWNESS = 2.0  # the skewness from which a number enters as its logarithm: money, counts, durations
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
MAX_STANDARD_DEVIATIONS = 1e4  # of fewer than a hundred million values none is as far from their mean


@dataclass(frozen=True)
class Columns:
    """The names of the typed columns: numbers (dates and booleans are some, too) and categories."""

    numeric: list[str]
    categories: list[str]

    @classmethod
    def of(cls, typed: pd.DataFrame) -> Self:
        """The columns of a frame that `ColumnTyper` made."""
        categories = [str(name) for name in typed if typed[name].dtype == object]
        return cls([str(name) for name in typed if name not in categories], categories)


class Logarithms(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Takes sign(x) * log(1 + |x|) of the columns that are skewed, where that makes them less so."""

    def fit(self, x: Any, y: Any = None) -> Self:  # noqa: ARG002 (scikit-learn passes both)
        """Learns which columns: `logged_`, a bool for each."""
        frame = pd.DataFrame(np.asarray(x, dtype=np.float64))
        before, after = frame.skew().abs(), _signed_log(frame).skew().abs()
        self.logged_ = ((before > MIN_SKEWNESS) & (after < before)).to_numpy()
        return self

    def transform(self, x: Any) -> Array:
        """The same shape; missing values stay missing."""
        values: Array = np.array(x, dtype=np.float64)
        values[:, self.logged_] = _signed_log(values[:, self.logged_])
        return values


def scaled(columns: Columns, rows: int) -> ColumnTransformer:
    """For linear models and networks: logarithms of skewed numbers, medians for missing ones, indicators, one scale."""
    numbers = Pipeline(
        [
            ("logarithms", Logarithms()),
            ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
            ("scale", StandardScaler()),
        ]
    )
    return ColumnTransformer([("numbers", numbers, columns.numeric), _onehot(columns, rows)])


def plain(columns: Columns, rows: int) -> ColumnTransformer:
    """For boosted trees: numbers as they are, where a missing one takes its own branch."""
    return ColumnTransformer([("numbers", "passthrough", columns.numeric), _onehot(columns, rows)])


def narrow(columns: Columns, rows: int) -> ColumnTransformer:
    """For forests, which compute in float32: as `plain`, without the numbers that float32 does not have."""
    return ColumnTransformer(
        [("numbers", FunctionTransformer(within_float32), columns.numeric), _onehot(columns, rows)]
    )


def within_float32(x: Any, largest: float = LARGEST_FLOAT32) -> Array:
    """Every number beyond the largest of float32, or beyond a smaller one, as that one."""
    return np.clip(np.asarray(x, dtype=np.float64), -largest, largest)


def _onehot(columns: Columns, rows: int) -> tuple[str, OneHotEncoder, list[str]]:
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=_min_rows(rows),
        max_categories=_max_categories(rows),
        sparse_output=False,
    )
    return "categories", encoder, columns.categories


def merged(categories: pd.Series) -> tuple[int, float]:
    """Counts the categories that become "other" if these rows are learned from, and the share of the rows with one."""
    counts = categories.value_counts()
    frequent = counts[counts >= _min_rows(len(categories))].iloc[: _max_categories(len(categories))]
    return len(counts) - len(frequent), float(1 - frequent.sum() / max(1, len(categories)))


def _min_rows(rows: int) -> int:
    return max(2, min(MIN_CATEGORY_ROWS, int(MIN_CATEGORY_SHARE * rows)))


def _max_categories(rows: int) -> int:
    return min(MAX_CATEGORIES, max(MIN_CATEGORIES, MAX_CELLS // max(1, rows)))


def _signed_log(x: Any) -> Any:
    return np.sign(x) * np.log1p(np.abs(x))
