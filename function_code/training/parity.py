"""The parity gate: the exported model must give the pipeline's own numbers, through the very code that serves them.

Rows go through JSON, the schema's check and the scorer, as a request would: every held-out row, and rows made to be
difficult. A conversion that goes silently wrong is caught here, before anybody is served by it.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from function_code.schema import Column, Schema
from function_code.scoring.scorer import Scorer, Unscorable
from function_code.training.column_typer import ColumnTyper
from function_code.training.evaluate import predict
from function_code.training.table import Array

TOLERANCE = 1e-9  # absolute for probabilities; relative for values above 1
GRAPH_TOLERANCE = 1e-6  # the same for ONNX, where some or all of the numbers are float32
EXTREMES = {
    "number": [
        "",
        *["-0.0", "0", "5e-324", "-1e-36", "-1", "1e90", "-1e90", "1.7e18", "9007199254740993", "3.5e38", "16777217"],
    ],
    "boolean": ["", "yes", "no", "TRUE", "f"],
    "date": ["", "0001-01-01", "9999-12-31", "1969-12-31T23:59:59Z", "2024-02-29", "2038-01-19T03:14:08+14:00"],
    "category": ["", "never seen", "Ünseen", " ", "NA", "nan", "0"],
}
REAL_ROWS = 20  # into each of which every extreme value of every column is put
MAX_DIFFICULT_ROWS = 5_000
CHUNK_ROWS = 10_000  # rows at once: as instances they take ten times the room that they take as arrays


def chunks(raw: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in parts of at most CHUNK_ROWS."""
    for start in range(0, len(raw), CHUNK_ROWS):
        yield raw.iloc[start : start + CHUNK_ROWS]


def instances(raw: pd.DataFrame, kinds: dict[str, str]) -> list[dict[str, Any]]:
    """Rows of texts as the instances of a request: numbers as numbers, missing ones as null."""
    typed = ColumnTyper(kinds).fit(raw).transform(raw)
    columns = {
        name: [_json(value, kind) for value in (raw if kind == "date" else typed)[name].tolist()]
        for name, kind in kinds.items()
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def differences(pipeline: Any, served: Scorer, schema: Schema, raw: pd.DataFrame) -> Array:
    """For each row the largest difference over the classes; infinite if the schema or the scorer refuses the row."""
    return np.concatenate([_differences(pipeline, served, schema, chunk) for chunk in chunks(raw)])


def _differences(pipeline: Any, served: Scorer, schema: Schema, raw: pd.DataFrame) -> Array:
    kinds = {column.name: column.kind for column in schema.features}
    rows, problems = schema.check(json.loads(json.dumps(instances(raw, kinds), allow_nan=False)))
    if problems:
        refused = np.zeros(len(raw))
        refused[[problem["instance"] for problem in problems]] = np.inf
        return refused
    # Numbers made to be difficult overflow in some estimators; what comes of it is compared like any other.
    with np.errstate(over="ignore", invalid="ignore"):
        own = predict(pipeline, raw)
    exported = np.array(_scores(served, rows, own.shape[1]))
    both_endless = ~np.isfinite(own) & ~np.isfinite(exported)
    own, exported = np.where(both_endless, 0.0, own), np.where(both_endless, 0.0, exported)
    apart = np.abs(exported - own) / np.maximum(1.0, np.abs(own))
    return np.asarray(np.nan_to_num(apart, nan=np.inf).max(axis=1))


def difficult(raw: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """Rows with everything missing, categories never seen, the smallest and largest numbers and dates, -0.0.

    First one of each for all columns at once, then real rows with one value changed: every change in one row before
    any in a second one, as long as there is room.
    """
    names = list(kinds)
    most = max(len(EXTREMES[kind]) for kind in kinds.values())
    rows = [[EXTREMES[kind][index % len(EXTREMES[kind])] for kind in kinds.values()] for index in range(most)]
    real = raw[names].head(REAL_ROWS).to_numpy().tolist()
    replacements = [(position, extreme) for position, kind in enumerate(kinds.values()) for extreme in EXTREMES[kind]]
    changes = (
        (real[(turn + index) % len(real)], change)
        for turn in range(len(real))
        for index, change in enumerate(replacements)
    )
    for row, (position, extreme) in islice(changes, MAX_DIFFICULT_ROWS):
        rows.append([*row[:position], extreme, *row[position + 1 :]])
    return pd.DataFrame(rows, columns=names, dtype=str)


def lenient(schema: Schema) -> Schema:
    """The schema with every feature allowed to be missing."""
    columns = [Column(c.name, c.kind, True, c.example, c.values) for c in schema.features]
    return Schema(columns, schema.target, schema.task, schema.classes, schema.ids, schema.ignored)


def _scores(served: Scorer, rows: list[Any], outputs: int) -> list[list[float]]:
    try:
        return served.score(rows)
    except Unscorable:
        if len(rows) == 1:
            return [[float("nan")] * outputs]
        return [score for row in rows for score in _scores(served, [row], outputs)]


def _json(value: Any, kind: str) -> Any:
    if value != value or value == "":
        return None
    return bool(value) if kind == "boolean" else value
