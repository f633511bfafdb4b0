"""An ensemble: the weighted mean of the predictions of several trials, which competes as the last candidate.

Greedy selection with replacement (Caruana et al., Ensemble selection from libraries of models, 2004,
https://doi.org/10.1145/1015330.1015432) over the predictions that the folds have given already, so the search fits
nothing for it. The predictions of each fold are weighted by what was selected on the other folds: its losses are those
of rows that the weights were not chosen on.
"""

from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.pipeline import Pipeline

from function_code.training.already_fitted import AlreadyFitted
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.dataset import PreparedDataset
from function_code.training.decision import CalibratedClassifier
from function_code.training.evaluate import MIN_LOSS_PROBABILITY, losses
from function_code.training.table import Array
from function_code.training.trial import Trial, lowest

MAX_MEMBERS = 4
SELECTIONS = 20  # of a member, with replacement: the weights are multiples of its reciprocal


class Ensemble(Candidate):
    """Trials as members, each with its weight."""

    name, is_ensemble = "ensemble", True
    settings = ()

    def __init__(self, members: list[tuple[float, Trial]]) -> None:
        first = members[0][1].candidate
        super().__init__(first.columns, first.task)
        self.members = members
        self.stops_early = any(trial.candidate.stops_early for _, trial in members)

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:  # noqa: ARG002 (members have it)
        """Fits every member; those that don't stop early learn from the rows in `valid`, too."""
        pipelines = [(weight, _fit_member(trial, rows, valid)) for weight, trial in self.members]
        kind = EnsembleRegressor if self.task == "regression" else EnsembleClassifier
        return Fitted(Pipeline([("encode", "passthrough"), ("model", kind(pipelines))]))


class _Mean(AlreadyFitted):
    def __init__(self, members: list[tuple[float, Pipeline]]) -> None:
        self.members = members

    def _mean(self, method: str, x: Any) -> Array:
        total: Array = np.zeros(1)
        for weight, pipeline in self.members:
            total = total + weight * np.asarray(getattr(pipeline, method)(x), dtype=np.float64)
        return total


class EnsembleRegressor(RegressorMixin, _Mean):  # type: ignore[misc]
    """The weighted mean of fitted pipelines' values."""

    def predict(self, x: Any) -> Array:
        """Values, shape (rows,)."""
        return self._mean("predict", x)


class EnsembleClassifier(ClassifierMixin, _Mean):  # type: ignore[misc]
    """The weighted mean of fitted pipelines' probabilities."""

    @property
    def classes_(self) -> Array:
        """The labels in the order of the probabilities."""
        return np.asarray(self.members[0][1].classes_)

    def predict_proba(self, x: Any) -> Array:
        """Probabilities, shape (rows, classes)."""
        return self._mean("predict_proba", x)

    def predict(self, x: Any) -> Array:
        """Labels, shape (rows,)."""
        return np.asarray(self.classes_[self.predict_proba(x).argmax(axis=1)])


def members_of(pipeline: Pipeline) -> list[tuple[float, Pipeline]]:
    """Weights and pipelines of what a fitted pipeline is an ensemble of; none if it is of one model."""
    model = pipeline["model"].model if isinstance(pipeline["model"], CalibratedClassifier) else pipeline["model"]
    return model.members if isinstance(model, _Mean) else []


def ensemble(trials: list[Trial], dataset: PreparedDataset, seconds: float) -> tuple[Trial, list[Trial]] | None:
    """The ensemble as a trial, and its members, on the folds of the best; None if no two are better than one.

    Where the best has one fold, halves of its rows are what several folds are otherwise. The members share the
    `seconds` for fits with several seeds.
    """
    going = [trial for trial in trials if trial.folds and not trial.note]
    count = lowest(going).folds
    able = [trial for trial in going if trial.folds >= count]
    if len(able) < 2:
        return None
    rows = able[0].rows[:count]
    parts = np.repeat(range(count), [len(part) for part in rows]) if count > 1 else np.arange(len(rows[0])) % 2
    target = dataset.target[np.concatenate(rows)]
    predicted = np.stack([np.concatenate(trial.predicted[:count]) for trial in able])
    # All that a log loss takes is the probability of the right class.
    loss = np.stack([np.concatenate(trial.losses[:count]) for trial in able])
    votes = np.exp(-loss) if dataset.classes else predicted[:, :, 0]

    def weights(chosen: Array) -> Array:
        return _select(votes[:, chosen], target[chosen], bool(dataset.classes))

    whole = weights(parts >= 0)
    size = np.count_nonzero(whole)
    if size < 2:
        return None
    members = [
        (float(weight), trial.with_seeds(seconds / size)) for weight, trial in zip(whole, able, strict=True) if weight
    ]
    mean = np.empty_like(predicted[0])
    for part in np.unique(parts):
        mean[parts == part] = np.tensordot(weights(parts != part), predicted[:, parts == part], axes=1)
    ends = np.cumsum([len(part) for part in rows])[:-1]
    result = Trial(
        Ensemble(members),
        {trial.title: round(weight, 3) for weight, trial in members},
        losses=np.split(losses(mean, target, dataset.classes), ends),
        rows=rows,
        predicted=np.split(mean, ends),
        decided=[{}] * count,
    )
    return result, [trial for _, trial in members]


def _select(votes: Array, target: Array, classes: bool) -> Array:
    """The weights of the trials with the lowest mean loss on rows, shape (trials,); they add up to 1.

    `votes`, shape (trials, rows), are values, or the probabilities of the right class.
    """

    def loss(total: Array, size: int) -> float:
        mean = total / size
        each = -np.log(np.maximum(mean, MIN_LOSS_PROBABILITY)) if classes else (mean - target) ** 2
        return float(each.mean())

    counts = np.zeros(len(votes))
    total, selections = np.zeros(len(target)), []
    for size in range(1, SELECTIONS + 1):
        is_full = np.count_nonzero(counts) == MAX_MEMBERS
        able = [index for index in range(len(votes)) if counts[index] or not is_full]
        lowest_loss, index = min((loss(total + votes[index], size), index) for index in able)
        counts[index] += 1
        total = total + votes[index]
        selections.append((lowest_loss, counts / size))
    return np.asarray(min(selections, key=itemgetter(0))[1])


def _fit_member(trial: Trial, rows: Rows, valid: Rows | None) -> Pipeline:
    if valid is None:
        return trial.candidate.fit(trial.final, rows).pipeline
    if trial.candidate.stops_early:
        return trial.candidate.fit(trial.setting, rows, valid).pipeline
    features = pd.concat([rows.features, valid.features])
    return trial.candidate.fit(trial.final, Rows(features, np.concatenate([rows.target, valid.target]))).pipeline
