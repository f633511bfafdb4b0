"""Numbers derived from columns, by tables that are learned from training rows (see `scoring.derivation`)."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from function_code.data.frequency import max_categories, min_rows
from function_code.dialects.lists import elements
from function_code.scoring.dates import CYCLES, DAYS_OF_WEEK, DAYS_OF_YEAR, HARMONICS, HOURS_OF_DAY, PARTS
from function_code.scoring.derivation import derivation
from function_code.training.table import Array

Table = dict[str, Any]
Learn = Callable[[pd.Series], Table]

# The share of the time between the first and the last date for which a trend goes on, before and after them: about
# what the latest fifth of the rows, by which it is measured with the setting time, is of the others.
EXTRAPOLATED_SHARE = 0.25
MIN_CYCLE_SHARE = 0.9  # of a week or a year that dates must cover before one is told from the others by its cycle


class TableTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Derives numbers from each column by its table in `tables_`."""

    tables_: list[Table]

    def transform(self, x: pd.DataFrame) -> Array:
        """The numbers of all columns, side by side."""
        pairs = zip(self.tables_, x, strict=True)
        return np.hstack([derived(table, x[name]) for table, name in pairs])


class Derived(TableTransformer):
    """Derives numbers from each column by a table that `learn` makes of its training rows."""

    def __init__(self, learn: Learn) -> None:
        self.learn = learn

    def fit(self, x: pd.DataFrame, y: Any = None) -> Self:  # noqa: ARG002 (scikit-learn passes both)
        """Learns the tables, one for each column."""
        self.tables_ = [self.learn(x[name]) for name in x]
        return self


def derived(table: Table, column: pd.Series) -> Array:
    """The numbers that a table derives from a column, shape (rows, width)."""
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    numbers = np.array(list(map(derivation(table), distinct.tolist())), dtype=np.float64)
    return numbers.reshape(-1, table["width"])[codes]


def date_parts(days: pd.Series) -> Table:
    """The table of the parts of a date that are not the same in all rows; its age is always one."""
    return _date(days, PARTS, [True] * len(PARTS))


def date_cycles(days: pd.Series) -> Table:
    """The table of the age of a date, and of the cycles of day, week and year that the rows cover."""
    spread = float(np.ptp(days.dropna())) if days.notna().any() else 0.0
    lengths = {"day": 1.0, "week": DAYS_OF_WEEK, "year": DAYS_OF_YEAR}
    return _date(days, CYCLES, [spread >= MIN_CYCLE_SHARE * lengths.get(part, 0.0) for part in CYCLES])


def _date(days: pd.Series, parts: tuple[str, ...], allowed: list[bool]) -> Table:
    filled = days.dropna()
    first, latest = (float(filled.min()), float(filled.max())) if len(filled) else (0.0, 0.0)
    margin = EXTRAPOLATED_SHARE * (latest - first)
    table = {"kind": "date", "width": len(parts), "keep": list(range(len(parts))), "cyclic": parts is CYCLES}
    table |= {"first": first - margin, "last": latest + margin, "latest": latest}
    numbers = derived(table, days.drop_duplicates())
    varies = [len(np.unique(column[~np.isnan(column)])) > 1 for column in numbers.T]
    keep = [0, *(index for index in range(1, len(parts)) if varies[index] and allowed[index])]
    return {**table, "width": len(keep), "keep": keep}


def frequent_elements(lists: pd.Series, separators: dict[str, str]) -> Table:
    """The table of the frequent elements of lists, the most frequent ones first; `separators` by column."""
    separator = separators[str(lists.name)]
    rows: Counter[str] = Counter()
    for text, count in lists.value_counts().items():
        for element in set(elements(str(text), separator)):
            rows[element] += count
    least, most = min_rows(len(lists)), max_categories(len(lists))
    ordered = sorted(rows, key=lambda element: (-rows[element], element))[:most]
    listed = [element for element in ordered if rows[element] >= least]
    return {"kind": "list", "width": 1 + len(listed), "separator": separator, "elements": listed}


def is_time_of_day(hours: pd.Series) -> bool:
    """Says whether hours are times of day, and no durations."""
    return bool(hours.dropna().between(0, HOURS_OF_DAY, inclusive="left").all())


def time_cycle(hours: pd.Series) -> Table:  # noqa: ARG001 (there is nothing to learn)
    """The table of the cycle of a time of day."""
    return {"kind": "time", "width": 2 * HARMONICS["day"]}
