"""Whether rows differ from those that a model learned from: each feature, and the target.

A feature's population stability index (PSI) sums (after - before) * ln(after / before) over the shares of rows in each
of ten parts of the rows learned from, or in each category. From 0.1 it counts as some shift and from 0.25 as a large
one (Siddiqi, Credit Risk Scorecards, 2006). Few rows alone give a PSI above 0: nearly (1/n + 1/m) times chi-squared
(Yurdakul, Statistical Properties of the Population Stability Index, 2018), so what chance may give is no shift.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from function_code.training.table import Array

BINS = 10
SOME, LARGE = 0.1, 0.25
CHANCE = 0.001  # how likely a shift may be without one
MOST_CATEGORIES = 50  # the rest count as one
PSEUDO = 0.5  # rows more in each part, so that none is empty
OF_RATE, OF_SPREAD = 0.1, 0.2  # from which the target's shift matters: of its former rate; in standard deviations


@dataclass(frozen=True)
class Moved:
    """A feature's PSI, what chance alone may give, and the part that moved most with its shares before and after."""

    feature: str
    psi: float
    chance: float
    part: str
    before: float
    after: float

    @property
    def size(self) -> str:
        """How much it shifted: large, some or ""."""
        if self.psi <= self.chance:
            return ""
        return "large" if self.psi >= LARGE else "some" if self.psi >= SOME else ""


@dataclass(frozen=True)
class TargetMoved:
    """The mean of a numeric target, or the share of the class `label`, before and after; `clearly` if it shifted."""

    label: str | int | None
    before: float
    after: float
    clearly: bool


def features(before: pd.DataFrame, after: pd.DataFrame, kinds: dict[str, str]) -> list[Moved]:
    """The features of two typed frames (see `Typed`), the most shifted first."""
    found = [_moved(name, before[name], after[name], kind) for name, kind in kinds.items()]
    return sorted(found, key=lambda moved: -moved.psi)


def target(before: Array, after: Array, classes: list[str | int]) -> TargetMoved:
    """Of two classes the share of the second, of more that which moved most beyond chance, without classes the mean."""
    if not classes:
        change, error = after.mean() - before.mean(), np.sqrt(before.var() / len(before) + after.var() / len(after))
        clearly = _beyond(change, error, 1) and abs(change) >= OF_SPREAD * before.std()
        return TargetMoved(None, float(before.mean()), float(after.mean()), bool(clearly))
    moved = []
    for label in classes[1:] if len(classes) == 2 else classes:
        rate, later = float(np.mean(before == label)), float(np.mean(after == label))
        both = (rate * len(before) + later * len(after)) / (len(before) + len(after))
        error = np.sqrt(both * (1 - both) * (1 / len(before) + 1 / len(after)))
        clearly = _beyond(later - rate, error, len(classes) - 1) and abs(later - rate) >= OF_RATE * rate
        strength = abs(later - rate) / error if error else 0.0
        moved.append((clearly, strength, TargetMoved(label, rate, later, bool(clearly))))
    return max(moved, key=lambda item: item[:2])[2]


def warnings(found: list[Moved], moved: TargetMoved, name: str, where: str) -> list[str]:
    """A sentence for the target `name` and each feature with a large shift; `where` are the later rows."""
    lines = [
        f"column {moved.feature!r} differs (PSI {moved.psi:.2f}): {moved.part} in {_rates(moved, where)}"
        for moved in found
        if moved.size == "large"
    ]
    if not moved.clearly:
        return lines
    if moved.label is None:
        change = f"its mean is {moved.before:.4g} in the rows learned from, {moved.after:.4g} in {where}"
    else:
        change = f"{moved.label!r} in {_rates(moved, where)}"
    return [f"the target {name!r} differs: {change}", *lines]


def _rates(moved: Moved | TargetMoved, where: str) -> str:
    return f"{100 * moved.before:.1f} % of the rows learned from, in {100 * moved.after:.1f} % of {where}"


def _beyond(change: float, error: float, tests: int) -> bool:
    return bool(error > 0 and abs(change) / error > stats.norm.isf(CHANCE / 2 / tests))


def _moved(name: str, before: pd.Series, after: pd.Series, kind: str) -> Moved:
    if kind == "boolean":
        before, after = (values.map({1.0: "yes", 0.0: "no"}).fillna("") for values in (before, after))
    names, counts, later = (_categories if kind in ("category", "boolean") else _parts)(before, after, kind)
    used = counts + later > 0
    low, high = (np.where(used, (n + PSEUDO) / (n + PSEUDO).sum(where=used), 1.0) for n in (counts, later))
    terms = (high - low) * np.log(high / low)
    degrees = max(1, np.count_nonzero(used) - 1)
    chance = stats.chi2.isf(CHANCE, degrees) * (1 / len(before) + 1 / len(after))
    most = int(terms.argmax())
    rate, after_rate = counts[most] / len(before), later[most] / len(after)
    return Moved(name, float(terms.sum()), float(chance), names[most], float(rate), float(after_rate))


def _categories(before: pd.Series, after: pd.Series, kind: str) -> tuple[list[str], Array, Array]:  # noqa: ARG001
    listed = before.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:MOST_CATEGORIES]
    names = [repr(value) if value else "(missing)" for value in listed]
    counts, later = (frame.value_counts().reindex(listed, fill_value=0).to_numpy() for frame in (before, after))
    others = [len(before) - counts.sum(), len(after) - later.sum()]
    return [*names, "another value"], np.append(counts, others[0]), np.append(later, others[1])


def _parts(before: pd.Series, after: pd.Series, kind: str) -> tuple[list[str], Array, Array]:
    """Parts end at the tenths of the rows learned from; missing values are a part of their own."""
    first, second = before.to_numpy(), after.to_numpy()
    filled = first[~np.isnan(first)]
    tenths = np.quantile(filled, np.linspace(0, 1, BINS + 1)[1:-1], method="lower") if len(filled) else filled
    ends = np.append(np.unique(tenths), np.inf)
    counts, later = (
        np.bincount(np.where(np.isnan(x), len(ends), np.searchsorted(ends, x)), minlength=len(ends) + 1)
        for x in (first, second)
    )
    shown = [_shown(end, kind) for end in ends]
    names = [f"up to {shown[0]}", *(f"above {low} up to {high}" for low, high in pairwise(shown))]
    names[-1] = f"above {shown[-2]}" if len(ends) > 1 else "any value"
    return [*names, "(missing)"], counts, later


def _shown(end: float, kind: str) -> str:
    if kind == "date" and np.isfinite(end):
        return str(np.datetime64("1970-01-01") + int(end))
    return f"{end:.6g}"
