"""The parity gate: the exported tables must give the pipeline's own numbers, through the very code that serves them.

Held-out rows go through JSON, the schema's check and the scorer, as a request would. A conversion that goes silently
wrong is caught here, before anybody is served by it.
"""

import json
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from function_code.schema import Schema
from function_code.serving import scorer
from function_code.training.evaluate import predict
from function_code.training.table import Array
from function_code.training.typed import Typed

TOLERANCE = 1e-9  # absolute for probabilities; relative for values above 1


def instances(raw: pd.DataFrame, kinds: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of texts as the instances of a request: numbers as numbers, missing ones as null."""
    typed = Typed(kinds).fit(raw).transform(raw)
    columns = {
        name: [_json(value, kind) for value in (raw if kind == "date" else typed)[name].tolist()]
        for name, kind in kinds.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def largest_difference(pipeline: Pipeline, document: dict[str, Any], schema: Schema, raw: pd.DataFrame) -> float:
    """The largest difference over all rows and classes; infinite if the serving half refuses any of the rows."""
    kinds = {column.name: column.kind for column in schema.features}
    served = scorer.load(json.loads(json.dumps(document, allow_nan=False)))
    rows, problems = schema.check(json.loads(json.dumps(instances(raw, kinds), allow_nan=False)))
    if problems:
        return float("inf")
    own = predict(pipeline, raw)
    try:
        exported: Array = np.array(served.score(rows))
    except scorer.Unscorable:
        return float("inf")
    return float(np.max(np.abs(exported - own) / np.maximum(1.0, np.abs(own))))


def _json(value: Any, kind: str) -> Any:
    if value != value or value == "":
        return None
    return bool(value) if kind == "boolean" else value
