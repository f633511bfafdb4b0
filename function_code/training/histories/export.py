"""A fitted model as the tables that recommend (`scoring.neighbours`)."""

from binascii import b2a_base64
from typing import Any

import numpy as np

from function_code.scoring.scorer import FORMAT
from function_code.training.histories.similarity import Similarity
from function_code.training.table import Array


def tables(model: Similarity) -> dict[str, Any]:
    """The document of a model whose weights are cut (`Similarity.cut`)."""
    rows, columns = np.nonzero(model.weights)
    return {
        "format": FORMAT,
        "calibration": None,
        "decision": None,
        "model": {
            "kind": "neighbours",
            "half_life": model.half_life,
            "popularity": _packed(model.popularity.astype("<f8")),
            "counts": _packed(np.bincount(rows, minlength=len(model.weights)).astype("<u2")),
            "neighbours": _packed(columns.astype("<u2")),
            "unit": model.unit,
            "weights": _packed(np.rint(model.weights[rows, columns] / model.unit).astype("<i2")),
        },
    }


def _packed(numbers: Array) -> str:
    return b2a_base64(numbers.tobytes(), newline=False).decode()
