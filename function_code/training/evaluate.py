"""Losses and metrics on rows that a model has not seen, beside those of the trivial baseline.

The baseline predicts the training rows' class shares (their mean, for regression) for everybody. Losses: log loss for
classes, natural logarithm, probabilities clipped to [1e-15, 1]; squared error for regression.
"""

from typing import Any

import numpy as np
from sklearn import metrics

from function_code.training.table import Array

SMALLEST = 1e-15


def predict(model: Any, features: Any) -> Array:
    """Probabilities, shape (rows, classes), or values, shape (rows, 1)."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(features))
    return np.asarray(model.predict(features), dtype=np.float64).reshape(-1, 1)


def baseline(y: Array, classes: list[Any], rows: int) -> Array:
    """The trivial prediction learned from `y`, for `rows` rows."""
    trivial = np.array([np.mean(y == label) for label in classes]) if classes else np.array([np.mean(y)])
    return np.tile(trivial, (rows, 1))


def losses(predicted: Array, y: Array, classes: list[Any]) -> Array:
    """The loss of each row, shape (rows,)."""
    if not classes:
        return np.asarray((predicted[:, 0] - y) ** 2)
    index = {label: position for position, label in enumerate(classes)}
    own = predicted[np.arange(len(y)), [index[label] for label in y.tolist()]]
    return np.asarray(-np.log(np.clip(own, SMALLEST, 1.0)))


def mean_loss(model: Any, features: Any, y: Array) -> float:
    """The mean loss of a fitted model."""
    return float(losses(predict(model, features), y, list(getattr(model, "classes_", []))).mean())


def measure(predicted: Array, y: Array, classes: list[Any]) -> dict[str, float]:
    """The metrics of a task; ROC-AUC and average precision only where the rows hold more than one class."""
    result = _regression(predicted[:, 0], y) if not classes else _classification(predicted, y, classes)
    return {name: round(float(value), 6) for name, value in result.items()}


def _regression(predicted: Array, y: Array) -> dict[str, float]:
    error = predicted - y
    spread = float(np.mean((y - y.mean()) ** 2))
    found = {"rmse": float(np.sqrt(np.mean(error**2))), "mae": float(np.mean(np.abs(error)))}
    return {**found, "r2": 1 - float(np.mean(error**2)) / spread} if spread else found


def _classification(predicted: Array, y: Array, classes: list[Any]) -> dict[str, float]:
    truth = np.array([[label == c for c in classes] for label in y.tolist()], dtype=float)
    chosen = predicted.argmax(axis=1)
    found = {
        "log_loss": float(losses(predicted, y, classes).mean()),
        "accuracy": float(truth[np.arange(len(y)), chosen].mean()),
    }
    if len(classes) == 2:
        found["brier"] = float(np.mean((predicted[:, 1] - truth[:, 1]) ** 2))
        if 0 < truth[:, 1].sum() < len(y):
            found["roc_auc"] = metrics.roc_auc_score(truth[:, 1], predicted[:, 1])
            found["average_precision"] = metrics.average_precision_score(truth[:, 1], predicted[:, 1])
    else:
        found["brier"] = float(np.mean(np.sum((predicted - truth) ** 2, axis=1)))
        best = np.argsort(-predicted, axis=1, kind="stable")[:, :5]
        found["top5_accuracy"] = float(np.mean(np.take_along_axis(truth, best, axis=1).sum(axis=1)))
    return found
