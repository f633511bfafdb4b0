"""One training, from a dataset in the store to a published and, if it passes its gates, promoted version."""

import hashlib
import io
import json
import platform
import time
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline

from function_code.errors import Conflict
from function_code.registry import Pointer, Registry
from function_code.schema import Schema
from function_code.training import evaluate, gates, leaks
from function_code.training.candidates import Candidate, Say, candidates
from function_code.training.dataset import Array, Dataset, prepare
from function_code.training.export import document, known_categories
from function_code.training.parity import largest_difference
from function_code.training.settings import Settings
from function_code.training.split import split
from function_code.training.table import read_table
from function_code.training.typed import Typed


@dataclass(frozen=True)
class Trained:
    """A fitted pipeline with what was found on the way, and the rows it has not seen."""

    dataset: Dataset
    pipeline: Pipeline
    schema: Schema
    document: dict[str, Any]
    losses: Array
    held: Array
    manifest: dict[str, Any]
    gates: list[gates.Gate]


@dataclass(frozen=True)
class Outcome:
    """A published version: its manifest, whether it serves now, and if not, why."""

    version: str
    manifest: dict[str, Any]
    promoted: bool
    reasons: list[str]


def train(data: bytes, name: str, settings: Settings, registry: Registry, say: Say) -> Outcome:
    """Trains on a CSV file's bytes. Raises Refused, before anything is written, if the data cannot be learned from."""
    trained = fit(data, name, settings, say)
    buffer = io.BytesIO()
    joblib.dump(trained.pipeline, buffer, compress=3)
    artefacts = {
        "model.json": json.dumps(trained.document, allow_nan=False).encode(),
        "pipeline.joblib": buffer.getvalue(),
    }
    outcome = _publish(trained, artefacts, registry)
    verdict = "serves now" if outcome.promoted else f"is kept but does not serve: {'; '.join(outcome.reasons)}"
    say(f"version {outcome.version} {verdict}")
    return outcome


def fit(data: bytes, name: str, settings: Settings, say: Say) -> Trained:
    """Everything up to, and without, writing. Raises Refused."""
    table = read_table(data, name)
    say(f"read {name}: {len(table):,} rows, {len(table.columns)} columns")
    dataset = prepare(table, settings, name)
    rows = np.arange(len(dataset.target))
    learn, held = split(dataset, rows, "hold-out")
    fitting, valid = split(dataset, learn, "validation")
    say(f"{dataset.task} target {settings.target!r}, {len(dataset.kinds)} features; {len(held):,} rows are held out")
    chosen, scores = _choose(dataset, fitting, valid, say)
    say(f"fitting {chosen.name} on {len(learn):,} rows")
    inner = chosen.refit(dataset.typed.iloc[learn], dataset.target[learn], say)
    pipeline = Pipeline([("typed", Typed(dataset.kinds).fit(dataset.raw)), *inner.steps])
    raw, y = dataset.raw.iloc[held], dataset.target[held]
    dataset.warnings += leaks.warnings(dataset, learn, held)
    predicted = evaluate.predict(pipeline, raw)
    trivial = evaluate.baseline(dataset.target[learn], dataset.classes, len(held))
    own = evaluate.losses(predicted, y, dataset.classes)
    tables = document(inner, dataset.kinds)
    schema = Schema(
        dataset.columns(known_categories(inner)), settings.target, dataset.task, dataset.classes, settings.ids, dataset.ignored
    )
    say(f"checking parity on {len(held):,} rows")
    found = [
        gates.parity(largest_difference(pipeline, tables, schema, raw)),
        gates.better_than_baseline(own, evaluate.losses(trivial, y, dataset.classes)),
    ]
    manifest = {
        "task": dataset.task,
        "target": settings.target,
        "dataset": {
            "name": name,
            "rows": len(table),
            "sha256": hashlib.sha256(data).hexdigest(),
            "synthetic": settings.synthetic,
        },
        "split": {"by": _split_by(dataset, settings), "learned": len(learn), "held_out": len(held)},
        "candidate": chosen.name,
        "candidates": scores,
        "metrics": evaluate.measure(predicted, y, dataset.classes),
        "baseline": evaluate.measure(trivial, y, dataset.classes),
        "warnings": dataset.warnings,
        "libraries": {
            "python": platform.python_version(),
            **{library.__name__: library.__version__ for library in (sklearn, np, pd, joblib)},
        },
        "schema": schema.to_json(),
    }
    for warning in dataset.warnings:
        say(f"warning: {warning}")
    say("held out: " + ", ".join(f"{k} {v:.4f} (baseline {manifest['baseline'].get(k, float('nan')):.4f})" for k, v in manifest["metrics"].items()))
    return Trained(dataset, pipeline, schema, tables, own, held, manifest, found)


def _choose(dataset: Dataset, fitting: Array, valid: Array, say: Say) -> tuple[Candidate, list[dict[str, Any]]]:
    scores: list[dict[str, Any]] = []
    best: Candidate | None = None
    lowest = float("inf")
    learn, y = dataset.typed.iloc[fitting], dataset.target[fitting]
    held, y_held = dataset.typed.iloc[valid], dataset.target[valid]
    for candidate in candidates(dataset.typed, dataset.task, dataset.classes):
        say(f"candidate {candidate.name}: {len(learn):,} rows to learn from, {len(held):,} to validate")
        started = time.monotonic()
        loss = candidate.choose(learn, y, held, y_held, say)
        seconds = round(time.monotonic() - started, 2)
        scores.append({"name": candidate.name, candidate.setting: candidate.value, "validation_loss": round(loss, 6), "seconds": seconds})
        if best is None or loss < lowest:
            best, lowest = candidate, loss
    assert best is not None
    return best, scores


def _split_by(dataset: Dataset, settings: Settings) -> str:
    if settings.time:
        return f"time ({settings.time})"
    if dataset.groups is not None:
        return f"group ({settings.group or ', '.join(settings.ids)})"
    return "row"


def _publish(trained: Trained, artefacts: dict[str, bytes], registry: Registry) -> Outcome:
    """Publishes, and promotes if every gate is passed; compares again if another version began to serve meanwhile."""
    version = ""
    while True:
        pointer = registry.pointer()
        serving = gates.not_worse_than_serving(
            registry,
            pointer.stable if pointer else None,
            trained.losses,
            trained.schema,
            trained.dataset.raw.iloc[trained.held],
            trained.dataset.target[trained.held],
        )
        found = [*trained.gates, serving]
        if not version:
            manifest = {**trained.manifest, "gates": [gate.to_json() for gate in found]}
            version = registry.publish(manifest, artefacts)
        failed = [gate.detail for gate in found if not gate.passed]
        if failed:
            return Outcome(version, registry.manifest(version), False, failed)
        try:
            registry.point(pointer, pointer.moved_to(version) if pointer else Pointer(version))
        except Conflict:
            continue
        return Outcome(version, registry.manifest(version), True, [])
