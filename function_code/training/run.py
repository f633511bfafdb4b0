"""One training, from the bytes of a CSV file to a published and, if it passes its gates, promoted version."""

import hashlib
import json
import platform
import warnings
from importlib import import_module
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from function_code.errors import Refused
from function_code.progress import ProgressLog, log_progress
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.training import already_owned, evaluate, gates
from function_code.training.baseline import baseline
from function_code.training.candidates import candidates
from function_code.training.candidates.candidate import Rows
from function_code.training.candidates.custom import error_line
from function_code.training.column_typer import ColumnTyper
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.decision import CalibratedClassifier, Decision, calibration, decide, threshold
from function_code.training.encoders import known_categories
from function_code.training.evaluate import positions
from function_code.training.export import export
from function_code.training.export.seen_values import seen_values
from function_code.training.gate_metric import GateMetric
from function_code.training.histories.fit import fit_recommender
from function_code.training.histories.intent import UserSnapshots
from function_code.training.parity import GRAPH_TOLERANCE, TOLERANCE, differences, difficult, lenient
from function_code.training.publish import PublishedVersion, TrainedVersion, publish
from function_code.training.report.report_data import ReportData
from function_code.training.report.warnings import one_label_warnings, split_warnings
from function_code.training.search import SearchResult, search, threads
from function_code.training.settings import FRAMEWORKS, Settings, check_framework
from function_code.training.split import Split, classes_without_early_rows, folds, split_by
from function_code.training.table import Array, read_table
from function_code.training.text_scores import fits_kept
from function_code.training.trial import Trial
from function_code.training.uninformative_texts import leave_out_uninformative_texts


def train(
    data: bytes, name: str, settings: Settings, registry: Registry, log: ProgressLog, idempotency_key: str = ""
) -> PublishedVersion:
    """Trains, publishes and promotes. Raises Refused, before anything is written, if there is nothing to learn.

    With a horizon, a model that recommends is trained beside, with a budget of its own; it is no reason to refuse.
    `idempotency_key` goes into the manifest: it is the same if the same event asks for the training again.
    """
    if not settings.horizon:
        return _train(data, name, settings, registry, log, idempotency_key)
    outcome = _train(data, name, settings, registry, log, idempotency_key)
    log(f"beside it, a model that recommends {settings.item!r}: {registry.items.model}")
    try:
        _train(data, name, settings.of_items, registry.items, log, idempotency_key)
    except Refused as error:
        log(f"warning: nothing is recommended beside it: {error}")
    return outcome


def _train(
    data: bytes, name: str, settings: Settings, registry: Registry, log: ProgressLog, idempotency_key: str
) -> PublishedVersion:
    try:
        trained = (fit_recommender if settings.item and not settings.horizon else fit)(data, name, settings, log)
        if idempotency_key:
            trained.manifest["idempotency_key"] = idempotency_key
        with log_progress("writing the report and publishing", log):
            outcome = publish(trained, registry)
    except Refused:
        raise
    except Exception as error:
        if settings.estimator:  # which can fail in any of its methods, and can't be expected to be pickled
            raise Refused(f"estimator {settings.estimator}: {error_line(error)}") from error
        raise
    for warning in outcome.against.warnings:
        log(f"warning: {warning}")
    verdict = "serves now" if outcome.promoted else f"is kept but does not serve: {'; '.join(outcome.reasons)}"
    log(f"version {outcome.version} {verdict}")
    return outcome


