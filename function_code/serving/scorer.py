"""Exact predictions from a model written as JSON tables, with the standard library alone.

The document: {"format": 2, "encoder": tables of `Encoder`, "model": {"kind": a name of MODELS, ... its tables},
"link": a name of LINKS, "calibration": null or {"slope": s, "shifts": [one for each class]}, "threshold": null or the
least probability of the second class for which it is answered}. A model of the kind "onnx" has a graph beside its
document, and takes more than the standard library to run (`serving.onnx`).
"""

from __future__ import annotations

from itertools import chain
from math import exp, isfinite, log

from function_code.serving.encoding import Encoder
from function_code.serving.layers import Linear, Network, logistic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Protocol

    from function_code.schema import Row

    class Model(Protocol):
        """From an input vector to the outputs; `many` from the columns of several to the outputs of each."""

        def __call__(self, vector: list[float]) -> list[float]:
            """The outputs for one input vector."""

        def many(self, columns: list[Sequence[float]]) -> list[list[float]]:
            """The outputs for each row."""

    Step = Callable[[list[float]], list[float]]

FORMAT = 2
MANY = 32  # rows from which it is faster to go through columns
LEAST_PROBABILITY = 1e-12  # calibration takes logarithms, and a forest may say 0


class Unscorable(Exception):
    """A row whose prediction would not be a finite number, because of values far outside what the model has seen."""

    def __init__(self, index: int) -> None:
        super().__init__("no finite prediction: a value is too far outside of what the model was trained on")
        self.index = index


class Scorer:
    """A model ready to score rows that a schema has checked; the arguments are those of the document.

    `threshold` is the least probability of the second of two classes for which that is the label; None: the most
    probable class is.
    """

    def __init__(
        self,
        encoder: Encoder,
        output: Model,
        link: str,
        calibration: dict[str, Any] | None = None,
        threshold: float | None = None,
    ) -> None:
        self.encoder, self.output, self.threshold = encoder, output, threshold
        self.link, self.calibration = link, calibration
        self._steps = [LINKS[link], *([_calibrated(**calibration)] if calibration else [])]

    def score(self, rows: list[Row]) -> list[list[float]]:
        """For each row the probabilities in the order of the schema's classes, or [value]. Raises Unscorable."""
        steps = self._steps
        results = []
        for index, result in enumerate(self._outputs(rows)):
            try:
                for step in steps:
                    result = step(result)
            except OverflowError:
                raise Unscorable(index) from None
            results.append(result)
        if not all(map(isfinite, chain.from_iterable(results))):
            raise Unscorable(next(index for index, result in enumerate(results) if not all(map(isfinite, result))))
        return results

    def choose(self, probabilities: list[float], among: Sequence[int]) -> int | None:
        """The number of the class that is answered, out of those in `among`; None if there are none.

        Of equally probable classes the first one in `among`.
        """
        if self.threshold is not None:
            return int(probabilities[1] >= self.threshold)
        return max(among, key=probabilities.__getitem__, default=None)

    def _outputs(self, rows: list[Row]) -> Iterable[list[float]]:
        if len(rows) < MANY:
            return map(self.output, map(self.encoder.encode, rows))
        return self.output.many(self.encoder.columns(rows))


def load(document: dict[str, Any], graph: bytes = b"") -> Scorer:
    """A scorer from a model's document, and its graph if it is ONNX.

    Raises ValueError if this code does not know its format or cannot run the graph, Refused without onnxruntime.
    """
    if document.get("format") != FORMAT:
        raise ValueError(f"this code reads models of format {FORMAT}, not {document.get('format')!r}")
    model = document["model"]
    output: Model = _onnx(model, graph) if model["kind"] == "onnx" else MODELS[model["kind"]](model)
    link, calibration = document["link"], document["calibration"]
    return Scorer(Encoder(document["encoder"]), output, link, calibration, document["threshold"])


def _onnx(model: dict[str, Any], graph: bytes) -> Model:
    # Imported here: numpy and onnxruntime take longer to start than all else together.
    from function_code.serving.onnx import Onnx

    return Onnx(model, graph)


def _logistic(outputs: list[float]) -> list[float]:
    positive = logistic(outputs[0])
    return [1.0 - positive, positive]


def _softmax(outputs: list[float]) -> list[float]:
    largest = max(outputs)
    powers = [exp(z - largest) for z in outputs]
    total = sum(powers)
    return [power / total for power in powers]


def _identity(outputs: list[float]) -> list[float]:
    return outputs


def _share(outputs: list[float]) -> list[float]:
    return [1.0 - outputs[0], outputs[0]]


def _calibrated(slope: float, shifts: list[float]) -> Step:
    def calibrate(probabilities: list[float]) -> list[float]:
        pairs = zip(probabilities, shifts, strict=True)
        return _softmax([slope * log(max(LEAST_PROBABILITY, p)) + shift for p, shift in pairs])

    return calibrate


def _trees(tables: dict[str, Any]) -> Model:
    # Imported here: another kind of model starts without it.
    from function_code.serving.trees import Trees

    return Trees(tables)


MODELS: dict[str, Callable[[dict[str, Any]], Model]] = {"linear": Linear, "trees": _trees, "network": Network}
LINKS: dict[str, Step] = {"logistic": _logistic, "softmax": _softmax, "identity": _identity, "share": _share}
