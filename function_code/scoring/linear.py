"""Linear models and networks: weighted sums of the input, and of what activations make of them."""

from __future__ import annotations

from math import exp, tanh

from function_code.scoring.summation import ordered_dot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Linear:
    """A linear model from {"weights": [[...] for each output], "intercepts": [...]}.

    The first `numbers` inputs, by default all, may be any numbers; the others have two values, as categories give them.
    An output is the intercept, to which each of those others is added, times its weight, and then each of the numbers:
    always in this order, so that a row has the same answer, to the bit, alone, among others, and by `linear_numpy`.
    """

    def __init__(self, tables: dict[str, Any], numbers: int | None = None) -> None:
        self.weights: list[list[float]] = tables["weights"]
        self.intercepts: list[float] = tables["intercepts"]
        self.numbers = len(self.weights[0]) if numbers is None else numbers
        self._terms = [
            (intercept, weights[self.numbers :], weights[: self.numbers])
            for intercept, weights in zip(self.intercepts, self.weights, strict=True)
        ]

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        numbers, others = vector[: self.numbers], vector[self.numbers :]
        return [ordered_dot(last, numbers, ordered_dot(first, others, start)) for start, first, last in self._terms]

    def predict_batch(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        return list(map(list, zip(*self.columns(columns), strict=True)))

    def columns(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs as columns, one for each output.

        Inputs of two values are summed up once for each combination that occurs.
        """
        numbers, others = columns[: self.numbers], columns[self.numbers :]
        combinations: dict[tuple[float, ...], int] = {}
        by_row = zip(*others, strict=True) if others else [()] * len(columns[0])
        indices = [combinations.setdefault(combination, len(combinations)) for combination in by_row]
        outputs = []
        for intercept, first, last in self._terms:
            starts = [ordered_dot(first, combination, intercept) for combination in combinations]
            outputs.append(add_weighted([starts[index] for index in indices], numbers, last))
        return outputs


class Network:
    """A network from {"layers": [{"weights": ..., "intercepts": ..., "activation": a name of ACTIVATIONS}, ...]}.

    `numbers` is that of the first layer (`Linear`).
    """

    def __init__(self, tables: dict[str, Any], numbers: int | None = None) -> None:
        first, *others = tables["layers"]
        layers = [Linear(first, numbers), *map(Linear, others)]
        self.layers = [
            (layer, ACTIVATIONS[table["activation"]]) for layer, table in zip(layers, tables["layers"], strict=True)
        ]

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        for layer, activate in self.layers:
            vector = activate(layer(vector))
        return vector

    def predict_batch(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        for layer, activate in self.layers:
            columns = [activate(column) for column in layer.columns(columns)]
        return list(map(list, zip(*columns, strict=True)))


def layers_of(model: object) -> list[tuple[Linear, Callable[[list[float]], list[float]]]]:
    """The layers of a model, each with its activation; none if it has no layers."""
    if isinstance(model, Linear):
        return [(model, ACTIVATIONS["identity"])]
    return model.layers if isinstance(model, Network) else []


def add_weighted(start: list[float], columns: list[Sequence[float]], weights: list[float]) -> list[float]:
    """Adds to `start`, for each row, the sum of its values times the weights."""
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
