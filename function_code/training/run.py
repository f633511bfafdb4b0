"""One training, from the bytes of a CSV file to a published and, if it passes its gates, promoted version."""

import hashlib
import json
import platform
import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from function_code.errors import Refused
from function_code.progress import Say, working
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.training import already_owned, evaluate, gates
from function_code.training.candidates import candidates
from function_code.training.candidates.candidate import Rows
from function_code.training.candidates.custom import said
from function_code.training.column_typing import Typed
from function_code.training.dataset import Dataset, prepare
from function_code.training.decision import Decided, calibration, decide, threshold
from function_code.training.evaluate import positions
from function_code.training.export import export
from function_code.training.export.encoder import known_categories
from function_code.training.parity import GRAPH_TOLERANCE, TOLERANCE, differences, difficult, lenient
from function_code.training.publish import Outcome, Version, publish
from function_code.training.report.report_data import Evidence
from function_code.training.report.warnings import cautions
from function_code.training.search import Found, search, threads
from function_code.training.settings import FRAMEWORKS, Settings, check_framework
from function_code.training.split import folds, split
from function_code.training.table import Array, read_table


@dataclass(frozen=True)
class Split:
    """Row indices: `learn` to search and fit, `held` to test."""

    learn: Array
    held: Array

    @classmethod
    def of(cls, dataset: Dataset) -> "Split":
        """Raises Refused as `split` does."""
        return cls(*split(dataset, np.arange(len(dataset.target)), "hold-out"))


def train(data: bytes, name: str, settings: Settings, registry: Registry, say: Say, cause: str = "") -> Outcome:
    """Trains, publishes and promotes. Raises Refused, before anything is written, if there is nothing to learn.

    `cause` is the id of what asked for the training, for the manifest: what comes twice can be told by it.
    """
    try:
        trained = fit(data, name, settings, say)
        if cause:
            trained.manifest["cause"] = cause
        with working("writing the report and publishing", say):
            outcome = publish(trained, registry)
    except Refused:
        raise
    except Exception as error:
        if settings.estimator:  # which can fail in any of its methods, and can't be expected to be pickled
            raise Refused(f"estimator {settings.estimator}: {said(error)}") from error
        raise
    if outcome.against.uncompared:
        say(f"warning: not compared with what serves: {outcome.against.detail}")
    verdict = "serves now" if outcome.promoted else f"is kept but does not serve: {'; '.join(outcome.reasons)}"
    say(f"version {outcome.version} {verdict}")
    return outcome


def fit(data: bytes, name: str, settings: Settings, say: Say) -> Version:
    """Everything up to, and without, writing. Raises Refused."""
    settings.check_values()  # before anybody installs gigabytes for settings that cannot be
    check_framework(settings.framework)
    with warnings.catch_warnings():
        # scikit-learn tells of categories that it has not seen, which the encoder is there for, and of slow
        # convergence, which the validation loss accounts for.
        warnings.filterwarnings("ignore", module="sklearn")
        table = read_table(data, name, settings.owned)
        with working(f"read {name}: {len(table):,} rows, {len(table.columns)} columns", say):
            dataset = prepare(table, settings, name)
            rows = Split.of(dataset)
        target = f"{dataset.task} target {settings.target!r}"
        say(f"{target}, {len(dataset.kinds)} features, {len(rows.held):,} rows held out")
        found = search(candidates(dataset, settings), dataset, rows.learn, settings.budget, say)
        inner = _decide(dataset, found, settings.objective, _fit_chosen(dataset, rows, found, say), say)
        wary = cautions(dataset, rows.learn, rows.held, settings.time, settings.target)
        wary += already_owned.warnings(dataset.owned, dataset.target, rows.held)
        for warning in (*dataset.warnings, *wary):
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
            "candidate": found.best.candidate.name,
            "candidates": found.trials,
            "warnings": [*dataset.warnings, *wary],
        }
        return _evaluate(dataset, rows, inner, settings, facts, wary, say)


def _fit_chosen(dataset: Dataset, rows: Split, found: Found, say: Say) -> Pipeline:
    """The chosen candidate on all training rows; some of them stop it early where the search took a sample."""
    best = found.best

    def part(indices: Array) -> Rows:
        return Rows(dataset.typed.iloc[indices], dataset.target[indices])

    what = f"fitting {best.candidate.name} on {len(rows.learn):,} rows"
    with working(what, say), threadpool_limits(threads(dataset, rows.learn)):
        if found.sampled and best.candidate.stops_early:
            fitting, valid = folds(dataset, rows.learn)[-1]
            return best.candidate.fit(best.setting, part(fitting), part(valid)).pipeline
        return best.candidate.fit(best.final, part(rows.learn)).pipeline


