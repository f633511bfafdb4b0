"""Drift: how far rows differ from those that a model learned from, in each feature and in the target.

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

from function_code.column import TEXT_KINDS
from function_code.training.table import Array

BINS = 10
SOME_PSI, LARGE_PSI = 0.1, 0.25
CHANCE_PROBABILITY = 0.001  # how likely a shift may be without one
MAX_CATEGORIES = 50  # the rest count as one
PSEUDO_ROWS = 0.5  # rows more in each part, so that none is empty
# From which the target's drift matters: as a share of its former rate; in standard deviations.
MIN_RATE_CHANGE, MIN_MEAN_CHANGE = 0.1, 0.2


@dataclass(frozen=True)
class DriftedFeature:
    """A feature's PSI, what chance alone may give, and the part that drifted most with its shares before and after."""

    feature: str
    psi: float
    chance: float
    part: str
    before: float
    after: float

    @property
    def size(self) -> str:
        """The size of the shift: large, some or ""."""
        if self.psi <= self.chance:
            return ""
        return "large" if self.psi >= LARGE_PSI else "some" if self.psi >= SOME_PSI else ""


@dataclass(frozen=True)
class TargetDrift:
    """The mean of a numeric target, or the share of the class `label`, before and after; `clearly` if it shifted."""

    label: str | int | None
    before: float
    after: float
    clearly: bool


def features(before: pd.DataFrame, after: pd.DataFrame, kinds: dict[str, str]) -> list[DriftedFeature]:
    """The features of two typed frames (see `ColumnTyper`), the most shifted first."""
    drifts = [_drift(name, before[name], after[name], kind) for name, kind in kinds.items()]
    return sorted(drifts, key=lambda drift: -drift.psi)


def target(before: Array, after: Array, labels: list[str | int]) -> TargetDrift:
    """Drift of the share of the one of the classes `labels` that drifted most, or without any of the mean."""
    if not labels:
        change, error = after.mean() - before.mean(), np.sqrt(before.var() / len(before) + after.var() / len(after))
        clearly = _beyond(change, error, 1) and abs(change) >= MIN_MEAN_CHANGE * before.std()
        return TargetDrift(None, float(before.mean()), float(after.mean()), bool(clearly))
    drifts = []
    for label in labels:
        rate, later = float(np.mean(before == label)), float(np.mean(after == label))
        both = (rate * len(before) + later * len(after)) / (len(before) + len(after))
        error = np.sqrt(both * (1 - both) * (1 / len(before) + 1 / len(after)))
        clearly = _beyond(later - rate, error, max(1, len(labels) - 1)) and abs(later - rate) >= MIN_RATE_CHANGE * rate
        strength = abs(later - rate) / error if error else 0.0
        drifts.append((clearly, strength, TargetDrift(label, rate, later, bool(clearly))))
    return max(drifts, key=lambda item: item[:2])[2]


def warnings(drifts: list[DriftedFeature], target_drift: TargetDrift, name: str, where: str) -> list[str]:
    """A sentence for the target `name` and each feature with a large shift; `where` are the later rows."""
    lines = [
        f"column {drift.feature!r} differs (PSI {drift.psi:.2f}): {drift.part} in {_rates(drift, where)}"
        for drift in drifts
        if drift.size == "large"
    ]
    if not target_drift.clearly:
        return lines
    if target_drift.label is None:
        means = f"{target_drift.before:.4g} in the rows learned from, {target_drift.after:.4g} in {where}"
        change = f"its mean is {means}"
    else:
        change = f"{target_drift.label!r} in {_rates(target_drift, where)}"
    return [f"the target {name!r} differs: {change}", *lines]


def _rates(drift: DriftedFeature | TargetDrift, where: str) -> str:
    return f"{100 * drift.before:.1f} % of the rows learned from, in {100 * drift.after:.1f} % of {where}"


def _beyond(change: float, error: float, tests: int) -> bool:
    return bool(error > 0 and abs(change) / error > stats.norm.isf(CHANCE_PROBABILITY / 2 / tests))


def _drift(name: str, before: pd.Series, after: pd.Series, kind: str) -> DriftedFeature:
    if kind == "boolean":
        before, after = (values.map({1.0: "yes", 0.0: "no"}).fillna("") for values in (before, after))
    names, counts, later = (_categories if kind == "boolean" or kind in TEXT_KINDS else _parts)(before, after, kind)
    used = counts + later > 0
    low, high = (np.where(used, (n + PSEUDO_ROWS) / (n + PSEUDO_ROWS).sum(where=used), 1.0) for n in (counts, later))
    terms = (high - low) * np.log(high / low)
    degrees = max(1, np.count_nonzero(used) - 1)
    chance = stats.chi2.isf(CHANCE_PROBABILITY, degrees) * (1 / len(before) + 1 / len(after))
    most = int(terms.argmax())
    rate, after_rate = counts[most] / len(before), later[most] / len(after)
    return DriftedFeature(name, float(terms.sum()), float(chance), names[most], float(rate), float(after_rate))


def _categories(before: pd.Series, after: pd.Series, kind: str) -> tuple[list[str], Array, Array]:  # noqa: ARG001
    listed = before.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:MAX_CATEGORIES]
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
    labels = [_format(end, kind) for end in ends]
    names = [f"up to {labels[0]}", *(f"above {low} up to {high}" for low, high in pairwise(labels))]
    names[-1] = f"above {labels[-2]}" if len(ends) > 1 else "any value"
    return [*names, "(missing)"], counts, later


def _format(end: float, kind: str) -> str:
    if kind == "date" and np.isfinite(end):
        return str(np.datetime64("1970-01-01") + int(end))
    return f"{end:.6g}"
