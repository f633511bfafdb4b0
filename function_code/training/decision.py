"""From a fitted model's probabilities to calibrated ones, and to labels; both are learned from validation rows.

Calibration takes p to softmax(slope * log p + shifts): Platt's scaling of the log-odds for two classes
(https://home.cs.colorado.edu/~mozer/Teaching/syllabi/6622/papers/Platt1999.pdf), temperature scaling for more
(https://arxiv.org/abs/1706.04599). It is used only where it lowers the loss on rows it was not learned from.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression

from function_code.scoring.scorer import MIN_PROBABILITY
from function_code.training.already_fitted import AlreadyFitted
from function_code.training.evaluate import losses, positions
from function_code.training.table import Array

MIN_STANDARD_ERRORS = 2.0  # standard errors of the paired difference from which calibration helps


@dataclass(frozen=True)
class Decision:
    """The label of two classes: the class number `positive` from a probability of `threshold` on, else the other."""

    positive: int
    threshold: float


@dataclass(frozen=True)
class Calibration:
    """`slope`, and a shift for each class."""

    slope: float
    shifts: list[float]

    def apply(self, probabilities: Array) -> Array:
        """Calibrated probabilities, shape (rows, classes)."""
        z = self.slope * np.log(np.maximum(probabilities, MIN_PROBABILITY)) + np.array(self.shifts)
        powers = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class CalibratedClassifier(ClassifierMixin, AlreadyFitted):  # type: ignore[misc]
    """A fitted classifier, its calibration if it has one, and for two classes the decision between them."""

    def __init__(self, model: Any, calibration: Calibration | None, decision: Decision | None) -> None:
        self.model, self.calibration, self.decision = model, calibration, decision

    @property
    def classes_(self) -> Array:
        """The labels in the order of the probabilities."""
        return np.asarray(self.model.classes_)

    def predict_proba(self, x: Any) -> Array:
        """Probabilities, shape (rows, classes)."""
        own = np.asarray(self.model.predict_proba(x), dtype=np.float64)
        return self.calibration.apply(own) if self.calibration else own

    def predict(self, x: Any) -> Array:
        """Labels, shape (rows,)."""
        return np.asarray(self.classes_[decide(self.predict_proba(x), self.decision)])


def decide(probabilities: Array, decision: Decision | None) -> Array:
    """The number of each row's class: the most probable, or as a decision between two has it."""
    if decision is None:
        return np.asarray(probabilities.argmax(axis=1))
    positive = decision.positive
    return np.where(probabilities[:, positive] >= decision.threshold, positive, 1 - positive)


def calibration(probabilities: Array, y: Array, classes: list[Any]) -> Calibration | None:
    """Learns a calibration; None unless it improves validation rows that it is not learned from."""
    even_rows = np.arange(len(y)) % 2 == 0
    gains = []
    for fit_rows in (even_rows, ~even_rows):
        if len(np.unique(y[fit_rows])) < len(classes):
            return None
        learned = _learn(probabilities[fit_rows], y[fit_rows], classes)
        after = losses(learned.apply(probabilities[~fit_rows]), y[~fit_rows], classes)
        gains.append(losses(probabilities[~fit_rows], y[~fit_rows], classes) - after)
    gain = np.concatenate(gains)
    if gain.mean() <= MIN_STANDARD_ERRORS * gain.std() / np.sqrt(len(gain)):
        return None
    return _learn(probabilities, y, classes)


def _learn(probabilities: Array, y: Array, classes: list[Any]) -> Calibration:
    logs = np.log(np.maximum(probabilities, MIN_PROBABILITY))
    goals = _goals(y, classes)
    if len(classes) == 2:
        # Each row stands for both classes by weight: the library takes labels, not probabilities.
        fitted = LogisticRegression(C=1e6).fit(
            np.tile(logs[:, 1] - logs[:, 0], 2).reshape(-1, 1),
            np.repeat([0, 1], len(y)),
            sample_weight=np.concatenate([goals[:, 0], goals[:, 1]]),
        )
        # Below zero the model would be turned upside down.
        return Calibration(max(0.0, float(fitted.coef_[0, 0])), [0.0, float(fitted.intercept_[0])])
    none = [0.0] * len(classes)

    def loss(slope: float) -> float:
        calibrated = Calibration(slope, none).apply(probabilities)
        return float(-(goals * np.log(np.maximum(calibrated, MIN_PROBABILITY))).sum(axis=1).mean())

    return Calibration(float(minimize_scalar(loss, bounds=(0.1, 5.0)).x), none)


def _goals(y: Array, classes: list[Any]) -> Array:
    """The probabilities that calibration aims at, shape (rows, classes).

    (n + 1) / (n + classes) for a row's own class of n rows and 1 / (n + classes) for each other, as Platt's paper has
    it for two. With 1 and 0, a few rows that are told apart without a mistake would make every probability 1 or 0.
    """
    number = positions(y, classes)
    own, count = np.eye(len(classes))[number], np.bincount(number)[number][:, None]
    return np.asarray((own * count + 1) / (count + len(classes)))


def threshold(positive: Array, truth: Array, objective: str) -> float:
    """The threshold of the positive class's probability with the best objective on validation rows.

    `positive` are probabilities, `truth` 0 or 1. It lies in the middle between two neighbouring probabilities, or above
    all of them, even above 1, where nobody is better than anybody.
    """
    order = np.argsort(-positive, kind="stable")
    ranked, hits = positive[order], np.cumsum(truth[order])
    selected = np.arange(1, len(truth) + 1)
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # after a run of equal probabilities
    # The last cut is before the first row: nobody.
    hits, selected, ranked = np.append(hits[ends], 0), np.append(selected[ends], 0), ranked[ends]
    positives, count = truth.sum(), len(truth)
    correct_negatives = (count - positives) - (selected - hits)
    value = {
        "accuracy": (hits + correct_negatives) / count,
        "balanced_accuracy": hits / max(1, positives) + correct_negatives / max(1, count - positives),
        "f1": 2 * hits / np.maximum(1, selected + positives),
    }[objective]
    best = int(value.argmax())
    if best == len(ranked):
        return float((1.0 + ranked[0]) / 2) if ranked[0] < 1.0 else float(np.nextafter(1.0, 2.0))
    following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + following) / 2)
