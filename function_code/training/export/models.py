"""Fitted estimators as the tables that `scoring` computes with."""

import sys
from typing import Any

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from function_code.training.candidates.multiplicative import Multiplicative
from function_code.training.candidates.neural import Layers, NeuralClassifier, NeuralRegressor
from function_code.training.candidates.scikit import Rescaled
from function_code.training.export.boosting import gradient_tables, lightgbm_tables
from function_code.training.export.trees import NotExpressible, boosted_tables, forest_tables

Tables = tuple[dict[str, Any], str]  # those of the model, and the name of its link

SEARCHES = GridSearchCV, RandomizedSearchCV  # which predict with the best estimator that they have found
# Weighted sums of the inputs; for classes their logistic function or, for more than two, their softmax.
LINEAR_CLASSIFIERS = LogisticRegression, LinearDiscriminantAnalysis
LINEAR_REGRESSORS = (
    LinearRegression, Ridge, RidgeCV, ElasticNet, ElasticNetCV, LassoCV, BayesianRidge, HuberRegressor, SGDRegressor
)  # fmt: skip
BOOSTED = HistGradientBoostingClassifier, HistGradientBoostingRegressor
GRADIENT = GradientBoostingClassifier, GradientBoostingRegressor
FORESTS = (
    RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor, DecisionTreeClassifier,
    DecisionTreeRegressor,
)  # fmt: skip


def model_tables(model: Any) -> Tables:
    """Raises NotExpressible."""
    if isinstance(model, SEARCHES):
        return model_tables(model.best_estimator_)
    link = _link(model)
    if isinstance(model, LINEAR_CLASSIFIERS + LINEAR_REGRESSORS) or _is_logistic(model):
        weights, intercepts = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
        # Without an intercept it is one 0 for all outputs.
        intercepts = np.broadcast_to(intercepts, len(weights))
        return {"kind": "linear", "weights": weights.tolist(), "intercepts": intercepts.tolist()}, link
    if isinstance(model, BOOSTED):
        return boosted_tables(model), link
    if isinstance(model, GRADIENT):
        return gradient_tables(model), link
    if _is_lightgbm(model):
        return lightgbm_tables(model), link
    if isinstance(model, FORESTS):
        return forest_tables(model), "share" if link == "logistic" else "identity"
    if isinstance(model, MLPClassifier | MLPRegressor):
        return _scikit_network(model), link
    if isinstance(model, NeuralClassifier | NeuralRegressor):
        return _network(model.layers, "relu"), link
    if isinstance(model, Rescaled | Multiplicative):
        return _scaled_back(model)
    raise NotExpressible(f"there are no tables for a {type(model).__name__}")


def _link(model: Any) -> str:
    if hasattr(model, "classes_"):
        return "logistic" if len(model.classes_) == 2 else "softmax"
    return "exp" if isinstance(model, BOOSTED) and model.loss in ("poisson", "gamma") else "identity"


def _scaled_back(model: Rescaled | Multiplicative) -> Tables:
    """The tables of a model that was fitted to targets of another scale."""
    if isinstance(model, Multiplicative):
        tables = _multiplicative(model.model, float(np.log(model.mean)))
        return {**tables, "max_exponent": float(np.log(model.ceiling))}, "exp"
    tables = _scikit_network(model.network)
    last = tables["layers"][-1]
    last["weights"] = [[weight * model.scale for weight in weights] for weights in last["weights"]]
    last["intercepts"] = [intercept * model.scale + model.mean for intercept in last["intercepts"]]
    return tables, "identity"


def _multiplicative(model: Any, shift: float) -> dict[str, Any]:
    """The tables of a model of the Poisson loss, with a shift of its sums."""
    if isinstance(model, PoissonRegressor):
        return {"kind": "linear", "weights": [model.coef_.tolist()], "intercepts": [float(model.intercept_) + shift]}
    if isinstance(model, MLPRegressor):
        tables = _layers(model)
        (intercept,) = tables["layers"][-1]["intercepts"]
        tables["layers"][-1]["intercepts"] = [intercept + shift]
        return tables
    tables = boosted_tables(model)
    return {**tables, "base": [tables["base"][0] + shift]}


def _is_logistic(model: Any) -> bool:
    """Tells logistic regression by stochastic gradient descent: of two classes, as more are one against all."""
    return isinstance(model, SGDClassifier) and model.loss == "log_loss" and len(model.classes_) == 2


def _is_lightgbm(model: Any) -> bool:
    # Whoever has such a model has imported its library; nobody else needs it.
    return "lightgbm" in sys.modules and isinstance(model, sys.modules["lightgbm"].LGBMModel)


def _scikit_network(model: MLPClassifier | MLPRegressor) -> dict[str, Any]:
    if model.out_activation_ == "exp":  # which may overflow, other than that of `Multiplicative`
        raise NotExpressible(f"there are no tables for a {type(model).__name__} of the loss {model.loss}")
    return _layers(model)


def _layers(model: MLPClassifier | MLPRegressor) -> dict[str, Any]:
    return _network(list(zip(model.coefs_, model.intercepts_, strict=True)), model.activation)


def _network(layers: Layers, activation: str) -> dict[str, Any]:
    activations = [*[activation] * (len(layers) - 1), "identity"]  # the output's own activation is the link
    tables = [
        {"weights": weights.T.tolist(), "intercepts": intercepts.tolist(), "activation": activation}
        for (weights, intercepts), activation in zip(layers, activations, strict=True)
    ]
    return {"kind": "network", "layers": tables}
