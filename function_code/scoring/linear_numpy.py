"""Linear models and networks over many rows by numpy, where that happens to be installed.

The package that serves does not bring it; whoever trains has it. Every number is added in the order that `linear`
keeps, so the answers are the same to the bit. Two of numpy's ways are not taken for that: `@`, which adds in an order
of its own, and functions such as `tanh` and `log1p`, of which numpy has others than the `math` of Python.
"""

from __future__ import annotations

from itertools import repeat
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np

from function_code.scoring.linear import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from function_code.scoring.encoding import Encoder
    from function_code.scoring.linear import Linear

    Array = np.ndarray[Any, Any]
    # The vector's columns by their position: numbers, or for a category the position of each row's 1, which is -1 if it
    # has none, in place of all that category's positions.
    Columns = dict[int, Array]


class NumpyScorer:
    """An encoder, the layers behind it and what comes after them (`scorer`), ready for many rows."""

    def __init__(
        self,
        encoder: Encoder,
        layers: list[tuple[Linear, Callable[[list[float]], list[float]]]],
        link: tuple[str, float],
        calibration: dict[str, Any] | None,
        min_probability: float,
    ) -> None:
        self._encoder = encoder
        self._layers = [
            (np.array(layer.weights).T, np.array(layer.intercepts), layer.numbers, activate)
            for layer, activate in layers
        ]
        self._link, self._max_exponent = link
        self._calibration, self._min_probability = calibration, min_probability

    def __call__(self, features: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Gives, from a column for each feature, one for each score; nothing if one of them is not finite."""
        with np.errstate(all="ignore"):  # the last line looks after that
            scores = np.array(self._scores(features))
        return scores.tolist() if np.isfinite(scores).all() else []

    def _scores(self, features: Sequence[Sequence[Any]]) -> list[Array]:
        outputs = self._outputs(features)
        if self._link == "exp":
            return [_mapped(exp, np.minimum(z, self._max_exponent)) for z in outputs]
        scores = LINKS[self._link](outputs)
        if not self._calibration:
            return scores
        slope, shifts = self._calibration["slope"], self._calibration["shifts"]
        logarithms = (_mapped(log, np.maximum(self._min_probability, column)) for column in scores)
        return _softmax([slope * column + shift for column, shift in zip(logarithms, shifts, strict=True)])

    def _outputs(self, features: Sequence[Sequence[Any]]) -> list[Array]:
        columns, hot = self._encoded(features)
        for weights, intercepts, numbers, activate in self._layers:
            outputs = intercepts[:, None].repeat(len(features[0]), axis=1)
            for position in sorted({**columns, **hot}, key=lambda position: (position < numbers, position)):
                if position in hot:
                    _add_hot(outputs, weights, hot[position], self._clip(1.0))
                else:
                    outputs += weights[position][:, None] * columns[position]
            columns, hot = dict(enumerate(_activated(outputs, activate))), {}
        return list(columns.values())

    def _encoded(self, features: Sequence[Sequence[Any]]) -> tuple[Columns, Columns]:
        tables, prepared = self._encoder.tables, self._encoder.prepare(features)
        numbers = {part[1] for name in ("raw", "scaled", "missing") for part in tables[name]}
        arrays = {index: np.array(prepared[index], dtype=np.float64) for index in numbers}
        columns = {position: arrays[index] for position, index in tables["raw"]}
        for position, index, fill, mean, scale in tables["scaled"]:
            values = arrays[index]
            columns[position] = (np.where(np.isnan(values), fill, values) - mean) / scale
        for position, index, present, absent in tables["missing"]:
            columns[position] = np.where(np.isnan(arrays[index]), absent, present)
        hot = {}
        for position, index, offsets, other in tables["onehot"]:
            categories = prepared[index]
            own_offsets = np.fromiter(
                map(offsets.get, categories, repeat(other)), dtype=np.int64, count=len(categories)
            )
            hot[position] = np.where(own_offsets >= 0, position + own_offsets, -1)
        return {position: self._clip(column) for position, column in columns.items()}, hot

    def _clip(self, values: Any) -> Any:
        largest = self._encoder.tables.get("largest")
        return np.clip(values, -largest, largest) if largest else values


def _add_hot(outputs: Array, weights: Array, positions: Array, value: float) -> None:
    """Adds the one product of each row that is not 0."""
    known = positions >= 0
    outputs[:, known] += (weights[positions[known]] * value).T


def _activated(outputs: Array, activate: Callable[[list[float]], list[float]]) -> list[Array]:
    if activate is ACTIVATIONS["identity"]:
        return list(outputs)
    if activate is ACTIVATIONS["relu"]:
        return list(np.where(outputs > 0.0, outputs, 0.0))
    return [np.array(activate(column)) for column in outputs.tolist()]


def _mapped(function: Callable[[float], float], column: Array) -> Array:
    return np.array(list(map(function, column.tolist())))


def _logistic(outputs: list[Array]) -> list[Array]:
    (z,) = outputs
    power = _mapped(exp, -np.abs(z))
    positive = np.where(z >= 0, 1.0 / (1.0 + power), power / (1.0 + power))
    return [1.0 - positive, positive]


def _softmax(outputs: list[Array]) -> list[Array]:
    largest = np.max(outputs, axis=0)
    powers = [_mapped(exp, z - largest) for z in outputs]
    total = sum(powers, np.zeros(len(largest)))
    return [power / total for power in powers]


def _identity(outputs: list[Array]) -> list[Array]:
    return outputs


LINKS: dict[str, Callable[[list[Array]], list[Array]]] = {
    "logistic": _logistic,
    "softmax": _softmax,
    "identity": _identity,
}
