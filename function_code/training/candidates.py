"""The models that compete: a regularised linear model and gradient-boosted trees.

A fit takes typed features (see `Typed`) and returns a fitted scikit-learn pipeline of encoder and model. Where a
setting has to be found (the strength of the penalty, the number of trees), validation rows decide it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from function_code.training.evaluate import mean_loss
from function_code.training.table import Array

Say = Callable[[str], None]

PENALTIES = (0.01, 0.1, 1.0, 10.0)
TREE_ROUNDS, MOST_ROUNDS, PATIENCE = 20, 400, 2  # trees a step; at most; steps without a better validation loss
LEAST_GAIN = 5e-4  # of the first step's loss; less is not worth the trees
MOST_TREE_CLASSES = 30  # every round grows a tree for each class
MIN_SHARE, MOST_CATEGORIES = 0.01, 40  # a rarer category, or a later one, counts as "other"
SEED = 0


class Candidate:
    """A model and the values of its setting; fitted by `choose`, then again on more rows by `refit`."""

    name: str
    setting: str
    value: float

    def __init__(self, numeric: list[str], categories: list[str], task: str) -> None:
        self.numeric, self.categories, self.task = numeric, categories, task

    def choose(self, learn: pd.DataFrame, y: Array, valid: pd.DataFrame, y_valid: Array, say: Say) -> float:
        """Finds the setting; returns the validation loss reached with it."""
        raise NotImplementedError

    def refit(self, frame: pd.DataFrame, y: Array, say: Say) -> Pipeline:
        """Fits with the setting that was found."""
        raise NotImplementedError

    def _onehot(self, rows: int) -> tuple[str, OneHotEncoder, list[str]]:
        encoder = OneHotEncoder(
            handle_unknown="infrequent_if_exist",
            min_frequency=max(2, int(MIN_SHARE * rows)),
            max_categories=MOST_CATEGORIES,
            sparse_output=False,
        )
        return "categories", encoder, self.categories


class Linear(Candidate):
    """Logistic or ridge regression on filled, scaled numbers, indicators of the missing ones and one-hot categories."""

    name, setting = "linear", "penalty"

    def choose(self, learn: pd.DataFrame, y: Array, valid: pd.DataFrame, y_valid: Array, say: Say) -> float:
        """As `Candidate.choose`."""
        encoder = self._encoder(len(learn)).fit(learn)
        x, x_valid = encoder.transform(learn), encoder.transform(valid)
        losses = {}
        for penalty in PENALTIES:
            losses[penalty] = mean_loss(self._model(penalty).fit(x, y), x_valid, y_valid)
            say(f"  linear, penalty {penalty:g}: validation loss {losses[penalty]:.4f}")
        self.value = min(losses, key=lambda penalty: losses[penalty])
        return losses[self.value]

    def refit(self, frame: pd.DataFrame, y: Array, say: Say) -> Pipeline:  # noqa: ARG002 (it takes no time to speak of)
        """As `Candidate.refit`."""
        steps = [("encode", self._encoder(len(frame))), ("model", self._model(self.value))]
        return Pipeline(steps).fit(frame, y)

    def _model(self, penalty: float) -> LogisticRegression | Ridge:
        if self.task == "regression":
            return Ridge(alpha=penalty)
        return LogisticRegression(C=1 / penalty, max_iter=2000)

    def _encoder(self, rows: int) -> ColumnTransformer:
        numbers = Pipeline(
            [
                ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
                ("scale", StandardScaler()),
            ]
        )
        return ColumnTransformer([("numbers", numbers, self.numeric), self._onehot(rows)])


class Trees(Candidate):
    """Histogram gradient boosting on numbers (a missing one takes its own branch) and one-hot categories."""

    name, setting = "trees", "rounds"

    def choose(self, learn: pd.DataFrame, y: Array, valid: pd.DataFrame, y_valid: Array, say: Say) -> float:
        """As `Candidate.choose`."""
        encoder = self._encoder(len(learn)).fit(learn)
        x, x_valid = encoder.transform(learn), encoder.transform(valid)
        model = self._model()
        best, self.value, least = np.inf, TREE_ROUNDS, 0.0
        for rounds in range(TREE_ROUNDS, MOST_ROUNDS + 1, TREE_ROUNDS):
            loss = mean_loss(model.set_params(max_iter=rounds).fit(x, y), x_valid, y_valid)
            say(f"  trees, {rounds} rounds: validation loss {loss:.4f}")
            if loss < best - least:
                best, self.value = loss, rounds
                least = least or LEAST_GAIN * loss
            elif rounds >= self.value + PATIENCE * TREE_ROUNDS:
                break
        return float(best)

    def refit(self, frame: pd.DataFrame, y: Array, say: Say) -> Pipeline:
        """As `Candidate.refit`."""
        encoder = self._encoder(len(frame))
        x, model = encoder.fit_transform(frame), self._model()
        for rounds in range(TREE_ROUNDS, int(self.value) + 1, TREE_ROUNDS):
            model.set_params(max_iter=rounds).fit(x, y)
            say(f"  trees, {rounds} of {self.value:g} rounds")
        return Pipeline([("encode", encoder), ("model", model)])

    def _model(self) -> HistGradientBoostingClassifier | HistGradientBoostingRegressor:
        kind = HistGradientBoostingRegressor if self.task == "regression" else HistGradientBoostingClassifier
        return kind(
            learning_rate=0.05,
            max_leaf_nodes=15,
            min_samples_leaf=20,
            l2_regularization=1.0,
            early_stopping=False,  # its own validation rows would ignore groups and time
            warm_start=True,
            random_state=SEED,
        )

    def _encoder(self, rows: int) -> ColumnTransformer:
        return ColumnTransformer([("numbers", "passthrough", self.numeric), self._onehot(rows)])


def candidates(typed: pd.DataFrame, task: str, classes: list[Any]) -> list[Candidate]:
    """The candidates for features of these types."""
    categories = [str(name) for name in typed if typed[name].dtype == object]
    numeric = [str(name) for name in typed if name not in categories]
    kinds: list[type[Candidate]] = [Linear] if len(classes) > MOST_TREE_CLASSES else [Linear, Trees]
    return [kind(numeric, categories, task) for kind in kinds]
