"""One training, from the bytes of a CSV file to a published and, if it passes its gates, promoted version."""

import hashlib
import platform
import time
import warnings
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline

from function_code.registry import Registry
from function_code.schema import Schema
from function_code.training import evaluate, gates, leaks
from function_code.training.candidates import Candidate, Say, candidates
from function_code.training.dataset import Dataset, prepare
from function_code.training.export import document, known_categories
from function_code.training.parity import largest_difference
from function_code.training.publish import Outcome, Version, publish
from function_code.training.settings import Settings
from function_code.training.split import split
from function_code.training.table import Array, read_table
from function_code.training.typed import Typed


@dataclass(frozen=True)
class Split:
    """Row indices: `fitting` and `valid` to find a candidate's setting, together `learn` to fit it, `held` to test."""

    fitting: Array
    valid: Array
    learn: Array
    held: Array

    @classmethod
    def of(cls, dataset: Dataset) -> "Split":
        """Raises Refused as `split` does."""
        learn, held = split(dataset, np.arange(len(dataset.target)), "hold-out")
        return cls(*split(dataset, learn, "validation"), learn, held)


def train(data: bytes, name: str, settings: Settings, registry: Registry, say: Say) -> Outcome:
    """Trains, publishes and promotes. Raises Refused, before anything is written, if there is nothing to learn."""
    outcome = publish(fit(data, name, settings, say), registry)
    verdict = "serves now" if outcome.promoted else f"is kept but does not serve: {'; '.join(outcome.reasons)}"
    say(f"version {outcome.version} {verdict}")
    return outcome


def fit(data: bytes, name: str, settings: Settings, say: Say) -> Version:
    """Everything up to, and without, writing. Raises Refused."""
    with warnings.catch_warnings():
        # scikit-learn tells of categories that it has not seen, which the encoder is there for, and of slow
        # convergence, which the validation loss accounts for.
        warnings.filterwarnings("ignore", module="sklearn")
        table = read_table(data, name)
        say(f"read {name}: {len(table):,} rows, {len(table.columns)} columns")
        dataset = prepare(table, settings, name)
        rows = Split.of(dataset)
        target = f"{dataset.task} target {settings.target!r}"
        say(f"{target}, {len(dataset.kinds)} features, {len(rows.held):,} rows held out")
        chosen, scores = _choose(dataset, rows, say)
        say(f"fitting {chosen.name} on {len(rows.learn):,} rows")
        inner = chosen.refit(dataset.typed.iloc[rows.learn], dataset.target[rows.learn], say)
        dataset.warnings += leaks.warnings(dataset, rows.learn, rows.held)
        for warning in dataset.warnings:
            say(f"warning: {warning}")
        facts = {
            "task": dataset.task,
            "target": settings.target,
            "dataset": {
                "name": name,
                "rows": len(table),
                "sha256": hashlib.sha256(data).hexdigest(),
                "synthetic": settings.synthetic,
            },
            "split": {
                "by": _split_by(dataset, settings),
                "learned": len(rows.learn),
                "held_out": len(rows.held),
            },
            "candidate": chosen.name,
            "candidates": scores,
            "warnings": dataset.warnings,
        }
        return _evaluate(dataset, rows, inner, settings, facts, say)


def _choose(dataset: Dataset, rows: Split, say: Say) -> tuple[Candidate, list[dict[str, Any]]]:
    """The candidate with the lowest validation loss, and what all of them reached."""
    learn, y = dataset.typed.iloc[rows.fitting], dataset.target[rows.fitting]
    valid, y_valid = dataset.typed.iloc[rows.valid], dataset.target[rows.valid]
    found = candidates(dataset.typed, dataset.task, dataset.classes)
    scores = []
    losses = []
    for candidate in found:
        say(f"candidate {candidate.name}: {len(learn):,} rows to learn from, {len(valid):,} to validate")
        started = time.monotonic()
        losses.append(candidate.choose(learn, y, valid, y_valid, say))
        setting = {candidate.setting: candidate.value}
        seconds = round(time.monotonic() - started, 2)
        scores.append({"name": candidate.name, **setting, "validation_loss": losses[-1], "seconds": seconds})
    return found[int(np.argmin(losses))], scores


def _evaluate(
    dataset: Dataset, rows: Split, inner: Pipeline, settings: Settings, facts: dict[str, Any], say: Say
) -> Version:
    """Measures a fitted pipeline on the held-out rows, beside the baseline, and checks what is exported of it."""
    raw, y = dataset.raw.iloc[rows.held], dataset.target[rows.held]
    pipeline = Pipeline([("typed", Typed(dataset.kinds).fit(dataset.raw)), *inner.steps])
    predicted = evaluate.predict(pipeline, raw)
    trivial = evaluate.baseline(dataset.target[rows.learn], dataset.classes, len(y))
    metrics = evaluate.measure(predicted, y, dataset.classes)
    baseline = evaluate.measure(trivial, y, dataset.classes)
    say("held out: " + ", ".join(f"{name} {metrics[name]:.4f} (baseline {baseline[name]:.4f})" for name in metrics))
    columns = dataset.columns(known_categories(inner))
    schema = Schema(columns, settings.target, dataset.task, dataset.classes, settings.ids, dataset.ignored)
    tables = document(inner, dataset.kinds)
    say(f"checking the exported model on {len(y):,} rows")
    losses = evaluate.losses(predicted, y, dataset.classes)
    found = [
        gates.parity(largest_difference(pipeline, tables, schema, raw)),
        gates.better_than_baseline(losses, evaluate.losses(trivial, y, dataset.classes)),
    ]
    libraries = {library.__name__: library.__version__ for library in (sklearn, np, pd, joblib)}
    manifest = {
        **facts,
        "metrics": metrics,
        "baseline": baseline,
        "libraries": {"python": platform.python_version(), **libraries},
        "schema": schema.to_json(),
    }
    return Version(pipeline, tables, schema, manifest, found, raw, y, losses)


def _split_by(dataset: Dataset, settings: Settings) -> str:
    if settings.time:
        return f"time ({settings.time})"
    if dataset.groups is not None:
        return f"group ({settings.group or ', '.join(settings.ids)})"
    return "row"
