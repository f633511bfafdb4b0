"""ONNX graphs, converted by skl2onnx, of models that the tables can't express; the encoder before them stays ours.

A conversion can be silently wrong, so of the two that there are, with numbers in float64 and in float32, the one is
used that agrees with the model on training rows. Whether it agrees well enough is for the parity gate to say.
"""

import warnings
from typing import Any

import numpy as np

from function_code.errors import Refused
from function_code.scoring.onnx import INSTALL, Onnx
from function_code.training.evaluate import predict
from function_code.training.export.trees import NotExpressible
from function_code.training.parity import GRAPH_TOLERANCE
from function_code.training.table import Array


def onnx_model(model: Any, x: Array) -> tuple[dict[str, Any], bytes]:
    """The model's part of the document and the graph. `x` are encoded training rows, shape (rows, width).

    Raises NotExpressible if it can't be converted or run, Refused without skl2onnx or onnxruntime.
    """
    try:
        import onnxruntime  # noqa: F401 - nothing is tried without it
        from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType
    except ImportError as error:
        raise Refused(
            f"there are no tables for a {type(model).__name__}, and for ONNX something is missing ({error}); "
            f"to install it: {INSTALL}"
        ) from None
    own, conversions, why = predict(model, x), [], ""
    for kind in (DoubleTensorType, FloatTensorType):
        try:
            tables, graph = _converted(model, kind([None, x.shape[1]]))
            apart = _difference(own, np.array(Onnx(tables, graph).predict_batch(list(x.T))))
        except Exception as error:  # noqa: BLE001 - converters raise whatever they come across
            why = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
            continue
        conversions.append((apart, tables, graph))
        if apart <= GRAPH_TOLERANCE:
            break
    if not conversions:
        raise NotExpressible(f"skl2onnx cannot convert a {type(model).__name__} ({why})")
    _, tables, graph = min(conversions, key=lambda conversion: conversion[0])
    return tables, graph


def _converted(model: Any, kind: Any) -> tuple[dict[str, Any], bytes]:
    from skl2onnx import convert_sklearn

    chooses = hasattr(model, "predict_proba")
    # A ZipMap would make a dictionary of each row's probabilities.
    options = {id(model): {"zipmap": False}} if chooses else None
    # Of infinite thresholds, which trees have that split by what is missing, float64's conversion would never end.
    with np.errstate(invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are for the libraries' authors
        # Without its name the graph gets a random one.
        graph = convert_sklearn(model, "model", [("x", kind)], options=options)
    return {"kind": "onnx", "output": graph.graph.output[1 if chooses else 0].name}, graph.SerializeToString()


def _difference(own: Array, converted: Array) -> float:
    if converted.shape != own.shape:
        return float("inf")
    return float(np.nan_to_num(np.abs(converted - own) / np.maximum(1.0, np.abs(own)), nan=np.inf).max())