def _decide(dataset: Dataset, found: Found, objective: str, inner: Pipeline, say: Say) -> Pipeline:
    """The pipeline with calibrated probabilities and a threshold, as the search's validation rows suggest."""
    if not dataset.classes:
        return inner
    probabilities = np.concatenate(found.best.predicted)
    y = dataset.target[np.concatenate(found.best.rows)]
    calibrated = calibration(probabilities, y, dataset.classes)
    if calibrated:
        probabilities = calibrated.apply(probabilities)
        say(f"calibrated: log-probabilities times {calibrated.slope:.3g}")
    limit = None
    if len(dataset.classes) == 2:
        limit = threshold(probabilities[:, 1], positions(y, dataset.classes), objective)
        say(f"threshold of {dataset.classes[1]!r} for the best {objective}: {limit:.4f}")
    elif not calibrated:
        return inner
    return Pipeline([*inner.steps[:-1], ("model", Decided(inner["model"], calibrated, limit))])


def _evaluate(
    dataset: Dataset,
    rows: Split,
    inner: Pipeline,
    settings: Settings,
    facts: dict[str, Any],
    wary: list[str],
    say: Say,
) -> Version:
    """Measures a fitted pipeline on the held-out rows, beside the baseline, and checks what is exported of it."""
    raw, y = dataset.raw.iloc[rows.held], dataset.target[rows.held]
    pipeline = Pipeline([("typed", Typed(dataset.kinds).fit(dataset.raw)), *inner.steps])
    predicted = evaluate.predict(inner, dataset.typed.iloc[rows.held])
    trivial = evaluate.baseline(dataset.target[rows.learn], dataset.classes, len(y))
    limit = inner["model"].threshold if isinstance(inner["model"], Decided) else None
    chosen = decide(predicted, limit) if limit is not None else None
    taken = already_owned.taken(dataset.owned, rows.held, dataset.classes)
    metrics = evaluate.measure(predicted, y, dataset.classes, chosen, taken)
    baseline = evaluate.measure(trivial, y, dataset.classes, taken=taken)
    say("held out: " + ", ".join(f"{name} {metrics[name]:.4f} (baseline {baseline[name]:.4f})" for name in metrics))
    columns = dataset.columns(known_categories(inner))
    names = settings.id, dataset.ignored, settings.owned
    schema = Schema(columns, settings.target, dataset.task, dataset.classes, *names)
    tables, graph = export(inner, dataset.kinds, dataset.typed.iloc[rows.learn])
    with working(f"checking the exported model on {len(y):,} rows", say):
        same = _parity(pipeline, tables, graph, schema, raw)
    losses, theirs = (evaluate.losses(each, y, dataset.classes) for each in (predicted, trivial))
    found = [same, gates.better_than_baseline(losses, theirs)]
    doubts = gates.doubts(losses, theirs)
    for doubt in doubts:
        say(f"warning: {doubt}")
    used = (sklearn, np, pd, joblib, import_module(FRAMEWORKS[settings.framework]))
    libraries = {library.__name__: library.__version__ for library in used}
    manifest = {
        **facts,
        "warnings": [*facts["warnings"], *doubts],
        "metrics": metrics,
        "baseline": baseline,
        "decision": {"objective": settings.objective, "threshold": limit} if limit is not None else None,
        "libraries": {"python": platform.python_version(), **libraries},
        "schema": schema.to_json(),
    }
    evidence = Evidence(
        dataset, settings, rows.learn, rows.held, inner, predicted, trivial, limit, taken, [*wary, *doubts]
    )
    return Version(pipeline, tables, graph, schema, manifest, found, raw, y, losses, evidence)


def _parity(pipeline: Pipeline, tables: dict[str, Any], graph: bytes, schema: Schema, raw: pd.DataFrame) -> gates.Gate:
    served = scorer.load(json.loads(json.dumps(tables, allow_nan=False)), graph)
    rows = difficult(raw, {column.name: column.kind for column in schema.features})
    held, hard = differences(pipeline, served, schema, raw), differences(pipeline, served, lenient(schema), rows)
    return gates.parity(held, hard, rows, GRAPH_TOLERANCE if graph else TOLERANCE)


def _split_by(dataset: Dataset, settings: Settings) -> str:
    if settings.time:
        return f"time ({settings.time})"
    if dataset.groups is not None:
        return f"group ({settings.group or ', '.join(settings.id)})"
    return "row"
