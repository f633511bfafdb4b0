"""A custom estimator: any that has scikit-learn's methods, created by a function that a setting names."""

import sys
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags

from function_code.errors import Refused
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.encoders import (
    LARGEST_FLOAT32,
    MAX_STANDARD_DEVIATIONS,
    Columns,
    plain,
    scaled,
    within_float32,
)
from function_code.training.evaluate import predict


class CustomEstimator(Candidate):
    """The estimator that the function `name`, as module:function, returns for a task. It has one setting: no search.

    Numbers are bounded: much of what computes in float32 refuses those that float32 does not have, and what compares
    distances has no use for those that are farther away than any other.
    """

    def __init__(self, columns: Columns, task: str, name: str) -> None:
        """Raises Refused if there is no such function, or if what it returns is no estimator for the task."""
        super().__init__(columns, task)
        self.name, self.settings = "own", ({"estimator": name},)
        self._name, self._function = name, _function(name)
        takes_missing = _takes_missing(self._create())
        self._encoder, self._largest = (plain, LARGEST_FLOAT32) if takes_missing else (scaled, MAX_STANDARD_DEVIATIONS)

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:  # noqa: ARG002 (there is one)
        """Fits as `Candidate.fit` does; `valid` is there to see whether it predicts.

        Raises Refused if the estimator fails, or puts the classes into an order of its own.
        """
        encoder = self._encoder(self.columns, len(rows.target))
        bound = FunctionTransformer(within_float32, kw_args={"largest": self._largest})
        pipeline = Pipeline([("encode", encoder), ("bound", bound), ("model", self._create())])
        try:
            with redirect_stdout(sys.stderr):
                pipeline.fit(rows.features, rows.target)
                # Some have a method only by certain arguments, which shows when they are fitted.
                self._check(pipeline["model"], pipeline["model"])
                predicted = predict(pipeline, valid.features if valid else rows.features.head(1))
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it raises, it is somebody else's code
            raise self._refused(f"it cannot be fitted ({error_line(error)})") from None
        if not np.isfinite(predicted).all():
            raise self._refused("it predicts NaN or infinity")
        classes = list(getattr(pipeline["model"], "classes_", []))
        if self.task != "regression" and classes != np.unique(rows.target).tolist():
            raise self._refused("its classes_ are not the sorted labels that it was fitted on")
        return Fitted(pipeline)

    @property
    def _required_methods(self) -> list[str]:
        return ["fit", "predict", *(["predict_proba"] if self.task != "regression" else [])]

    def _create(self) -> Any:
        try:
            with redirect_stdout(sys.stderr):
                model = self._function(self.task)
        except Exception as error:  # noqa: BLE001
            raise self._refused(f"the function raised {error_line(error)}") from None
        if isinstance(model, type):
            raise self._refused(f"it returned the class {model.__name__}, not an estimator made of it")
        # Asked of its class: some have a method only when they are fitted.
        self._check(model, type(model))
        return model

    def _check(self, model: Any, has: Any) -> None:
        """Raises Refused if `has`, the model or its class, lacks a method that the task needs."""
        lacking = [method for method in self._required_methods if not hasattr(has, method)]
        if lacking:
            what = f"a {type(model).__name__} without {', '.join(lacking)}"
            raise self._refused(f"it returned {what}, not an estimator for {self.task}")

    def _refused(self, why: str) -> Refused:
        return Refused(f"estimator {self._name}: {why}")


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    try:
        with redirect_stdout(sys.stderr):  # only results belong on standard output
            imported = getattr(import_module(module), function, None)
    except ModuleNotFoundError as error:
        if error.name and f"{module}.".startswith(f"{error.name}."):
            raise Refused(f"estimator {name}: there is no module {error.name}") from None
        raise Refused(
            f"estimator {name}: it imports {error.name}, which is not installed; name that in requirements/local.in, "
            "then: make lock"
        ) from None
    except Exception as error:  # noqa: BLE001
        raise Refused(f"estimator {name}: {module} cannot be imported ({error_line(error)})") from None
    if not callable(imported):
        raise Refused(f"estimator {name}: {module} has no function {function}")
    return imported


def _takes_missing(model: Any) -> bool:
    return hasattr(model, "__sklearn_tags__") and bool(get_tags(model).input_tags.allow_nan)


def error_line(error: Exception) -> str:
    """An error in one line, with its type."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
