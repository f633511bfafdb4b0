"""The parity gate: the exported model must give the pipeline's own numbers, through the very code that serves them.

Rows go through JSON, the schema's check and the scorer, as a request would: every held-out row, and rows made to be
difficult. A conversion that goes silently wrong is caught here, before anybody is served by it.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from function_code.column import TEXT_KINDS, Column
from function_code.dialects import CLOCKS, reader
from function_code.dialects.iso_dates import write_iso
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring.scorer import Scorer, Unscorable
from function_code.training.column_typer import ColumnTyper
from function_code.training.evaluate import predict
from function_code.training.kinds.reading import is_read
from function_code.training.kinds.stand_ins import stand_ins_of, without_stand_ins
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
    "list": ["", "never seen", "a;b", "a|b,c/d", "a;a; a ;;", "['a', 'b']", "[]", " ", "Ünseen;", ","],
    "text": ["", "never seen", "İ ß ﬁ", "a", "  ", "...", "x" * 6_000, "the the the", "日本語の", "\x00 a\tb"],
    "category": ["", "never seen", "Ünseen", " ", "NA", "nan", "0"],
}
REAL_ROWS = 20  # into each of which every extreme value of every column is put
MAX_DIFFICULT_ROWS = 5_000
CHUNK_ROWS = 10_000  # rows at once: as instances they take ten times the room that they take as arrays


def chunks(raw: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in parts of at most CHUNK_ROWS."""
    for start in range(0, len(raw), CHUNK_ROWS):
        yield raw.iloc[start : start + CHUNK_ROWS]


def instances(raw: pd.DataFrame, kinds: dict[str, str], forms: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Rows of texts, in those forms, as the instances of a request: numbers as numbers, missing ones as null."""
    forms = forms or {}
    typed = ColumnTyper(kinds, forms).fit(raw).transform(raw)
    columns = {}
    for name, kind in kinds.items():
        values = typed[name].tolist()
        if (kind == "date" and not forms.get(name)) or (kind == "number" and forms.get(name) in CLOCKS):
            texts = raw[name].tolist()
            columns[name] = [None if value != value else text for value, text in zip(values, texts, strict=True)]
            continue
        convert = write_iso if kind == "date" else bool if kind == "boolean" else lambda value: value
        columns[name] = [None if value != value or value == "" else convert(value) for value in values]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def differences(pipeline: Any, served: Scorer, schema: Schema, raw: pd.DataFrame) -> Array:
    """For each row the largest difference over the classes; infinite if the schema or the scorer refuses the row."""
    return np.concatenate([_differences(pipeline, served, schema, chunk) for chunk in chunks(raw)])


def _differences(pipeline: Any, served: Scorer, schema: Schema, raw: pd.DataFrame) -> Array:
    kinds = {column.name: column.kind for column in schema.features}
    forms = {column.name: column.form for column in schema.features}
    rows, problems = check_instances(schema, json.loads(json.dumps(instances(raw, kinds, forms), allow_nan=False)))
    if problems:
        refused = np.zeros(len(raw))
        refused[[problem["instance"] for problem in problems]] = np.inf
        return refused
    raw = without_stand_ins(raw, {c.name: stand_ins_of(raw[c.name], c) for c in schema.features if c.stand_ins})
    # Numbers made to be difficult overflow in some estimators; what comes of it is compared like any other.
    with np.errstate(over="ignore", invalid="ignore"):
        own = predict(pipeline, raw)
    exported = np.array(_scores(served, rows, own.shape[1]))
    both_endless = ~np.isfinite(own) & ~np.isfinite(exported)
    own, exported = np.where(both_endless, 0.0, own), np.where(both_endless, 0.0, exported)
    apart = np.abs(exported - own) / np.maximum(1.0, np.abs(own))
    return np.asarray(np.nan_to_num(apart, nan=np.inf).max(axis=1))


def difficult(
    raw: pd.DataFrame,
    kinds: dict[str, str],
    forms: dict[str, str] | None = None,
    stand_ins: dict[str, tuple[str, ...]] | None = None,
) -> pd.DataFrame:
    """Rows with everything missing, categories never seen, the smallest and largest numbers and dates, -0.0, stand-ins.

    First one of each for all columns at once, then real rows with one value changed: every change in one row before
    any in a second one, as long as there is room.
    """
    names = list(kinds)
    extremes = [
        [*_extremes(kind, form), *_readable((stand_ins or {}).get(name, ()), kind, form)]
        for (name, kind), form in zip(kinds.items(), [(forms or {}).get(name, "") for name in kinds], strict=True)
    ]
    rows = [[texts[index % len(texts)] for texts in extremes] for index in range(max(map(len, extremes)))]
    real = raw[names].head(REAL_ROWS).to_numpy().tolist()
    replacements = [(position, extreme) for position, texts in enumerate(extremes) for extreme in texts]
    changes = (
        (real[(turn + index) % len(real)], change)
        for turn in range(len(real))
        for index, change in enumerate(replacements)
    )
    for row, (position, extreme) in islice(changes, MAX_DIFFICULT_ROWS):
        rows.append([*row[:position], extreme, *row[position + 1 :]])
    return pd.DataFrame(rows, columns=names, dtype=str)


def _extremes(kind: str, form: str) -> list[str]:
    """The extreme values of a kind, as a form writes them."""
    if kind == "number" and form in CLOCKS:
        return ["", "0:00", "23:59:59.999", "999:00", "-1:00"]
    if kind == "number" and form.startswith("eu"):
        return [text.replace(".", ",") for text in EXTREMES[kind]]
    if kind == "boolean" and form:
        return ["", *form.split("/"), "1", "0"]
    return EXTREMES[kind]


def _readable(stand_ins: Iterable[str], kind: str, form: str) -> list[str]:
    """The stand-ins that are values of a kind but for what they stand for."""
    if kind == "boolean":
        return []
    return [text for text in stand_ins if kind in TEXT_KINDS or is_read(text, reader(kind, form))]


def lenient(schema: Schema) -> Schema:
    """The schema with every feature allowed to be missing."""
    columns = [Column(c.name, c.kind, True, c.example, c.values, c.form, c.odd, c.stand_ins) for c in schema.features]
    return Schema(columns, schema.target, schema.task, schema.classes, schema.ids, schema.ignored)


def _scores(served: Scorer, rows: list[Any], outputs: int) -> list[list[float]]:
    try:
        return served.score(rows)
    except Unscorable:
        if len(rows) == 1:
            return [[float("nan")] * outputs]
        return [score for row in rows for score in _scores(served, [row], outputs)]
