"""Linear models and networks: weighted sums of the input, and of what activations make of them."""

from __future__ import annotations

from math import exp, tanh
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def linear(tables: dict[str, Any]) -> Callable[[list[float]], list[float]]:
    """Of {"weights": [[...] for each output], "intercepts": [...]}."""
    terms = list(zip(tables["weights"], tables["intercepts"], strict=True))

    def output(vector: list[float]) -> list[float]:
        return [sum(map(mul, weights, vector)) + intercept for weights, intercept in terms]

    return output


def network(tables: dict[str, Any]) -> Callable[[list[float]], list[float]]:
    """Of {"layers": [{"weights": ..., "intercepts": ..., "activation": a name of ACTIVATIONS}, ...]}."""
    layers = [(linear(layer), ACTIVATIONS[layer["activation"]]) for layer in tables["layers"]]

    def output(vector: list[float]) -> list[float]:
        for layer, activate in layers:
            vector = activate(layer(vector))
        return vector

    return output


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
