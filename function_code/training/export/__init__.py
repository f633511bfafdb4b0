"""A fitted pipeline as the JSON document that `scoring.scorer` reads. Every number is the pipeline's own."""

from dataclasses import asdict
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from function_code.errors import Refused
from function_code.scoring.scorer import FORMAT
from function_code.training.decision import CalibratedClassifier
from function_code.training.export.encoder import encoder_tables
from function_code.training.export.models import Tables, model_tables
from function_code.training.export.onnx import onnx_model
from function_code.training.export.trees import NotExpressible

SAMPLE_ROWS = 1_000  # training rows on which a conversion to ONNX is tried


def export(pipeline: Pipeline, kinds: dict[str, str], typed: pd.DataFrame) -> tuple[dict[str, Any], bytes]:
    """The document, and a graph beside it if it takes ONNX to express the model; `typed` are training rows.

    Raises Refused if nothing expresses it.
    """
    try:
        return document(pipeline, kinds), b""
    except NotExpressible as no_tables:
        reason = no_tables
    model = pipeline["model"]
    x = pipeline[:-1].transform(typed.head(SAMPLE_ROWS))
    try:
        tables, graph = onnx_model(model.model if isinstance(model, CalibratedClassifier) else model, x)
    except NotExpressible as error:
        raise Refused(f"the model cannot be served: {reason}; {error}") from None
    return _document(pipeline, kinds, (tables, "identity")), graph


def document(pipeline: Pipeline, kinds: dict[str, str]) -> dict[str, Any]:
    """The document of a pipeline of `encode` and `model` over the columns that `ColumnTyper(kinds)` makes.

    Raises NotExpressible if there are no tables for its model.
    """
    model = pipeline["model"]
    return _document(pipeline, kinds, model_tables(model.model if isinstance(model, CalibratedClassifier) else model))


def _document(pipeline: Pipeline, kinds: dict[str, str], tables: Tables) -> dict[str, Any]:
    model, calibration, decision = pipeline["model"], None, None
    if isinstance(model, CalibratedClassifier):
        if model.calibration:
            calibration = {"slope": model.calibration.slope, "shifts": model.calibration.shifts}
        decision = asdict(model.decision) if model.decision else None
    encoder = encoder_tables(pipeline["encode"], kinds)
    if "bound" in pipeline.named_steps:
        encoder["largest"] = pipeline["bound"].kw_args["largest"]
    return {
        "format": FORMAT,
        "encoder": encoder,
        "model": tables[0],
        "link": tables[1],
        "calibration": calibration,
        "decision": decision,
    }
