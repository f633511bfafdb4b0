"""The split: rows are held out by time, by group, or by a hash of the row, never by chance.

A row's side follows from its id (or its content), not from its place in the file, so a later training on a grown file
holds out nearly the same rows again: a version can then be compared with the one before it on rows that neither saw.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from function_code.errors import Refused
from function_code.training.dataset import PreparedDataset
from function_code.training.settings import Settings
from function_code.training.table import Array

FOLDS = 5
LARGE_FOLDS = 3
MIN_LARGE_ROWS = 10_000  # of a table, from which a fold is large enough to spend the time on more settings
HELD_OUT = "hold-out"  # the purpose of the rows to test on
HELD_OUT_SHARE = 0.2  # of all rows, and again for validation out of the rest


@dataclass(frozen=True)
class Split:
    """Row indices: `learn` to search and fit, `held_out` to test."""

    learn: Array
    held_out: Array

    @classmethod
    def of(cls, dataset: PreparedDataset) -> "Split":
        """Raises Refused as `split` does."""
        return cls(*split(dataset, np.arange(len(dataset.target)), HELD_OUT))


def split(dataset: PreparedDataset, rows: Array, purpose: str) -> tuple[Array, Array]:
    """Divides `rows` (indices) into those to learn from and those kept apart for `purpose`, or raises Refused."""
    apart = _apart(dataset, rows, purpose)
    learn, held_out = rows[~apart], rows[apart]
    if not len(learn) or not len(held_out):
        raise Refused(
            f"the rows cannot be divided for {purpose}: all of them belong together by group or time, or are the same"
        )
    if dataset.classes and len(np.unique(dataset.target[learn])) < len(dataset.classes):
        raise Refused(
            f"without the rows kept for {purpose} not every class is left to learn from; split otherwise or add rows"
        )
    return learn, held_out


def classes_without_early_rows(dataset: PreparedDataset) -> frozenset[str | int]:
    """The labels, of more than two, that no fold has rows to learn from of, if two others are left.

    A product that is new has none before the rows that are held out by time; a small class may be in one group alone.
    """
    if len(dataset.classes) < 3 or (dataset.times is None and dataset.groups is None and dataset.contents is None):
        return frozenset()  # each row alone, every class is on both sides
    rows = np.arange(len(dataset.target))
    learn = rows[~_apart(dataset, rows, HELD_OUT)]
    if not len(learn):
        return frozenset()
    known = [set(dataset.target[learn[fitting]].tolist()) for fitting, _ in _pairs(dataset, learn)]
    most = max(known, key=len, default=set())
    return frozenset(dataset.classes) - most if len(most) > 1 else frozenset()


def _apart(dataset: PreparedDataset, rows: Array, purpose: str) -> Array:
    """Marks those of `rows` that are kept apart."""
    if dataset.times is not None:
        return _latest(dataset.times[rows])
    if dataset.groups is not None:
        return _whole_groups(dataset.groups.iloc[rows], purpose)
    strata = dataset.target[rows] if dataset.classes else np.zeros(len(rows))
    apart = _stratified(_each(_hash(dataset.keys.iloc[rows], purpose), purpose), strata)
    return apart if dataset.contents is None else apart[_first_of_equals(dataset.contents[rows])]


def folds(dataset: PreparedDataset, rows: Array) -> list[tuple[Array, Array]]:
    """Cross-validation of `rows`: pairs of rows to fit on and rows to validate. Raises Refused if there is none.

    By time, the rows of a fold are later than those that it is fitted on, unless all are of one moment, such as the
    first of two snapshots; by group, whole groups are validated.
    """
    whole = [(rows[fitting], rows[valid]) for fitting, valid in _pairs(dataset, rows)]
    if dataset.classes:
        whole = [pair for pair in whole if len(np.unique(dataset.target[pair[0]])) == len(dataset.classes)]
    if not whole:
        raise Refused(
            "the rows cannot be divided for validation so that every class is left to learn from; "
            "split otherwise or add rows"
        )
    return whole


def _pairs(dataset: PreparedDataset, rows: Array) -> Iterable[tuple[Array, Array]]:
    """Cross-validation of `rows` as pairs of positions in it, whatever classes they have."""
    most = FOLDS if len(dataset.target) < MIN_LARGE_ROWS else LARGE_FOLDS
    pairs: Iterable[tuple[Array, Array]]
    if dataset.times is not None and np.ptp(dataset.times[rows]) > 0:
        pairs = _forward(dataset.times[rows])
    elif dataset.groups is not None:
        groups = dataset.groups.iloc[rows].to_numpy()
        count = min(most, len(np.unique(groups)))
        pairs = GroupKFold(count, shuffle=True, random_state=0).split(rows, groups=groups) if count > 1 else []
    elif dataset.classes:
        fewest = int(np.unique(dataset.target[rows], return_counts=True)[1].min())
        pairs = StratifiedKFold(max(2, min(most, fewest)), shuffle=True, random_state=0).split(
            rows, dataset.target[rows]
        )
    else:
        pairs = KFold(most, shuffle=True, random_state=0).split(rows)
    return pairs if dataset.contents is None else _with_equals(pairs, _first_of_equals(dataset.contents[rows]))


def _forward(times: Array) -> list[tuple[Array, Array]]:
    """Four windows one after the other, each after all that it is fitted on; rows of one moment stay together."""
    ends = np.unique(np.quantile(times, np.linspace(0.2, 1, FOLDS), method="lower"))
    return [(np.flatnonzero(times <= a), np.flatnonzero((times > a) & (times <= b))) for a, b in pairwise(ends)]


def _latest(times: Array) -> Array:
    """The last share by time; rows of one moment stay together."""
    later: Array = times > np.quantile(times, 1 - HELD_OUT_SHARE, method="lower")
    return later if later.any() else times == times.max()


def _whole_groups(groups: pd.Series, purpose: str) -> Array:
    distinct = pd.DataFrame({"group": groups.unique()})
    ordered = distinct["group"].iloc[np.argsort(_hash(distinct, purpose), kind="stable")]
    sizes = groups.value_counts().reindex(ordered).to_numpy()
    chosen = ordered.to_numpy()[(np.cumsum(sizes) - sizes) < HELD_OUT_SHARE * len(groups)]
    return groups.isin(chosen).to_numpy()


def _stratified(hashes: Array, strata: Array) -> Array:
    apart = np.zeros(len(hashes), dtype=bool)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        count = max(1, round(HELD_OUT_SHARE * len(members)))
        apart[members[np.argsort(hashes[members], kind="stable")][:count]] = True
    return apart


def _each(hashes: Array, purpose: str) -> Array:
    """A hash of its own for each row: where several have the same content, they are not all on the same side."""
    number = pd.Series(hashes).groupby(hashes).cumcount().to_numpy()
    again = number > 0
    own = hashes.copy()
    own[again] = _hash(pd.DataFrame({"hash": hashes[again], "number": number[again]}), purpose)
    return own


def _with_equals(pairs: Iterable[tuple[Array, Array]], first: Array) -> list[tuple[Array, Array]]:
    """The folds, with each row in that of the first one that is equal to it."""
    fold = np.zeros(len(first), dtype=int)
    for number, (_, valid) in enumerate(pairs):
        fold[valid] = number
    fold = fold[first]
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in np.unique(fold)]


def _first_of_equals(contents: Array) -> Array:
    """For each row the index of the first one that is equal to it."""
    _, first, number = np.unique(contents, return_index=True, return_inverse=True)
    return np.asarray(first[number])


def _hash(frame: pd.DataFrame, purpose: str) -> Array:
    # Not by category: to find the categories takes longer than to hash all texts.
    return np.asarray(pd.util.hash_pandas_object(frame, index=False, hash_key=f"{purpose:>16.16}", categorize=False))


def split_by(dataset: PreparedDataset, settings: Settings) -> str:
    """The rule by which rows are held out, for people."""
    if settings.time:
        return f"time ({settings.time})"
    if dataset.groups is not None:
        return f"group ({settings.group or ', '.join(settings.id)})"
    return "row"
