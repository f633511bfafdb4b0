"""Linear models and networks: weighted sums of the input, and of what activations make of them."""

from __future__ import annotations

from math import exp, tanh
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

MUCH = 100_000  # multiplications


class Linear:
    """Of {"weights": [[...] for each output], "intercepts": [...]}."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.weights: list[list[float]] = tables["weights"]
        self._terms = list(zip(self.weights, tables["intercepts"], strict=True))

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        return [sum(map(mul, weights, vector)) + intercept for weights, intercept in self._terms]

    def many(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        return list(map(list, zip(*self.columns(columns), strict=True)))

    def columns(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The same as columns, one for each output.

        Columns of two values, as categories give them, are summed up once for each combination that occurs. Where
        numpy happens to be installed, it takes over what is much; the package that serves does not bring it.
        """
        if len(self._terms) * len(columns) * len(columns[0]) >= MUCH and (np := _numpy()):
            product = np.array(self.weights) @ np.array(columns)
            return (product + np.array([[intercept] for _, intercept in self._terms])).tolist()  # type: ignore[no-any-return]
        few = [i for i, column in enumerate(columns) if len(set(column[:50])) <= 2 and len(set(column)) <= 2]
        others = [i for i in range(len(columns)) if i not in set(few)]
        known: dict[tuple[float, ...], int] = {}
        combined = zip(*[columns[index] for index in few], strict=True) if few else [()] * len(columns[0])
        numbers = [known.setdefault(combination, len(known)) for combination in combined]
        outputs = []
        for weights, intercept in self._terms:
            chosen = [weights[index] for index in few]
            begun = [sum(map(mul, chosen, combination), intercept) for combination in known]
            start = [begun[number] for number in numbers]
            outputs.append(weighted(start, [columns[i] for i in others], [weights[i] for i in others]))
        return outputs


class Network:
    """Of {"layers": [{"weights": ..., "intercepts": ..., "activation": a name of ACTIVATIONS}, ...]}."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.layers = [(Linear(layer), ACTIVATIONS[layer["activation"]]) for layer in tables["layers"]]

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        for layer, activate in self.layers:
            vector = activate(layer(vector))
        return vector

    def many(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        for layer, activate in self.layers:
            columns = [activate(column) for column in layer.columns(columns)]
        return list(map(list, zip(*columns, strict=True)))


def _numpy() -> Any:
    try:
        import numpy as np
    except ImportError:
        return None
    return np


def weighted(start: list[float], columns: list[Sequence[float]], weights: list[float]) -> list[float]:
    """For each row start + the sum of its values times the weights."""
    # Eight at a time: most of the time goes into fetching numbers, not into calculating.
    whole = len(columns) // 8 * 8
    for i in range(0, whole, 8):
        a, b, c, d, e, f, g, h = weights[i : i + 8]
        start = [
            s + a * p + b * q + c * r + d * t + e * u + f * v + g * w + h * x
            for s, p, q, r, t, u, v, w, x in zip(start, *columns[i : i + 8], strict=True)
        ]
    for i in range(whole, len(columns)):
        a = weights[i]
        start = [s + a * p for s, p in zip(start, columns[i], strict=True)]
    return start


def logistic(z: float) -> float:
    """1 / (1 + exp(-z))."""
    # Two forms, so that exp never overflows.
    return 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))


# Each number by itself: of one layer's outputs for a row, or of one output for all rows.
ACTIVATIONS: dict[str, Callable[[list[float]], list[float]]] = {
    "identity": lambda values: values,
    "relu": lambda values: [value if value > 0.0 else 0.0 for value in values],  # noqa: FURB136 (max is slow)
    "tanh": lambda values: list(map(tanh, values)),
    "logistic": lambda values: list(map(logistic, values)),
}
