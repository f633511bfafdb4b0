"""A fitted pipeline as the JSON document that `scoring.scorer` reads. Every number is the pipeline's own."""

from dataclasses import asdict
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from function_code.errors import Refused
from function_code.scoring.scorer import FORMAT
from function_code.training.decision import CalibratedClassifier
from function_code.training.ensemble import members_of
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
    return {"format": FORMAT, **_scored(pipeline, kinds, (tables, "identity")), **_decided(model)}, graph


def document(pipeline: Pipeline, kinds: dict[str, str]) -> dict[str, Any]:
    """The document of a pipeline of `encode` and `model` over the columns that `ColumnTyper(kinds)` makes.

    Raises NotExpressible if there are no tables for its model.
    """
    model = pipeline["model"]
    if members := members_of(pipeline):
        scored = [_scored(member, kinds, model_tables(member["model"])) for _, member in members]
        weighted = [{"weight": weight, **tables} for (weight, _), tables in zip(members, scored, strict=True)]
        return {"format": FORMAT, "model": {"kind": "ensemble", "members": weighted}, **_decided(model)}
    tables = model_tables(model.model if isinstance(model, CalibratedClassifier) else model)
    return {"format": FORMAT, **_scored(pipeline, kinds, tables), **_decided(model)}


def _scored(pipeline: Pipeline, kinds: dict[str, str], tables: Tables) -> dict[str, Any]:
    """The encoder, model and link of one model."""
    encoder = encoder_tables(pipeline["encode"], kinds)
    if "bound" in pipeline.named_steps:
        encoder["largest"] = pipeline["bound"].kw_args["largest"]
    return {"encoder": encoder, "model": tables[0], "link": tables[1]}


def _decided(model: Any) -> dict[str, Any]:
    """The calibration and the decision."""
    if not isinstance(model, CalibratedClassifier):
        return {"calibration": None, "decision": None}
    learned = model.calibration
    calibration = {"slope": learned.slope, "shifts": learned.shifts} if learned else None
    return {"calibration": calibration, "decision": asdict(model.decision) if model.decision else None}
