"""Exact predictions from a model written as JSON tables, with the standard library alone.

The document: {"format": 4, "encoder": tables of `Encoder`, "model": {"kind": linear, network, trees, onnx or
neighbours, ... its tables}, "link": a name of LINKS, "calibration": null or {"slope": s, "shifts": [one for each
class]}, "decision": null or for two classes {"positive": the number of the positive one, "threshold": the least
probability for which that is answered}}. A model of the kind "onnx" has a graph beside its document, and takes more
than the standard library to run (`scoring.onnx`). One of the kind "neighbours" has no encoder or link
(`scoring.neighbours`). One of the kind "ensemble" has its "members", [{"weight": w, and the encoder, model and link of
each}, ...], and no encoder or link of its own.

A row of other kinds of models has the same answer, to the bit, alone and among however many others.
"""

from __future__ import annotations

from itertools import chain
from math import exp, isfinite, log

from function_code.scoring.encoding import Encoder
from function_code.scoring.linear import Linear, Network, layers_of, logistic
from function_code.scoring.summation import ordered_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Protocol

    from function_code.schema import Row
    from function_code.scoring.linear_numpy import NumpyScorer

    class Model(Protocol):
        """A model: outputs from an input vector; by `predict_batch` from the columns of several, for each row."""

        def __call__(self, vector: list[float]) -> list[float]:
            """The outputs for one input vector."""

        def predict_batch(self, columns: list[Sequence[float]]) -> list[list[float]]:
            """The outputs for each row."""

    Step = Callable[[list[float]], list[float]]

FORMAT = 4
MIN_BATCH_ROWS = 32  # from which it is faster to go through columns
MIN_NUMPY_MULTIPLICATIONS = 100_000  # from which it is worth importing numpy
MAX_EXPONENT = 100.0  # of the link exp, for models that name none: values and their squares are numbers then
MIN_PROBABILITY = 1e-12  # calibration takes logarithms, and a forest may say 0


class Unscorable(Exception):
    """A row whose prediction would not be a finite number, because of values far outside what the model has seen."""

    def __init__(self, index: int) -> None:
        super().__init__("no finite prediction: a value is too far outside of what the model was trained on")
        self.index = index


