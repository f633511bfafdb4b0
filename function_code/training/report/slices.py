"""Parts of the held-out rows, and those where the model is clearly worse than elsewhere or clearly off.

Worse: the mean loss is above that of all other rows. It is expected if the model's own probabilities lead to expect as
much: such a slice is harder, and the model says so. Off: the predictions are on average too high or too low. Both by
Welch's t-test with the standard errors of means, of whole groups where rows belong together, and one in twenty reports
at most may name a slice by chance: the level is divided by the number of tests (Bonferroni).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from sklearn.metrics import roc_auc_score

from function_code.column import TEXT_KINDS
from function_code.training.report.report_data import ReportData
from function_code.training.table import Array

MAX_VALUES = 20  # of a column whose values are slices
MAX_NUMBERS, PARTS = 5, 4  # of the most important numbers, so many are cut; into so many parts
MIN_ROWS = 30
MIN_CLASS_ROWS = 5  # for the ROC-AUC of a slice
SIGNIFICANCE_LEVEL = 0.05
ROUNDING_TOLERANCE = 1e-9  # of losses whose errors are 0


@dataclass(frozen=True)
class Slice:
    """`actual` and `predicted` are means of the target, or shares of the positive class; None for more classes.

    `metric` is the ROC-AUC, the accuracy or the mean absolute error; None where the rows don't have both classes.
    """

    feature: str
    value: str
    rows: int
    loss: float
    metric: float | None
    actual: float | None
    predicted: float | None
    worse: bool
    expected: bool
    off: bool


def slices(data: ReportData, important: list[str]) -> list[Slice]:
    """In the order of the columns; `important` names features, the most important first."""
    parts = [
        (name, value, inside)
        for name in data.dataset.kinds
        for value, inside in _parts(data, name, important)
        if MIN_ROWS <= inside.sum() < len(inside)
    ]
    classes = data.dataset.classes
    level = SIGNIFICANCE_LEVEL / max(1, len(parts) * (2 if len(classes) > 2 else 3))
    return [_slice(data, *part, level) for part in parts]


def _parts(data: ReportData, name: str, important: list[str]) -> list[tuple[str, Array]]:
    """The name of each slice of a feature, and a mask of its rows."""
    dataset = data.dataset
    kind, column = dataset.kinds[name], dataset.typed[name].iloc[data.held_out]
    if kind in TEXT_KINDS or kind == "boolean":
        present = (column != "" if kind in TEXT_KINDS else column.notna()).to_numpy()
        distinct = sorted(column[present].unique())
        if len(distinct) > MAX_VALUES:
            return []
        named = [(_format(value), (column == value).to_numpy()) for value in distinct]
        return [*named, ("(missing)", ~present)]
    numbers = [other for other in important if dataset.kinds[other] in ("number", "date")][:MAX_NUMBERS]
    return _quantiles(data, name) if name in numbers else []


def _quantiles(data: ReportData, name: str) -> list[tuple[str, Array]]:
    typed = data.dataset.typed[name].iloc[data.held_out].to_numpy()
    present = ~np.isnan(typed)
    if not present.any():
        return []
    ends = np.unique(np.quantile(typed[present], np.linspace(0, 1, PARTS + 1)[1:], method="lower"))
    where = np.searchsorted(ends, typed, side="left")
    texts = data.dataset.raw[name].iloc[data.held_out].to_numpy()
    parts = []
    for index in range(len(ends)):
        inside = present & (where == index)
        low, high = (str(texts[np.flatnonzero(inside)[at(typed[inside])]]).strip() for at in (np.argmin, np.argmax))
        parts.append((f"{low} to {high}" if low != high else low, inside))
    return [*parts, ("(missing)", ~present)]


def _slice(data: ReportData, feature: str, value: str, inside: Array, level: float) -> Slice:
    classes, losses, groups = data.dataset.classes, data.losses, data.groups
    worse = _p(losses, inside, groups) < level
    # Of probabilities the expected loss is their entropy.
    expected = bool(classes) and _p_of_mean((losses - _entropy(data.predicted))[inside], groups[inside]) >= level
    metric: float | None
    actual = predicted = None
    off = False
    if len(classes) > 2:
        metric = float(np.mean(data.right[inside]))
    else:
        own, truth = data.predicted_and_actual
        actual, predicted = float(truth[inside].mean()), float(own[inside].mean())
        residuals, members = (truth - own)[inside], groups[inside]
        off = 2 * min(_p_of_mean(residuals, members), _p_of_mean(-residuals, members)) < level
        if classes:
            too_few = min(truth[inside].sum(), (1 - truth[inside]).sum()) < MIN_CLASS_ROWS
            metric = None if too_few else float(roc_auc_score(truth[inside], own[inside]))
        else:
            metric = float(np.mean(np.abs(truth - own)[inside]))
    rows, loss = int(inside.sum()), float(losses[inside].mean())
    return Slice(feature, value, rows, loss, metric, actual, predicted, worse, worse and expected, off)


def _p(values: Array, inside: Array, groups: Array) -> float:
    """The probability of so much more loss inside than outside by chance."""
    values = values / max(1.0, float(np.abs(values).max()))  # the fourth power of a squared error may be none
    mean, error, degrees = _mean(values[inside], groups[inside])
    other, other_error, other_degrees = _mean(values[~inside], groups[~inside])
    variance = error**2 + other_error**2
    if not degrees or not other_degrees or variance == 0:
        return float(mean <= other + ROUNDING_TOLERANCE)
    freedom = variance**2 / (error**4 / degrees + other_error**4 / other_degrees)
    return float(stats.t.sf((mean - other) / np.sqrt(variance), freedom))


def _p_of_mean(values: Array, groups: Array) -> float:
    """The probability of so large a mean by chance if it is truly 0."""
    mean, error, degrees = _mean(values, groups)
    if not degrees or error == 0:
        return float(mean <= ROUNDING_TOLERANCE)
    return float(stats.t.sf(mean / error, degrees))


def _mean(values: Array, groups: Array) -> tuple[float, float, int]:
    """The mean, its standard error by whole groups, and the degrees of freedom."""
    mean = values.mean()
    sums = np.bincount(groups, weights=values - mean)
    count = int(np.count_nonzero(np.bincount(groups)))
    return float(mean), float(np.sqrt(np.sum(sums**2) * count / max(1, count - 1)) / len(values)), count - 1


def _entropy(probabilities: Array) -> Array:
    return np.asarray(-np.sum(special.xlogy(probabilities, probabilities), axis=1))


def _format(value: object) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"
