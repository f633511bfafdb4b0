"""A fitted pipeline as the JSON document that `serving.scorer` reads. Every number is the pipeline's own."""

from typing import Any

from sklearn.pipeline import Pipeline

from function_code.serving.scorer import FORMAT
from function_code.training.decision import Decided
from function_code.training.export.encoder import encoder_tables
from function_code.training.export.models import model_tables


def document(pipeline: Pipeline, kinds: dict[str, str]) -> dict[str, Any]:
    """The document of a pipeline of `encode` and `model` over the columns that `Typed(kinds)` makes.

    Raises NotExpressible if there are no tables for its model.
    """
    model, calibration, threshold = pipeline["model"], None, None
    if isinstance(model, Decided):
        if model.calibration:
            calibration = {"slope": model.calibration.slope, "shifts": model.calibration.shifts}
        model, threshold = model.model, model.threshold
    tables, link = model_tables(model)
    return {
        "format": FORMAT,
        "encoder": encoder_tables(pipeline["encode"], kinds),
        "model": tables,
        "link": link,
        "calibration": calibration,
        "threshold": threshold,
    }