def fit(data: bytes, name: str, settings: Settings, log: ProgressLog) -> TrainedVersion:
    """Everything up to, and without, writing. Raises Refused."""
    settings.check_values()  # before anybody installs gigabytes for settings that cannot be
    check_framework(settings.framework)
    with warnings.catch_warnings(), fits_kept():
        # scikit-learn tells of categories that it has not seen, which the encoder is there for, and of slow
        # convergence, which the validation loss accounts for.
        warnings.filterwarnings("ignore", module="sklearn")
        table = read_table(data, name, settings.encoding, settings.sheet, settings.known_columns)
        own_rows, users = len(table), None
        with log_progress(f"read {name}: {own_rows:,} rows, {len(table.columns)} columns", log):
            if settings.horizon:
                users, table = UserSnapshots.of(table, settings, name)
                settings = users.row_settings
            dataset = _prepare(table, settings, f"the snapshots of {name}" if users else name)
            rows = Split.of(dataset)
            leave_out_uninformative_texts(dataset, rows.learn, settings)
        if users:
            log(users.facts["snapshots"])
        target = f"{dataset.task} target {settings.target!r}"
        log(f"{target}, {len(dataset.kinds)} features, {len(rows.held_out):,} rows held out")
        result = search(candidates(dataset, settings), dataset, rows.learn, settings.budget, log)
        inner = _decide(dataset, result, settings.objective, _fit_chosen(dataset, rows, result, log), log)
        data_warnings = [*(dataset.positive.warnings if dataset.positive else ())]
        data_warnings += split_warnings(
            dataset, rows.learn, rows.held_out, settings.time, settings.target, users is not None
        )
        data_warnings += already_owned.warnings(dataset.owned, dataset.target, rows.held_out)
        known_warnings = [*dataset.warnings, *result.warnings, *data_warnings]
        for warning in known_warnings:
            log(f"warning: {warning}")
        facts = {
            "task": dataset.task,
            "target": settings.target,
            "dataset": {
                "name": name,
                "rows": own_rows,
                **(users.facts if users else {}),
                "sha256": hashlib.sha256(data).hexdigest(),
                "synthetic": settings.synthetic,
            },
            "split": {
                "by": split_by(dataset, settings),
                "learned": len(rows.learn),
                "held_out": len(rows.held_out),
            },
            "candidate": result.best.candidate.name,
            "candidates": result.trials,
            "warnings": known_warnings,
        }
        return _evaluate(dataset, rows, inner, settings, users, facts, log)


def _prepare(table: pd.DataFrame, settings: Settings, name: str) -> PreparedDataset:
    """The prepared table without the classes that the split leaves nothing to learn from of. Raises Refused."""
    too_late: frozenset[str | int] = frozenset()
    while True:
        dataset = prepare(table, settings, name, too_late)
        more = classes_without_early_rows(dataset)
        if not more:
            return dataset
        too_late |= more


def _fit_chosen(dataset: PreparedDataset, rows: Split, result: SearchResult, log: ProgressLog) -> Pipeline:
    """The chosen candidate on all training rows, or the next best if that goes wrong, which is noted and warned of."""
    while True:
        best = result.best
        what = f"fitting {best.candidate.name} on {len(rows.learn):,} rows"
        with log_progress(what, log), threadpool_limits(threads(dataset, rows.learn)):
            pipeline = _fit_all(dataset, rows, result, best)
            problem = _compare_with_validation(dataset, pipeline, best)
        if not problem:
            return pipeline
        others = any(trial is not best and trial.folds and not trial.note for trial in result.tried)
        instead = "the next best is fitted instead" if others else "there is no other that was tried"
        result.warnings.append(f"{best.title}: {problem}; {instead}")
        if not others:
            return pipeline
        best.note = problem


def _fit_all(dataset: PreparedDataset, rows: Split, result: SearchResult, best: Trial) -> Pipeline:
    """A trial's candidate on all training rows; some of them stop it early where the search took a sample."""

    def part(indices: Array) -> Rows:
        return Rows(dataset.features(indices), dataset.target[indices])

    if result.sampled and best.candidate.stops_early:
        fitting, valid = folds(dataset, rows.learn)[-1]
        return best.candidate.fit(best.setting, part(fitting), part(valid)).pipeline
    return best.candidate.fit(best.final, part(rows.learn)).pipeline


def _compare_with_validation(dataset: PreparedDataset, pipeline: Pipeline, trial: Trial) -> str:
    """The problem of a final fit, if `gates.worse_than_validated` finds one."""
    validated = np.concatenate(trial.rows)
    predicted = evaluate.predict(pipeline, dataset.features(validated))
    own = evaluate.losses(predicted, dataset.target[validated], dataset.classes)
    return gates.worse_than_validated(own, np.concatenate(trial.losses))


def _decide(
    dataset: PreparedDataset, result: SearchResult, objective: str, inner: Pipeline, log: ProgressLog
) -> Pipeline:
    """The pipeline with calibrated probabilities and a threshold, as the search's validation rows suggest."""
    if not dataset.classes:
        return inner
    probabilities = np.concatenate(result.best.predicted)
    y = dataset.target[np.concatenate(result.best.rows)]
    calibrated = calibration(probabilities, y, dataset.classes)
    if calibrated:
        probabilities = calibrated.apply(probabilities)
        log(f"calibrated: log-probabilities times {calibrated.slope:.3g}")
    decision = None
    if positive := dataset.positive:
        truth = positions(y, dataset.classes) == positive.number
        decision = Decision(positive.number, threshold(probabilities[:, positive.number], truth, objective))
        label = f"{positive.label!r}, the positive class ({positive.reason})"
        log(f"threshold of {label}, for the best {objective}: {decision.threshold:.4f}")
    elif not calibrated:
        return inner
    return Pipeline([*inner.steps[:-1], ("model", CalibratedClassifier(inner["model"], calibrated, decision))])


