"""Exact predictions from a model written as JSON tables, with the standard library alone.

The document: {"format": 1, "encoder": tables of `Encoder`, "link": "logistic" | "softmax" | "identity",
"model": {"kind": "linear", "weights": [[...] for each output], "intercepts": [...]}
       | {"kind": "trees", "base": [one for each output], "rounds": [[a tree for each output], ...]}}

A tree is a number, its leaf, or [position, threshold, left, right, 2 or 3]: left if value <= threshold, right if it is
greater, and where the value is missing the element that the last number names.
"""

from __future__ import annotations

from math import exp
from operator import mul

from function_code.serving.encoding import Encoder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.schema import Row

    Output = Callable[[list[float]], list[float]]

FORMAT = 1


class Unscorable(Exception):
    """A row whose prediction would not be a finite number, because of values far outside what the model has seen."""

    def __init__(self, index: int) -> None:
        super().__init__("no finite prediction: a value is too far outside of what the model was trained on")
        self.index = index


class Scorer:
    """A model ready to score rows that a schema has checked."""

    def __init__(self, encoder: Encoder, output: Output, link: Output) -> None:
        self._encoder, self._output, self._link = encoder, output, link

    def score(self, rows: list[Row]) -> list[list[float]]:
        """For each row the probabilities in the order of the schema's classes, or [value]. Raises Unscorable."""
        encode, output, link = self._encoder.encode, self._output, self._link
        results = []
        for index, row in enumerate(rows):
            try:
                result = link(output(encode(row)))
            except OverflowError:
                raise Unscorable(index) from None
            for value in result:
                if value - value != 0.0:
                    raise Unscorable(index)
            results.append(result)
        return results


def load(document: dict[str, Any]) -> Scorer:
    """A scorer from a model's document. Raises ValueError if this code does not know its format."""
    if document.get("format") != FORMAT:
        raise ValueError(f"this code reads models of format {FORMAT}, not {document.get('format')!r}")
    model = document["model"]
    return Scorer(Encoder(document["encoder"]), OUTPUTS[model["kind"]](model), LINKS[document["link"]])


def _linear(model: dict[str, Any]) -> Output:
    terms = list(zip(model["weights"], model["intercepts"], strict=True))

    def output(vector: list[float]) -> list[float]:
        return [sum(map(mul, weights, vector)) + intercept for weights, intercept in terms]

    return output


def _trees(model: dict[str, Any]) -> Output:
    base, rounds = model["base"], model["rounds"]

    def output(vector: list[float]) -> list[float]:
        totals = base.copy()
        for trees in rounds:
            for index, node in enumerate(trees):
                while type(node) is list:
                    value = vector[node[0]]
                    node = node[2] if value <= node[1] else node[3] if value == value else node[node[4]]
                totals[index] += node
        return totals  # type: ignore[no-any-return]

    return output


def _logistic(outputs: list[float]) -> list[float]:
    (z,) = outputs
    # Two forms, so that exp never overflows.
    positive = 1.0 / (1.0 + exp(-z)) if z >= 0 else exp(z) / (1.0 + exp(z))
    return [1.0 - positive, positive]


def _softmax(outputs: list[float]) -> list[float]:
    largest = max(outputs)
    powers = [exp(z - largest) for z in outputs]
    total = sum(powers)
    return [power / total for power in powers]


def _identity(outputs: list[float]) -> list[float]:
    return outputs


OUTPUTS = {"linear": _linear, "trees": _trees}
LINKS: dict[str, Output] = {"logistic": _logistic, "softmax": _softmax, "identity": _identity}
