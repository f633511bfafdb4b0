"""scikit-learn's larger candidates: gradient-boosted trees, a random forest and a small network."""

import time
from copy import deepcopy
from math import inf
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline

from function_code.training.already_fitted import AlreadyFitted
from function_code.training.candidates.candidate import SEED, Candidate, Fitted, Rows, Setting
from function_code.training.candidates.multiplicative import LOSS, Multiplicative, encoded_target, is_multiplicative
from function_code.training.encoders import narrow, plain, scaled
from function_code.training.evaluate import mean_loss
from function_code.training.table import Array

MAX_ROUNDS, MAX_EPOCHS = 1500, 200
PATIENCE_ROUNDS, PATIENCE_EPOCHS = 25, 10  # without a lower validation loss, after which a fit stops
MAX_BATCH_ROWS = 200  # of a step of a network
MAX_SEEDS, MAX_LEAVES = 6, 40_000  # of trees whose mean is taken; 40,000 leaves are about 1.5 MB
MIN_FILLED_SHARE = 0.001  # of the rows, from which a sample of them has some
FOREST_TREES, MIN_LEAF_SHARE = 100, 0.001


class Trees(Candidate):
    """Histogram gradient boosting; a round adds one tree, or one for each of more than two classes.

    `columns` is the share of the columns that are drawn for each split, `least_leaf` the least rows in a leaf. Values
    are the mean of models with several `seeds`, which draw other columns: their errors differ, and partly cancel.
    """

    name, multiplies, stops_early, cost = "trees", True, True, 15.0
    settings = (
        {"leaves": 15, "least_leaf": 20, "rate": 0.05, "l2": 1.0, "columns": 0.5},
        {"leaves": 15, "least_leaf": 5, "rate": 0.05, "l2": 10.0, "columns": 0.3},
        {"leaves": 4, "least_leaf": 20, "rate": 0.1, "l2": 1.0, "columns": 0.5},
        {"leaves": 31, "least_leaf": 20, "rate": 0.05, "l2": 1.0, "columns": 1.0},
        {"leaves": 8, "least_leaf": 20, "rate": 0.05, "l2": 1.0, "columns": 0.5},
    )
    large_settings = (
        {"leaves": 31, "least_leaf": 20, "rate": 0.1, "l2": 1.0, "columns": 0.5},
        {"leaves": 15, "least_leaf": 20, "rate": 0.05, "l2": 1.0, "columns": 0.5},
        {"leaves": 31, "least_leaf": 5, "rate": 0.05, "l2": 10.0, "columns": 0.3},
        {"leaves": 31, "least_leaf": 20, "rate": 0.05, "l2": 1.0, "columns": 0.5},
        {"leaves": 8, "least_leaf": 20, "rate": 0.1, "l2": 1.0, "columns": 0.5},
    )

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits as `Candidate.fit` does; decides `rounds`, and the number of `seeds` for the fit on all rows."""
        multiplies, y = is_multiplicative(setting, rows.target), rows.target
        mean = float(np.mean(y)) if multiplies else 1.0
        encoder = plain(self.columns, len(y))
        x = _without_rare_columns(encoder.fit_transform(rows.features, encoded_target(y, setting)), setting)
        y = y / mean if multiplies else y
        if valid:
            y_valid = valid.target / mean if multiplies else valid.target
            model = self._unfitted(setting, multiplies)
            model.fit(x, y, X_val=encoder.transform(valid.features), y_val=y_valid)
            # The first score is that of no tree at all.
            rounds = max(1, int(np.argmax(model.validation_score_)))
            del model._predictors[rounds:]
            seeds = self._seeds(setting, rounds)
        else:
            rounds, seeds = int(setting["rounds"]), int(setting.get("seeds", 1))
            unfitted = [self._unfitted(setting, multiplies, rounds, SEED + number) for number in range(seeds)]
            model = _mean([each.fit(x, y) for each in unfitted])
        fitted = Multiplicative.of(model, rows.target) if multiplies else model
        return Fitted(Pipeline([("encode", encoder), ("model", fitted)]), {"rounds": rounds, "seeds": seeds})

    def _seeds(self, setting: Setting, rounds: int) -> int:
        # Classes gain nothing on the tables of bench.automl; and all seeds grow the same trees on all columns.
        if self.task != "regression" or setting["columns"] == 1:
            return 1
        return max(1, min(MAX_SEEDS, MAX_LEAVES // (rounds * int(setting["leaves"]))))

    def _unfitted(self, setting: Setting, multiplies: bool, rounds: int | None = None, seed: int = SEED) -> Any:
        """A model of so many rounds; without a number, validation rows stop it."""
        kind = HistGradientBoostingRegressor if self.task == "regression" else HistGradientBoostingClassifier
        return kind(
            **({"loss": LOSS} if multiplies else {}),
            learning_rate=setting["rate"],
            max_leaf_nodes=setting["leaves"],
            min_samples_leaf=setting["least_leaf"],
            l2_regularization=setting["l2"],
            max_features=setting["columns"],
            max_iter=rounds or MAX_ROUNDS,
            early_stopping=rounds is None,
            scoring="loss",
            n_iter_no_change=PATIENCE_ROUNDS,
            random_state=seed,
        )


def _without_rare_columns(x: Array, setting: Setting) -> Array:
    """The inputs with nothing to split in columns that hardly a row has a value of: scikit-learn fails at empty ones.

    A column that was added late is empty in the rows before.
    """
    filled = np.count_nonzero(~np.isnan(x), axis=0)
    rare = filled < max(setting["least_leaf"], MIN_FILLED_SHARE * len(x))
    return np.where(rare, 0.0, x) if rare.any() else x


def _mean(models: list[Any]) -> Any:
    """The mean of what fitted models add up, as one model: the trees of all, with leaves that are divided.

    The squared error of a mean is at most the mean of the squared errors.
    """
    first, *_ = models
    rounds = [trees for model in models for trees in model._predictors]
    for tree in (tree for trees in rounds for tree in trees):
        tree.nodes["value"] /= len(models)
    first._predictors = rounds
    return first


class Forest(Candidate):
    """A random forest; `share` of the features are tried at each split.

    No leaf has less than a MIN_LEAF_SHARE of the rows: otherwise the model would grow with the data, to hundreds of
    megabytes which every start of an endpoint has to read.
    """

    name, cost = "forest", 8.0
    settings = (
        {"least_leaf": 20, "share": "sqrt"},
        {"least_leaf": 50, "share": "sqrt"},
        {"least_leaf": 5, "share": "sqrt"},
        {"least_leaf": 20, "share": 0.5},
    )

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:  # noqa: ARG002 (nothing to stop)
        """Fits as `Candidate.fit` does."""
        kind = RandomForestRegressor if self.task == "regression" else RandomForestClassifier
        model = kind(
            FOREST_TREES,
            min_samples_leaf=max(setting["least_leaf"], int(MIN_LEAF_SHARE * len(rows.target))),
            max_features=setting["share"],
            n_jobs=-1,
            random_state=SEED,
        )
        steps = [("encode", narrow(self.columns, len(rows.target))), ("model", model)]
        pipeline = Pipeline(steps).fit(rows.features, rows.target)
        model.n_jobs = 1  # threads would add the trees' predictions up in the order in which they end
        return Fitted(pipeline)


class Network(Candidate):
    """A network of one or two small hidden layers."""

    name, multiplies, stops_early, cost = "network", True, True, 20.0
    settings = (
        {"hidden": [16], "penalty": 1.0},
        {"hidden": [32, 16], "penalty": 3.0},
        {"hidden": [64], "penalty": 0.1},
    )
    large_settings = (
        {"hidden": [16], "penalty": 1.0},
        {"hidden": [32, 16], "penalty": 0.1, "learning_rate": 0.001},
        {"hidden": [64], "penalty": 0.1},
    )

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits as `Candidate.fit` does; decides `epochs`."""
        options = {
            "hidden_layer_sizes": tuple(setting["hidden"]),
            "alpha": setting["penalty"],
            "learning_rate_init": setting.get("learning_rate", 0.003),
            "max_iter": int(setting.get("epochs", MAX_EPOCHS)),
            "batch_size": _batch_rows(len(rows.target)),
            "tol": 0.0,
            "n_iter_no_change": MAX_EPOCHS,
            "random_state": SEED,
        }
        encoder = scaled(self.columns, len(rows.target))
        y = rows.target
        x = encoder.fit_transform(rows.features, encoded_target(y, setting))
        if self.task != "regression":
            end, own = self.end(rows), _encoded(encoder, valid)
            network, epochs, is_cut = _fit_network(MLPClassifier(**options), x, y, own, end)
            return Fitted(Pipeline([("encode", encoder), ("model", network)]), {"epochs": epochs}, is_cut)
        own, mean, scale = _encoded(encoder, valid), float(np.mean(y)), float(np.std(y)) or 1.0
        if is_multiplicative(setting, rows.target):
            apart = (own[0], own[1] / mean) if own else None
            network, epochs, _ = _fit_network(MLPRegressor(LOSS, **options), x, y / mean, apart)
            return Fitted(Pipeline([("encode", encoder), ("model", Multiplicative.of(network, y))]), {"epochs": epochs})
        apart = (own[0], (own[1] - mean) / scale) if own else None
        network, epochs, _ = _fit_network(MLPRegressor(**options), x, (y - mean) / scale, apart)
        steps = [("encode", encoder), ("model", Rescaled(network, mean, scale))]
        return Fitted(Pipeline(steps), {"epochs": epochs})


