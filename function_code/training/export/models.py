"""Fitted estimators as the tables that `serving` computes with."""

from typing import Any

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

from function_code.training.candidates.scikit import Rescaled
from function_code.training.export.trees import boosted_tables, forest_tables

Tables = tuple[dict[str, Any], str]  # those of the model, and the name of its link


class NotExpressible(Exception):
    """There are no tables for this kind of model."""


def model_tables(model: Any) -> Tables:
    """Raises NotExpressible."""
    link = "identity" if not hasattr(model, "classes_") else "logistic" if len(model.classes_) == 2 else "softmax"
    if isinstance(model, LogisticRegression | LinearRegression | Ridge):
        weights, intercepts = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        return {"kind": "linear", "weights": weights.tolist(), "intercepts": intercepts.tolist()}, link
    if isinstance(model, HistGradientBoostingClassifier | HistGradientBoostingRegressor):
        return boosted_tables(model), link
    if isinstance(model, RandomForestClassifier | RandomForestRegressor | ExtraTreesClassifier | ExtraTreesRegressor):
        return forest_tables(model), "share" if link == "logistic" else "identity"
    if isinstance(model, MLPClassifier | MLPRegressor):
        return _network(model), link
    if isinstance(model, Rescaled):
        tables = _network(model.network)
        last = tables["layers"][-1]
        last["weights"] = [[weight * model.scale for weight in weights] for weights in last["weights"]]
        last["intercepts"] = [intercept * model.scale + model.mean for intercept in last["intercepts"]]
        return tables, link
    raise NotExpressible(f"there are no tables for a {type(model).__name__}")


def _network(model: MLPClassifier | MLPRegressor) -> dict[str, Any]:
    pairs = list(zip(model.coefs_, model.intercepts_, strict=True))
    activations = [*[model.activation] * (len(pairs) - 1), "identity"]  # the output's own activation is the link
    layers = [
        {"weights": weights.T.tolist(), "intercepts": intercepts.tolist(), "activation": activation}
        for (weights, intercepts), activation in zip(pairs, activations, strict=True)
    ]
    return {"kind": "network", "layers": layers}
