"""Models that the tables can't express, run by onnxruntime: imported for them alone.

The document names the `output` of the graph that holds the model's numbers; what its input is, the graph says itself.
"""

from __future__ import annotations

from function_code.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

INSTALL = "tools/venv requirements.txt requirements/onnx.txt"
ERROR_SEVERITY = 3  # onnxruntime logs what is at least as severe


class Onnx:
    """A graph. Called with an input vector it gives the outputs, one number for each."""

    def __init__(self, model: dict[str, Any], graph: bytes) -> None:
        """Raises Refused if onnxruntime is not installed, ValueError if it can't run the graph."""
        try:
            import onnxruntime
        except ImportError as error:
            raise Refused(f"this model is run by onnxruntime ({error}); to install it: {INSTALL}") from None
        options = onnxruntime.SessionOptions()
        # One request, one thread: an endpoint's instances are small, and threads would wait for each other.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = ERROR_SEVERITY
        try:
            session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 - its exceptions have no base of their own
            raise ValueError(f"onnxruntime cannot run the model: {str(error).strip().splitlines()[0]}") from None
        (graph_input,) = session.get_inputs()
        self._run, self._input, self._outputs = session.run, graph_input.name, [model["output"]]
        self._type = "float64" if graph_input.type == "tensor(double)" else "float32"

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        return self.predict_batch([[value] for value in vector])[0]

    def predict_batch(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns, in one run."""
        import numpy as np

        vectors = np.array(columns, dtype=self._type).T.copy()
        (outputs,) = self._run(self._outputs, {self._input: vectors})
        rows: list[list[float]] = np.asarray(outputs, dtype=np.float64).reshape(len(vectors), -1).tolist()
        return rows
