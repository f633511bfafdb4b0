"""The numbers behind the plots and the confusion table."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import precision_recall_curve, roc_curve

from function_code.training.table import Array

MAX_POINTS = 200  # of a curve
BINS = 10
MAX_CLASSES = 8  # of a confusion table; the rest are one


@dataclass(frozen=True)
class Bin:
    """Rows with similar probabilities: how many, their mean probability, how often it came true, and its interval."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Confusion:
    """`counts[true][answered]` of the classes `names`, of which the last may stand for all others."""

    names: list[str]
    counts: list[list[int]]


def roc(positive: Array, truth: Array) -> tuple[Array, Array]:
    """False and true positive rates."""
    false, true, _ = roc_curve(truth, positive)
    return _thinned(false), _thinned(true)


def precision_recall(positive: Array, truth: Array) -> tuple[Array, Array]:
    """Recalls and precisions, down to the share of positives where everything is taken."""
    precision, recall, _ = precision_recall_curve(truth, positive)
    return _thinned(recall), _thinned(precision)


def reliability(probability: Array, truth: Array) -> list[Bin]:
    """Bins of about equally many rows; intervals are Wilson's, 95 %. `truth` is 0 or 1."""
    ends = np.unique(np.quantile(probability, np.linspace(0, 1, BINS + 1)[1:], method="lower"))
    where = np.searchsorted(ends, probability)
    bins = []
    for index in np.unique(where):
        inside = where == index
        rows, hits = int(inside.sum()), int(truth[inside].sum())
        interval = binomtest(hits, rows).proportion_ci(method="wilson")
        bins.append(Bin(rows, float(probability[inside].mean()), hits / rows, interval.low, interval.high))
    return bins


def confusion(truth: Array, chosen: Array, classes: list[str | int]) -> Confusion:
    """The confusion table of the most frequent classes, in the schema's order."""
    counts = np.bincount(truth, minlength=len(classes))
    frequent = np.sort(np.argsort(-counts, kind="stable")[:MAX_CLASSES])
    place = np.full(len(classes), len(frequent))
    place[frequent] = np.arange(len(frequent))
    size = len(frequent) + (len(classes) > len(frequent))
    table = np.zeros((size, size), dtype=int)
    np.add.at(table, (place[truth], place[chosen]), 1)
    names = [str(classes[index]) for index in frequent] + ["all others"] * (size - len(frequent))
    return Confusion(names, table.tolist())


def _thinned(values: Array) -> Array:
    return np.asarray(values[np.unique(np.linspace(0, len(values) - 1, MAX_POINTS).astype(int))])