class Rescaled(RegressorMixin, AlreadyFitted):  # type: ignore[misc]
    """A fitted network whose targets were (value - mean) / scale, predicting values."""

    def __init__(self, network: Any, mean: float, scale: float) -> None:
        self.network, self.mean, self.scale = network, mean, scale

    def predict(self, x: Any) -> Array:
        """Values, shape (rows,)."""
        return np.asarray(self.network.predict(x)) * self.scale + self.mean


def _batch_rows(rows: int) -> int:
    """The number of rows of a step with which the last one has about as many.

    scikit-learn divides the penalty by the rows of a step: one of a single row would be nothing but penalty.
    """
    sizes = range(min(rows, MAX_BATCH_ROWS), MAX_BATCH_ROWS // 2, -1) or [rows]
    return min(sizes, key=lambda size: (-rows % size) / size)


def _encoded(encoder: Any, rows: Rows | None) -> tuple[Array, Array] | None:
    return (encoder.transform(rows.features), rows.target) if rows else None


def _fit_network(
    network: Any, x: Array, y: Array, valid: tuple[Array, Array] | None, end: float = inf
) -> tuple[Any, int, bool]:
    """The network after as many epochs as it asks for, or after the one with the lowest loss on the rows in `valid`.

    With those rows it ends at that moment at the latest; the last of the result says whether it did.
    scikit-learn's own early stopping would choose rows that know neither groups nor time.
    """
    if valid is None:
        return network.fit(x, y), network.max_iter, False
    classes = {"classes": np.unique(y)} if isinstance(network, MLPClassifier) else {}
    best, best_loss, best_epoch = network, np.inf, 1
    for epoch in range(1, MAX_EPOCHS + 1):
        network.partial_fit(x, y, **classes)
        loss = mean_loss(network, *valid)
        if loss < best_loss:
            best, best_loss, best_epoch = deepcopy(network), loss, epoch
        elif epoch >= best_epoch + PATIENCE_EPOCHS:
            break
        if time.monotonic() >= end:
            return best, best_epoch, True
    return best, best_epoch, False
