"""From typed columns to the numbers that a model is fitted on; `export.encoder` writes each of them as tables."""

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from function_code.data.frequency import max_categories, min_rows
from function_code.training.cross_fitted import CrossFitted, mean_targets
from function_code.training.derived import (
    Derived,
    Learn,
    TableTransformer,
    date_cycles,
    date_parts,
    frequent_elements,
    is_time_of_day,
    time_cycle,
)
from function_code.training.table import Array
from function_code.training.text_scores import text_scores, word_scores

MIN_MERGED_SHARE = 0.05  # of the rows, whose category counts as "other", from which it is coded by its mean target, too
MAX_CODED_CLASSES = 30  # of the target: each has a mean of its own
MAX_CATEGORY_COLUMNS = 4  # for each output, of a column of categories: trees split the mean targets of more at once
MIN_NAMED_SHARE = 0.5  # of the filled rows with at least two words, from which the words of a category count, too
WORD = re.compile(r"\b[^\W\d_]\w*")  # a number beside a word is none
MIN_SKEWNESS = 2.0  # the skewness from which a number enters as its logarithm: money, counts, durations
LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
MAX_STANDARD_DEVIATIONS = 1e4  # of fewer than a hundred million values none is as far from their mean


@dataclass(frozen=True)
class Columns:
    """The names of the typed columns, by what becomes of them.

    `times` are numbers that all are times of day. `coded` are categories of which many rows have a rare one,
    `numerous` these and all that are many for each output, and `named` those of the coded ones that mostly have several
    words. Of lists the separators, by their names.
    """

    numbers: list[str]
    dates: list[str]
    times: list[str]
    categories: list[str]
    coded: list[str]
    numerous: list[str]
    named: list[str]
    lists: dict[str, str]
    texts: list[str]

    @classmethod
    def of(
        cls, typed: pd.DataFrame, kinds: dict[str, str], forms: dict[str, str] | None = None, classes: int = 0
    ) -> Self:
        """The columns of a frame that `ColumnTyper` typed by these kinds and forms; of how many classes there are."""

        def names(*of: str) -> list[str]:
            return [name for name, kind in kinds.items() if kind in of]

        forms = forms or {}
        times = [name for name, form in forms.items() if form == "hours" and is_time_of_day(typed[name])]
        lists = {name: forms[name] for name in names("list")}
        categories = names("category") if classes <= MAX_CODED_CLASSES else []
        coded = [name for name in categories if merged(typed[name])[1] > MIN_MERGED_SHARE]
        most = MAX_CATEGORY_COLUMNS * (classes if classes > 2 else 1)
        numerous = [name for name in categories if name in coded or typed[name].nunique() > most]
        named = [name for name in coded if has_words(typed[name])]
        numbers, dates = names("number", "boolean"), names("date")
        return cls(numbers, dates, times, names("category"), coded, numerous, named, lists, names("text"))


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

    derived = [("times", Derived(time_cycle), columns.times), *_derived(columns, date_cycles)]
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    return ColumnTransformer(
        [
            *(
                (name, Pipeline([("derive", derive), ("fill", fill), ("scale", StandardScaler())]), names)
                for name, derive, names in derived
            ),
            ("numbers", numbers, columns.numbers),
            _onehot(columns, rows),
        ]
    )


def plain(columns: Columns, rows: int) -> ColumnTransformer:
    """For boosted trees: numbers as they are, where a missing one takes its own branch."""
    return _unscaled(columns, rows, "passthrough")


def narrow(columns: Columns, rows: int) -> ColumnTransformer:
    """For forests, which compute in float32: as `plain`, without the numbers that float32 does not have."""
    return _unscaled(columns, rows, FunctionTransformer(within_float32))


def _unscaled(columns: Columns, rows: int, bound: Any) -> ColumnTransformer:
    few = [name for name in columns.categories if name not in columns.numerous]
    columns = replace(columns, coded=columns.numerous, categories=few)
    return ColumnTransformer(
        [
            *(
                (name, Pipeline([("derive", derive), ("bound", bound)]), names)
                for name, derive, names in _derived(columns, date_parts)
            ),
            ("numbers", bound, columns.numbers),
            _onehot(columns, rows),
        ]
    )


def _derived(columns: Columns, dates: Learn) -> list[tuple[str, TableTransformer, list[str]]]:
    """The names of what is derived from columns, how, and from which."""
    return [
        ("dates", Derived(dates), columns.dates),
        ("lists", Derived(partial(frequent_elements, separators=columns.lists)), list(columns.lists)),
        ("coded", CrossFitted(mean_targets), columns.coded),
        ("names", CrossFitted(word_scores), columns.named),
        ("texts", CrossFitted(text_scores), columns.texts),
    ]


def within_float32(x: Any, largest: float = LARGEST_FLOAT32) -> Array:
    """Every number beyond the largest of float32, or beyond a smaller one, as that one."""
    return np.clip(np.asarray(x, dtype=np.float64), -largest, largest)


def _onehot(columns: Columns, rows: int) -> tuple[str, OneHotEncoder, list[str]]:
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=min_rows(rows),
        max_categories=max_categories(rows),
        sparse_output=False,
    )
    return "categories", encoder, columns.categories


def merged(categories: pd.Series) -> tuple[int, float]:
    """Counts the categories that become "other" if these rows are learned from, and the share of the rows with one."""
    frequent = _frequent(categories)
    return categories.nunique() - len(frequent), float(1 - frequent.sum() / max(1, len(categories)))


def known_categories(typed: pd.DataFrame, kinds: dict[str, str], forms: dict[str, str]) -> dict[str, list[str]]:
    """The frequent categories, and elements of lists, of typed rows, by column, without the missing one."""
    known = {}
    for name, kind in kinds.items():
        if kind == "category":
            known[name] = sorted(category for category in _frequent(typed[name]).index if category)
        if kind == "list":
            known[name] = frequent_elements(typed[name], forms)["elements"]
    return known


def _frequent(categories: pd.Series) -> pd.Series:
    """The rows of each category that is told from the others."""
    counts = categories.value_counts()
    return counts[counts >= min_rows(len(categories))].iloc[: max_categories(len(categories))]


def has_words(categories: pd.Series) -> bool:
    """Says whether most of the categories of these rows have several words."""
    filled = categories[categories != ""]
    return bool(filled.map(lambda text: len(WORD.findall(text)) > 1).mean() > MIN_NAMED_SHARE)


def _signed_log(x: Any) -> Any:
    return np.sign(x) * np.log1p(np.abs(x))
