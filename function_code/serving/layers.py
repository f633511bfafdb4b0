"""Linear models and networks: weighted sums of the input, and of what activations make of them."""

from __future__ import annotations

from math import exp, tanh
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Linear:
    """Of {"weights": [[...] for each output], "intercepts": [...]}. Called with an input vector, the outputs."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.weights: list[list[float]] = tables["weights"]
        self._terms = list(zip(self.weights, tables["intercepts"], strict=True))

    def __call__(self, vector: list[float]) -> list[float]:
        """One number for each row of weights."""
        return [sum(map(mul, weights, vector)) + intercept for weights, intercept in self._terms]


class Network:
    """Of {"layers": [{"weights": ..., "intercepts": ..., "activation": a name of ACTIVATIONS}, ...]}."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.layers = [(Linear(layer), ACTIVATIONS[layer["activation"]]) for layer in tables["layers"]]

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs of the last layer."""
        for layer, activate in self.layers:
            vector = activate(layer(vector))
        return vector


def logistic(z: float) -> float:
    """1 / (1 + exp(-z))."""
    # Two forms, so that exp never overflows.
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


ACTIVATIONS: dict[str, Callable[[list[float]], list[float]]] = {
    "identity": lambda values: values,
    "relu": lambda values: [max(0.0, value) for value in values],
    "tanh": lambda values: list(map(tanh, values)),
    "logistic": lambda values: list(map(logistic, values)),
}
