"""Losses and metrics on rows that a model has not seen, beside those of the trivial baseline.

The baseline predicts the training rows' class shares (their mean, for regression) for everybody: the majority, or what
is most popular. Losses: log loss for classes, natural logarithm, probabilities clipped to [1e-15, 1]; squared error
for regression.
"""

from typing import Any

import numpy as np
from sklearn import metrics

from function_code.training.table import Array

MIN_LOSS_PROBABILITY = 1e-15
TOP_SIZES = (3, 5)  # classes of a ranking that are looked at


def predict(model: Any, features: Any) -> Array:
    """Probabilities, shape (rows, classes), or values, shape (rows, 1)."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(features), dtype=np.float64)
    return np.asarray(model.predict(features), dtype=np.float64).reshape(-1, 1)


def baseline(y: Array, classes: list[Any], rows: int) -> Array:
    """The trivial prediction learned from `y`, for `rows` rows."""
    trivial = np.array([np.mean(y == label) for label in classes]) if classes else np.array([np.mean(y)])
    return np.tile(trivial, (rows, 1))


def losses(predicted: Array, y: Array, classes: list[Any]) -> Array:
    """The loss of each row, shape (rows,)."""
    if not classes:
        return np.asarray((predicted[:, 0] - y) ** 2)
    own = predicted[np.arange(len(y)), positions(y, classes)]
    return np.asarray(-np.log(np.clip(own, MIN_LOSS_PROBABILITY, 1.0)))


def mean_loss(model: Any, features: Any, y: Array) -> float:
    """The mean loss of a fitted model."""
    return float(losses(predict(model, features), y, list(getattr(model, "classes_", []))).mean())


def positions(y: Array, classes: list[Any]) -> Array:
    """The index of each label among the classes."""
    index = {label: position for position, label in enumerate(classes)}
    return np.array([index[label] for label in y.tolist()], dtype=int)


def measure(
    predicted: Array,
    y: Array,
    classes: list[Any],
    positive: int | None,
    chosen: Array | None = None,
    excluded: Array | None = None,
) -> dict[str, float]:
    """The metrics of a task; ROC-AUC and average precision only where the rows hold both classes.

    `positive` is the number of the positive one of two classes, None for other tasks.
    `chosen` are the indices of the labels that are answered; by default those of the most probable classes that are not
    excluded. `excluded`, bools of shape (rows, classes), marks classes that must not be answered; a row whose target is
    one of them is a miss.
    """
    if not classes:
        result = _regression(predicted[:, 0], y)
    else:
        truth = positions(y, classes)
        allowed = mask_excluded(predicted, excluded)
        chosen = allowed.argmax(axis=1) if chosen is None else chosen
        right = hits(allowed, chosen, truth)
        result = {
            "log_loss": float(losses(predicted, y, classes).mean()),
            "accuracy": float(np.mean(right)),
            "balanced_accuracy": float(np.mean([np.mean(right[truth == t]) for t in np.unique(truth)])),
        }
        if positive is None:
            result |= _ranking(allowed, truth)
        else:
            result |= _binary(predicted[:, positive], truth == positive, chosen == positive)
    return {name: round(float(value), 6) for name, value in result.items()}


def _regression(predicted: Array, y: Array) -> dict[str, float]:
    error = predicted - y
    spread = float(np.mean((y - y.mean()) ** 2))
    result = {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(np.abs(error)))}
    return {**result, "r2": 1 - float(np.mean(error**2)) / spread} if spread else result


def _binary(positive: Array, truth: Array, chosen: Array) -> dict[str, float]:
    result = {
        "f1": float(metrics.f1_score(truth, chosen, zero_division=0.0)),
        "brier": float(np.mean((positive - truth) ** 2)),
    }
    if 0 < truth.sum() < len(truth):
        result["roc_auc"] = float(metrics.roc_auc_score(truth, positive))
        result["average_precision"] = float(metrics.average_precision_score(truth, positive))
    return result


def mask_excluded(predicted: Array, excluded: Array | None) -> Array:
    """Probabilities with -1 for the classes that must not be answered."""
    return predicted if excluded is None else np.where(excluded, -1.0, predicted)


def hits(allowed: Array, chosen: Array, truth: Array) -> Array:
    """Marks the rows whose right class is answered; never one that is excluded, as `mask_excluded` marks them."""
    return np.asarray((chosen == truth) & (allowed[np.arange(len(truth)), truth] >= 0))


def ranks(predicted: Array, truth: Array) -> Array:
    """The place of each row's right class among all, most probable first; of equal ones the first class leads.

    Infinite where the right class has a probability below 0: it is none that may be answered.
    """
    own = predicted[np.arange(len(truth)), truth]
    before = np.arange(predicted.shape[1]) < truth[:, None]
    ahead = (predicted > own[:, None]) | ((predicted == own[:, None]) & before)
    return np.asarray(np.where(own < 0, np.inf, 1 + ahead.sum(axis=1)))


def ndcg(ranks: Array, top: int) -> Array:
    """Each row's NDCG of the `top` most probable classes, shape (rows,).

    With one right class it is 1 / log2(1 + its rank), or 0 if it is not among them
    (https://dl.acm.org/doi/10.1145/582415.582418).
    """
    return np.asarray(np.where(ranks <= top, 1 / np.log2(1 + ranks), 0.0))


def _ranking(predicted: Array, truth: Array) -> dict[str, float]:
    """Hit rate and NDCG of the N most probable classes: how often the right one is there, and how far up."""
    rank = ranks(predicted, truth)
    result = {}
    for top in TOP_SIZES:
        if top < predicted.shape[1]:
            result[f"hit_rate_at_{top}"] = float(np.mean(rank <= top))
            result[f"ndcg_at_{top}"] = float(np.mean(ndcg(rank, top)))
    return result