class Scorer:
    """A model ready to score rows that a schema has checked; the arguments are those of the document.

    Without a decision the most probable class is the label, and of two the second is the positive one.
    """

    def __init__(self, calibration: dict[str, Any] | None, decision: dict[str, Any] | None) -> None:
        self.calibration = calibration
        self.positive: int = decision["positive"] if decision else 1
        self.threshold: float | None = decision["threshold"] if decision else None
        self._steps = [_calibrated(**calibration)] if calibration else []

    def score(self, rows: list[Row]) -> list[list[float]]:
        """Scores rows: for each the probabilities in the order of the classes, or [value]. Raises Unscorable."""
        raise NotImplementedError

    def score_columns(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Scores a column for each feature: one for each class, or that of the values. Raises Unscorable."""
        raise NotImplementedError

    def choose(self, probabilities: Sequence[float], among: Sequence[int]) -> int | None:
        """The number of the class that is answered, out of those in `among`; None if there are none.

        Of equally probable classes the first one in `among`.
        """
        if self.threshold is not None:
            return self.positive if probabilities[self.positive] >= self.threshold else 1 - self.positive
        return max(among, key=probabilities.__getitem__, default=None)

    def apply_steps(self, outputs: Iterable[list[float]]) -> list[list[float]]:
        """Takes the outputs of a model for each row through the steps behind it. Raises Unscorable."""
        steps = self._steps
        results = []
        for index, result in enumerate(outputs):
            try:
                for step in steps:
                    result = step(result)
            except OverflowError:
                raise Unscorable(index) from None
            results.append(result)
        if not all(map(isfinite, chain.from_iterable(results))):
            raise Unscorable(next(index for index, result in enumerate(results) if not all(map(isfinite, result))))
        return results


class ModelScorer(Scorer):
    """A scorer of one model behind one encoder."""

    def __init__(
        self,
        encoder: Encoder,
        output: Model,
        link: str,
        calibration: dict[str, Any] | None = None,
        decision: dict[str, Any] | None = None,
        max_exponent: float | None = None,
    ) -> None:
        super().__init__(calibration, decision)
        self.encoder, self.output, self.link = encoder, output, link
        self.max_exponent: float = MAX_EXPONENT if max_exponent is None else max_exponent
        self._numpy_scorer: NumpyScorer | None = None
        self._steps.insert(0, self._exp if link == "exp" else LINKS[link])

    def score(self, rows: list[Row]) -> list[list[float]]:
        """Scores as `Scorer.score` does."""
        if len(rows) < MIN_BATCH_ROWS:
            return self.apply_steps(map(self.output, map(self.encoder.encode, rows)))
        columns = list(zip(*rows, strict=True))
        scores = self._score_by_numpy(columns)
        return transpose(scores) if scores else self._score_by_model(columns)

    def score_columns(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Scores as `Scorer.score_columns` does."""
        return self._score_by_numpy(columns) or transpose(self._score_by_model(columns))

    def _exp(self, outputs: list[float]) -> list[float]:
        largest = self.max_exponent
        return [exp(min(z, largest)) for z in outputs]

    def _score_by_model(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Scores row by row. Raises Unscorable."""
        return self.apply_steps(self.output.predict_batch(self.encoder.columns(columns)))

    def _score_by_numpy(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Scores column by column where numpy is installed and pays; gives nothing otherwise, or in doubt."""
        layers = layers_of(self.output)
        multiplications = len(columns[0]) * sum(len(layer.weights) * len(layer.weights[0]) for layer, _ in layers)
        if multiplications < MIN_NUMPY_MULTIPLICATIONS:
            return []
        if self._numpy_scorer is None:
            try:
                from function_code.scoring.linear_numpy import NumpyScorer
            except ImportError:
                return []
            link = self.link, self.max_exponent
            self._numpy_scorer = NumpyScorer(self.encoder, layers, link, self.calibration, MIN_PROBABILITY)
        return self._numpy_scorer(columns)


def load(document: dict[str, Any], graph: bytes = b"") -> Scorer:
    """A scorer from a model's document, and its graph if it is ONNX.

    Raises ValueError if this code does not know its format or cannot run the graph, Refused without onnxruntime.
    """
    if document.get("format") != FORMAT:
        raise ValueError(f"this code reads models of format {FORMAT}, not {document.get('format')!r}")
    calibration, decision = document["calibration"], document["decision"]
    if document["model"]["kind"] == "ensemble":
        return _ensemble(document["model"]["members"], calibration, decision)
    if document["model"]["kind"] == "neighbours":
        return _neighbours(document["model"])
    return _model_scorer(document, graph, calibration, decision)


def _model_scorer(
    document: dict[str, Any],
    graph: bytes = b"",
    calibration: dict[str, Any] | None = None,
    decision: dict[str, Any] | None = None,
) -> ModelScorer:
    encoder = Encoder(document["encoder"])
    output = _model(document["model"], encoder.numbers, graph)
    return ModelScorer(encoder, output, document["link"], calibration, decision, document["model"].get("max_exponent"))


def _ensemble(
    members: list[dict[str, Any]], calibration: dict[str, Any] | None, decision: dict[str, Any] | None
) -> Scorer:
    # Imported here: a single model starts without it.
    from function_code.scoring.ensemble import EnsembleScorer

    return EnsembleScorer([(m["weight"], _model_scorer(m)) for m in members], calibration, decision)


def _neighbours(tables: dict[str, Any]) -> Scorer:
    # Imported here: other kinds start without it.
    from function_code.scoring.neighbours import Neighbours

    return Neighbours(tables)


def _model(tables: dict[str, Any], numbers: int, graph: bytes) -> Model:
    match tables["kind"]:
        case "linear":
            return Linear(tables, numbers)
        case "network":
            return Network(tables, numbers)
        case "trees":
            return _trees(tables)
        case "onnx":
            return _onnx(tables, graph)
        case kind:
            raise ValueError(f"this code knows no model of the kind {kind!r}")


def _onnx(model: dict[str, Any], graph: bytes) -> Model:
    # Imported here: numpy and onnxruntime take longer to start than all else together.
    from function_code.scoring.onnx import Onnx

    return Onnx(model, graph)


def transpose(table: list[list[float]]) -> list[list[float]]:
    """Rows from columns, or columns from rows."""
    return list(map(list, zip(*table, strict=True)))


def _logistic(outputs: list[float]) -> list[float]:
    positive = logistic(outputs[0])
    return [1.0 - positive, positive]


def softmax(outputs: list[float]) -> list[float]:
    """The shares of their powers of e."""
    largest = max(outputs)
    powers = [exp(z - largest) for z in outputs]
    total = ordered_sum(powers)
    return [power / total for power in powers]


def _identity(outputs: list[float]) -> list[float]:
    return outputs


def _share(outputs: list[float]) -> list[float]:
    return [1.0 - outputs[0], outputs[0]]


def _calibrated(slope: float, shifts: list[float]) -> Step:
    def calibrate(probabilities: list[float]) -> list[float]:
        pairs = zip(probabilities, shifts, strict=True)
        return softmax([slope * log(max(MIN_PROBABILITY, p)) + shift for p, shift in pairs])

    return calibrate


def _trees(tables: dict[str, Any]) -> Model:
    # Imported here: another kind of model starts without it.
    from function_code.scoring.trees import Trees

    return Trees(tables)


LINKS: dict[str, Step] = {"logistic": _logistic, "softmax": softmax, "identity": _identity, "share": _share}
