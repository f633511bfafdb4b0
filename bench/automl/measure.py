"""One contender on one table: how good its predictions are, and what they cost."""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from bench.automl.contenders import RIVALS, Framework, ServerlessML
from bench.automl.tables import Files

STARTS = 5  # cold starts that are timed, after one that fills caches
Row = dict[str, Any]


def measure(files: Files, ours: ServerlessML, budget: float, home: Path) -> list[Row]:
    """A row for each contender, one after the other."""
    rows = []
    for contender in (ours, *RIVALS):
        folder = home / contender.name
        print(f"{files.table.name}: training {contender.name}", file=sys.stderr, flush=True)
        started = time.perf_counter()
        contender.train(files, budget, folder)
        seconds = time.perf_counter() - started
        rows.append(_row(files, contender, folder, {"budget": budget, "seconds": round(seconds, 1)}))
        print(f"  {_briefly(rows[-1])}", file=sys.stderr, flush=True)
    return rows


def _row(files: Files, contender: ServerlessML | Framework, folder: Path, spent: Row) -> Row:
    scoring_seconds, predictions = contender.score(files, folder)
    cold = [contender.answer(files, folder) for _ in range(1 + STARTS)][1:]
    model_bytes, library_bytes = contender.weights(folder)
    return {
        "table": files.table.name,
        "rows": files.rows,
        "features": files.features,
        "task": files.task,
        "framework": contender.name,
        "version": contender.version,
        **spent,
        **quality(predictions[: len(files.truth)], files.truth, files.task),
        "model_bytes": model_bytes,
        "shipped_bytes": model_bytes + library_bytes,
        "microseconds_per_row": round(scoring_seconds / len(predictions) * 1e6, 1),
        "cold_start_ms": round(statistics.median(cold) * 1000),
    }


def quality(predictions: pd.DataFrame, truth: pd.Series, task: str) -> Row:
    """`log_loss` and `roc_auc` (of one class against the others, for more than two), or `rmse`.

    `predictions` are a column for each class or the column `value`; `truth` are texts.
    """
    if task == "regression":
        errors = predictions["value"].to_numpy() - truth.astype(float).to_numpy()
        return {"log_loss": None, "roc_auc": None, "rmse": float(np.sqrt(np.mean(errors**2)))}
    labels = sorted(map(str, predictions.columns))
    probabilities = predictions[labels].to_numpy(dtype=float)
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)  # some are of float32
    scores = probabilities[:, 1] if task == "binary" else probabilities
    return {
        "log_loss": float(log_loss(truth, probabilities, labels=labels)),
        "roc_auc": float(roc_auc_score(truth, scores, labels=labels, multi_class="ovr")),
        "rmse": None,
    }


def _briefly(row: Row) -> str:
    metrics = (f"{name} {row[name]:.5g}" for name in ("log_loss", "roc_auc", "rmse") if row[name] is not None)
    return f"{', '.join(metrics)}, {row['seconds']} s, cold start {row['cold_start_ms']} ms"
