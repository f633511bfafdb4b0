"""Percentile intervals of the bootstrap: how far the metrics of a hold-out can be trusted.

The held-out rows are drawn again and again with replacement, whole groups of them if the split was by group (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13). A drawn sample is a weight for each row, so the
metrics of many samples are a few matrix products, and the same as `evaluate.measure` has where every weight is 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from function_code.training.evaluate import TOP_SIZES, losses, mask_excluded, positions, ranks
from function_code.training.table import Array

MAX_RESAMPLES, MIN_RESAMPLES = 1000, 200
MAX_ROWS = 50_000  # of more rows, this many are drawn from
MAX_WEIGHTS = 10_000_000  # in all
CHUNK_WEIGHTS = 2_000_000  # in memory
QUANTILES = (0.025, 0.975)


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
    positive: int | None,
    chosen: Array | None,
    groups: Array,
    excluded: Array | None = None,
) -> Intervals:
    """`groups` has a number from 0 for each row, equal within a group; the rest is as for `evaluate.measure`."""
    random = np.random.default_rng(0)
    if len(y) > MAX_ROWS:
        sample = np.sort(random.choice(len(y), MAX_ROWS, replace=False))
        predicted, y, groups = predicted[sample], y[sample], np.unique(groups[sample], return_inverse=True)[1]
        chosen = None if chosen is None else chosen[sample]
        excluded = None if excluded is None else excluded[sample]
    resamples = int(np.clip(MAX_WEIGHTS // len(y), MIN_RESAMPLES, MAX_RESAMPLES))
    parts = [
        weighted(predicted, y, classes, positive, chosen, w, excluded) for w in _weights(groups, resamples, random)
    ]
    samples = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    bounds = {
        name: (float(low), float(high))
        for name, values in samples.items()
        if np.isfinite(values).any()
        for low, high in [np.quantile(values[np.isfinite(values)], QUANTILES)]
    }
    return Intervals(bounds, resamples, len(y))


def weighted(
    predicted: Array,
    y: Array,
    classes: list[str | int],
    positive: int | None,
    chosen: Array | None,
    weights: Array,
    excluded: Array | None = None,
) -> dict[str, Array]:
    """The metrics of `evaluate.measure` for each line of `weights`, shape (samples, rows); NaN where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if chosen is None:
            return _regression(predicted[:, 0], y, weights)
        truth = positions(y, classes)
        allowed = mask_excluded(predicted, excluded)
        right = (chosen == truth) & (allowed[np.arange(len(truth)), truth] >= 0)
        metrics = {
            "log_loss": _means(losses(predicted, y, classes), weights),
            "accuracy": _means(right, weights),
            "balanced_accuracy": _balanced(right, truth, weights),
        }
        if positive is not None:
            are_positive, are_chosen = ((numbers == positive).astype(int) for numbers in (truth, chosen))
            return metrics | _binary(predicted[:, positive], are_positive, are_chosen, weights)
        rank = ranks(allowed, truth)
        for top in (top for top in TOP_SIZES if top < len(classes)):
            metrics[f"hit_rate_at_{top}"] = _means(rank <= top, weights)
            metrics[f"ndcg_at_{top}"] = _means(np.where(rank <= top, 1 / np.log2(1 + rank), 0.0), weights)
        return metrics


def _weights(groups: Array, resamples: int, random: np.random.Generator) -> Iterator[Array]:
    """Draws samples, a few at a time: how often each row is in each."""
    count = int(groups.max()) + 1
    step = max(1, CHUNK_WEIGHTS // len(groups))
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
    selected = np.add.reduceat(weights[:, order], starts, axis=1)
    negatives = selected - positives
    before, all_selected = np.cumsum(positives, axis=1), np.cumsum(selected, axis=1)
    all_positives, all_negatives = positives.sum(axis=1), negatives.sum(axis=1)
    precision = before / np.maximum(all_selected, 1)
    return {
        "f1": 2 * hits / np.maximum(weights @ (truth + chosen).astype(np.float64), 1),
        "brier": _means((positive - truth) ** 2, weights),
        "roc_auc": (negatives * (before - positives / 2)).sum(axis=1) / (all_positives * all_negatives),
        "average_precision": (positives * precision).sum(axis=1) / all_positives,
    }