def _evaluate(
    dataset: PreparedDataset,
    rows: Split,
    inner: Pipeline,
    settings: Settings,
    users: UserSnapshots | None,
    facts: dict[str, Any],
    log: ProgressLog,
) -> TrainedVersion:
    """Measures a fitted pipeline on the held-out rows, beside the baseline, and checks what is exported of it."""
    raw, y = dataset.raw.iloc[rows.held_out], dataset.target[rows.held_out]
    pipeline = Pipeline([("typed", ColumnTyper(dataset.kinds, dataset.forms).fit(dataset.raw)), *inner.steps])
    predicted = evaluate.predict(inner, dataset.typed.iloc[rows.held_out])
    trivial, trivial_name = baseline(dataset, rows.learn, rows.held_out, users is not None)
    decision = inner["model"].decision if isinstance(inner["model"], CalibratedClassifier) else None
    public_decision: dict[str, Any] | None = None
    chosen = None
    if decision and (positive := dataset.positive):
        chosen = decide(predicted, decision)
        public_decision = {"objective": settings.objective, "threshold": decision.threshold}
        public_decision |= {"positive": positive.label, "reason": positive.reason}
    excluded = already_owned.excluded(dataset.owned, rows.held_out, dataset.classes)
    metrics = evaluate.measure(predicted, y, dataset.classes, dataset.positive_number, chosen, excluded)
    of_baseline = evaluate.measure(trivial, y, dataset.classes, dataset.positive_number, excluded=excluded)
    of = trivial_name.removeprefix("the trivial ")
    log("held out: " + ", ".join(f"{name} {metrics[name]:.4f} ({of} {of_baseline[name]:.4f})" for name in metrics))
    learned = dataset.typed.iloc[rows.learn]
    columns = dataset.columns(known_categories(learned, dataset.kinds, dataset.forms))
    names = settings.id, dataset.ignored, settings.owned, dataset.raw.attrs.get("encoding", ""), settings.sheet
    schema = Schema(columns, settings.target, dataset.task, dataset.classes, *names)
    schema = users.with_history(schema) if users else schema
    tables, graph = export(inner, dataset.kinds, learned)
    with log_progress(f"checking the exported model on {len(y):,} rows", log):
        same = _parity(pipeline, tables, graph, schema, raw)
    metric = GateMetric(y, dataset.classes, excluded)
    losses, theirs = metric.losses(predicted), metric.losses(trivial)
    gate_results = [same, gates.better_than_baseline(losses, theirs, metric, trivial_name)]
    model_warnings = [
        *one_label_warnings(chosen, dataset.classes, settings.objective),
        *gates.chance_warnings(losses, theirs, trivial_name),
    ]
    for warning in model_warnings:
        log(f"warning: {warning}")
    used = (sklearn, np, pd, joblib, import_module(FRAMEWORKS[settings.framework]))
    libraries = {library.__name__: library.__version__ for library in used}
    manifest = {
        **facts,
        "warnings": [*facts["warnings"], *model_warnings],
        "metrics": metrics,
        "baseline": of_baseline,
        "baseline_name": trivial_name,
        "decision": public_decision,
        "libraries": {"python": platform.python_version(), **libraries},
        "schema": schema.to_json(),
        **({"histories": users.kept.summary} if users and users.kept else {}),
    }
    report_data = ReportData(
        dataset,
        settings,
        rows.learn,
        rows.held_out,
        inner,
        predicted,
        trivial,
        decision,
        excluded,
    )
    seen = seen_values(learned, dataset.kinds, dataset.forms)
    return TrainedVersion(
        pipeline, tables, graph, seen, schema, manifest, gate_results, raw, metric, losses, report_data, users
    )


def _parity(pipeline: Pipeline, tables: dict[str, Any], graph: bytes, schema: Schema, raw: pd.DataFrame) -> gates.Gate:
    served = scorer.load(json.loads(json.dumps(tables, allow_nan=False)), graph)
    of_columns = (
        {column.name: getattr(column, of) for column in schema.features} for of in ("kind", "form", "stand_ins")
    )
    rows = difficult(raw, *of_columns)
    held_out, hard = differences(pipeline, served, schema, raw), differences(pipeline, served, lenient(schema), rows)
    return gates.parity(held_out, hard, rows, GRAPH_TOLERANCE if graph else TOLERANCE)
