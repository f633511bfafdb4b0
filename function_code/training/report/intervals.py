"""How far the metrics of a hold-out can be trusted: percentile intervals of the bootstrap.

The held-out rows are drawn again and again with replacement, whole groups of them if the split was by group (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13). A drawn sample is a weight for each row, so the
metrics of many samples are a few matrix products, and the same as `evaluate.measure` has where every weight is 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from function_code.training.evaluate import TOP, free, losses, positions, ranks
from function_code.training.table import Array

RESAMPLES, FEWEST_RESAMPLES = 1000, 200
MOST_ROWS = 50_000  # of more rows, this many are drawn from
WORK = 10_000_000  # weights in all
AT_ONCE = 2_000_000  # weights in memory
SHARES = (0.025, 0.975)


@dataclass(frozen=True)
class Intervals:
    """The 95 % interval of each metric, and what they come from."""

    bounds: dict[str, tuple[float, float]]
    resamples: int
    rows: int


def intervals(
    predicted: Array,
    y: Array,
    classes: list[str | int],
    chosen: Array | None,
    groups: Array,
    taken: Array | None = None,
) -> Intervals:
    """`groups` has a number from 0 for each row, equal within a group; `taken` is as for `evaluate.measure`."""
    random = np.random.default_rng(0)
    if len(y) > MOST_ROWS:
        kept = np.sort(random.choice(len(y), MOST_ROWS, replace=False))
        predicted, y, groups = predicted[kept], y[kept], np.unique(groups[kept], return_inverse=True)[1]
        chosen = None if chosen is None else chosen[kept]
        taken = None if taken is None else taken[kept]
    resamples = int(np.clip(WORK // len(y), FEWEST_RESAMPLES, RESAMPLES))
    parts = [weighted(predicted, y, classes, chosen, w, taken) for w in _weights(groups, resamples, random)]
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    bounds = {
        name: (float(low), float(high))
        for name, values in found.items()
        if np.isfinite(values).any()
        for low, high in [np.quantile(values[np.isfinite(values)], SHARES)]
    }
    return Intervals(bounds, resamples, len(y))


def weighted(
    predicted: Array,
    y: Array,
    classes: list[str | int],
    chosen: Array | None,
    weights: Array,
    taken: Array | None = None,
) -> dict[str, Array]:
    """The metrics of `evaluate.measure` for each line of `weights`, shape (samples, rows); NaN where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if chosen is None:
            return _regression(predicted[:, 0], y, weights)
        truth = positions(y, classes)
        allowed = free(predicted, taken)
        right = (chosen == truth) & (allowed[np.arange(len(truth)), truth] >= 0)
        found = {
            "log_loss": _means(losses(predicted, y, classes), weights),
            "accuracy": _means(right, weights),
            "balanced_accuracy": _balanced(right, truth, weights),
        }
        if len(classes) == 2:
            return found | _binary(predicted[:, 1], truth, chosen, weights)
        rank = ranks(allowed, truth)
        for top in (top for top in TOP if top < len(classes)):
            found[f"hit_rate_at_{top}"] = _means(rank <= top, weights)
            found[f"ndcg_at_{top}"] = _means(np.where(rank <= top, 1 / np.log2(1 + rank), 0.0), weights)
        return found


def _weights(groups: Array, resamples: int, random: np.random.Generator) -> Iterator[Array]:
    """How often each row is drawn, for a few samples at a time."""
    count = int(groups.max()) + 1
    step = max(1, AT_ONCE // len(groups))
    for start in range(0, resamples, step):
        several = range(min(step, resamples - start))
        drawn = [np.bincount(random.integers(0, count, count), minlength=count) for _ in several]
        yield np.array(drawn, dtype=np.float64)[:, groups]


def _means(values: Array, weights: Array) -> Array:
    return np.asarray(weights @ values.astype(np.float64) / weights.sum(axis=1))


def _balanced(right: Array, truth: Array, weights: Array) -> Array:
    """The mean recall of the classes that a sample holds."""
    order = np.argsort(truth, kind="stable")
    starts = np.flatnonzero(np.diff(truth[order], prepend=-1))
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    hits = np.add.reduceat(weights[:, order] * right[order], starts, axis=1)
    return np.asarray(np.nanmean(hits / sizes, axis=1))


def _regression(predicted: Array, y: Array, weights: Array) -> dict[str, Array]:
    error, centred = predicted - y, y - y.mean()
    squared = _means(error**2, weights)
    spread = _means(centred**2, weights) - _means(centred, weights) ** 2
    return {"rmse": np.sqrt(squared), "mae": _means(np.abs(error), weights), "r2": 1 - squared / spread}


def _binary(positive: Array, truth: Array, chosen: Array, weights: Array) -> dict[str, Array]:
    """ROC-AUC and average precision go down the ranking, equal probabilities at once."""
    hits = weights @ (truth * chosen).astype(np.float64)
    order = np.argsort(-positive, kind="stable")
    starts = np.flatnonzero(np.diff(positive[order], prepend=np.inf))
    positives = np.add.reduceat(weights[:, order] * truth[order], starts, axis=1)
    taken = np.add.reduceat(weights[:, order], starts, axis=1)
    negatives = taken - positives
    before, all_taken = np.cumsum(positives, axis=1), np.cumsum(taken, axis=1)
    all_positives, all_negatives = positives.sum(axis=1), negatives.sum(axis=1)
    precision = before / np.maximum(all_taken, 1)
    return {
        "f1": 2 * hits / np.maximum(weights @ (truth + chosen).astype(np.float64), 1),
        "brier": _means((positive - truth) ** 2, weights),
        "roc_auc": (negatives * (before - positives / 2)).sum(axis=1) / (all_positives * all_negatives),
        "average_precision": (positives * precision).sum(axis=1) / all_positives,
    }
