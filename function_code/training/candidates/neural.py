"""Common parts of the networks of PyTorch and TensorFlow: settings, early stopping, and the fitted weights.

Both learn in float32. The framework then computes with the weights in float64: inputs far outside of what was learned
from, such as 1e90, are no numbers of float32.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.pipeline import Pipeline

from function_code.training.already_fitted import AlreadyFitted
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.encoders import scaled
from function_code.training.evaluate import mean_loss
from function_code.training.table import Array

# Of each layer the weights, shape (inputs, outputs), and the intercepts; a rectifier follows each but the last.
Layers = list[tuple[Array, Array]]
# (layers, x, a link of `serving.scorer`) to outputs, shape (rows, outputs), computed as precisely as x is.
Forward = Callable[[Layers, Array, str], Array]

THREADS = 1  # in networks of this size several wait for each other longer than they work
LEARNING_RATE = 0.001
MAX_EPOCHS = 200
PATIENCE_EPOCHS = 10  # without a lower validation loss, after which the fit stops
MIN_BATCH_ROWS, MAX_BATCH_ROWS = 32, 256  # of one step
STEPS_PER_EPOCH = 50  # if there are rows for so many


def batch(rows: int) -> int:
    """The rows of one step, of so many rows in all."""
    return int(np.clip(rows // STEPS_PER_EPOCH, MIN_BATCH_ROWS, MAX_BATCH_ROWS))


class Learner(Protocol):
    """A network that learns from some rows."""

    def epoch(self) -> None:
        """Learns once from each row."""

    def layers(self) -> Layers:
        """The layers as learned so far."""


class NeuralNetwork(Candidate):
    """A network of one or two hidden layers; `decay` is that of AdamW, `dropout` that of the hidden layers' outputs."""

    stops_early = True
    settings = (
        {"hidden": [64, 32], "decay": 0.1, "dropout": 0.2},
        {"hidden": [32], "decay": 0.1, "dropout": 0.0},
        {"hidden": [128, 64], "decay": 0.3, "dropout": 0.4},
        {"hidden": [64, 32], "decay": 1.0, "dropout": 0.2},
    )
    forward: Forward

    def learner(self, x: Array, y: Array, widths: list[int], link: str, setting: Setting) -> Learner:
        """A network with `widths` inputs, hidden outputs and outputs.

        `x` is float32, shape (rows, inputs). `y` is float32, shape (rows, 1), with 0 and 1 for the logistic link; for
        softmax it holds the indices of classes, shape (rows,).
        """
        raise NotImplementedError

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits as `Candidate.fit` does; decides `epochs`."""
        end = self.end(rows)
        encoder = scaled(self.columns, len(rows.target))
        x = encoder.fit_transform(rows.features, rows.target)
        validation = (encoder.transform(valid.features), valid.target) if valid else None
        encoded = NumericTarget(rows.target) if self.task == "regression" else ClassTarget(rows.target)
        widths = [x.shape[1], *setting["hidden"], encoded.width]
        learner = self.learner(x.astype(np.float32), encoded.y, widths, encoded.link, setting)

        def estimator() -> Any:
            return encoded.estimator(learner.layers(), type(self).forward)

        best, best_loss, best_epoch, is_cut = None, np.inf, 1, False
        for epoch in range(1, int(setting.get("epochs", MAX_EPOCHS)) + 1):
            learner.epoch()
            if validation:
                loss = mean_loss(estimator(), *validation)
                if loss < best_loss:
                    best, best_loss, best_epoch = estimator(), loss, epoch
                elif epoch >= best_epoch + PATIENCE_EPOCHS:
                    break
                if is_cut := time.monotonic() >= end:
                    break
            else:
                best_epoch = epoch
        pipeline = Pipeline([("encode", encoder), ("model", best or estimator())])
        return Fitted(pipeline, {"epochs": best_epoch}, is_cut)


class NumericTarget:
    """The target of a regression, learned as (value - mean) / scale."""

    link, width = "identity", 1

    def __init__(self, target: Array) -> None:
        self.mean, self.scale = float(np.mean(target)), float(np.std(target)) or 1.0
        self.y = ((target - self.mean) / self.scale).astype(np.float32).reshape(-1, 1)

    def estimator(self, layers: Layers, forward: Forward) -> "NeuralRegressor":
        """One whose last layer gives values."""
        *hidden, (weights, intercepts) = layers
        return NeuralRegressor([*hidden, (weights * self.scale, intercepts * self.scale + self.mean)], forward)


class ClassTarget:
    """The target of a classification."""

    def __init__(self, target: Array) -> None:
        self.classes = np.unique(target)
        indices = np.searchsorted(self.classes, target)
        two = len(self.classes) == 2
        self.link, self.width = ("logistic", 1) if two else ("softmax", len(self.classes))
        self.y = indices.astype(np.float32).reshape(-1, 1) if two else indices

    def estimator(self, layers: Layers, forward: Forward) -> "NeuralClassifier":
        """One that knows the labels."""
        return NeuralClassifier(layers, forward, self.classes)


class NeuralRegressor(RegressorMixin, AlreadyFitted):  # type: ignore[misc]
    """A fitted network of one output."""

    def __init__(self, layers: Layers, forward: Forward) -> None:
        self.layers, self.forward = layers, forward

    def predict(self, x: Any) -> Array:
        """Values, shape (rows,)."""
        return self.forward(self.layers, np.asarray(x, dtype=np.float64), "identity")[:, 0]


class NeuralClassifier(ClassifierMixin, AlreadyFitted):  # type: ignore[misc]
    """A fitted network of one output for two classes, or of one for each of more."""

    def __init__(self, layers: Layers, forward: Forward, classes: Array) -> None:
        self.layers, self.forward, self.classes = layers, forward, classes

    @property
    def classes_(self) -> Array:
        """The labels in the order of the probabilities."""
        return self.classes

    def predict_proba(self, x: Any) -> Array:
        """Probabilities, shape (rows, classes)."""
        x = np.asarray(x, dtype=np.float64)
        if len(self.classes) > 2:
            return self.forward(self.layers, x, "softmax")
        positive = self.forward(self.layers, x, "logistic")
        return np.hstack([1.0 - positive, positive])

    def predict(self, x: Any) -> Array:
        """Labels, shape (rows,)."""
        return np.asarray(self.classes[self.predict_proba(x).argmax(axis=1)])
