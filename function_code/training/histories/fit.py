"""One training of a recommender, from a table of events to a version that can be published."""

import hashlib
import json
import platform
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import scipy

from function_code.dialects.iso_dates import write_iso
from function_code.progress import ProgressLog, log_progress
from function_code.registry import Registry
from function_code.schema import RECOMMENDATION, Schema
from function_code.training.gates import Comparison, Gate
from function_code.training.histories import gates, ranking
from function_code.training.histories.events import Events
from function_code.training.histories.export import tables
from function_code.training.histories.held_out import Questions, divide, divide_again
from function_code.training.histories.keep import HistoriesToKeep, keep
from function_code.training.histories.read_events import ReadEvents, read_events
from function_code.training.histories.report import RecommenderData, page
from function_code.training.histories.search import POPULARITY, TOP, Trial, search
from function_code.training.histories.similarity import popularity
from function_code.training.settings import Settings
from function_code.training.table import Array, read_table

LONG_TOP = 10
POPULARITY_OF_ALL = Trial(POPULARITY, {"popularity_days": None})


@dataclass(frozen=True)
class TrainedRecommender:
    """A recommender before it is published; the comparison with what serves has yet to join `gates`."""

    document: dict[str, Any]
    manifest: dict[str, Any]
    gates: list[Gate]
    data: RecommenderData
    kept: HistoriesToKeep | None

    def artifacts(self) -> dict[str, bytes]:
        """The files of the version but for its report."""
        kept = self.kept.artifacts if self.kept else {}
        return {"model.json": json.dumps(self.document, allow_nan=False).encode(), **kept}

    def against_serving(self, registry: Registry, serving: str | None) -> Comparison:
        """The gate of the comparison with the serving version."""
        data = self.data
        return gates.not_worse_than_serving(
            registry, serving, data.own, data.learn, data.questions, self.manifest["target"]
        )

    def report(self, manifest: dict[str, Any], against: Comparison) -> bytes:
        """The report, as a page."""
        return page(self.data, manifest, against)


def fit_recommender(data: bytes, name: str, settings: Settings, log: ProgressLog) -> TrainedRecommender:
    """Everything up to, and without, writing. Raises Refused."""
    settings.check_values()
    table = read_table(data, name, settings.encoding, settings.sheet, settings.known_columns)
    with log_progress(f"read {name}: {len(table):,} rows, {len(table.columns)} columns", log):
        read = read_events(table, settings, name)
        events = read.events
        learn, questions, moment = divide(events, name)
        inner, valid = divide_again(learn, name)
    log(f"{len(events):,} events of {len(events.users):,} users and {len(events.items):,} items")
    log(f"{len(questions.users):,} users held out, whose last step is later than {_day(moment)}")
    best, tried, late = search(inner, valid, settings.budget, log)
    with log_progress(f"fitting {best.name} on {len(events):,} events", log):
        own, popular = (_recommended(trial, learn, questions) for trial in (best, POPULARITY_OF_ALL))
        final = best.fit(events).cut(gates.MAX_NEIGHBOURS)
    metrics, baseline = (_metrics(each, questions, learn) for each in (own, popular))
    log("held out: " + ", ".join(f"{key} {metrics[key]:.4f} (popularity {baseline[key]:.4f})" for key in metrics))
    document = tables(final)
    ndcg, popular_ndcg = (ranking.ndcg(each[:, :TOP], questions.taken) for each in (own, popular))
    results = [gates.parity(final, document, questions), gates.better_than_popularity(ndcg, popular_ndcg)]
    kept = _kept(events, settings, log) if settings.keep_events else None
    warnings = [*read.warnings, *late, *gates.chance_warnings(ndcg, popular_ndcg), *(kept.warnings if kept else [])]
    for warning in warnings:
        log(f"warning: {warning}")
    manifest = {
        "task": RECOMMENDATION,
        "target": settings.item,
        "dataset": _dataset(data, name, len(table), settings, read),
        "split": {
            "by": f"time ({settings.when})",
            "moment": _day(moment),
            "learned": len(learn),
            "held_out": len(questions.users),
        },
        "candidate": best.name,
        "candidates": [{**trial.to_json(), "chosen": trial is best} for trial in tried],
        "warnings": warnings,
        "metrics": metrics,
        "baseline": baseline,
        "decision": None,
        "libraries": {
            "python": platform.python_version(),
            **{library.__name__: library.__version__ for library in (np, scipy, pd)},
        },
        "schema": _schema(read, settings, table).to_json(),
        **({"histories": kept.summary} if kept else {}),
    }
    report_data = RecommenderData(learn, questions, own, popular, ndcg, popular_ndcg, final)
    return TrainedRecommender(document, manifest, results, report_data, kept)


def _recommended(trial: Trial, learn: Events, questions: Questions) -> Array:
    return trial.fit(learn).cut(gates.MAX_NEIGHBOURS).recommend(questions, LONG_TOP)


def _metrics(best: Array, questions: Questions, learn: Events) -> dict[str, float]:
    """The quality of recommendations for held-out users; coverage and novelty by the items of `learn`."""
    metrics = {}
    for top in (TOP, LONG_TOP):
        metrics[f"ndcg_at_{top}"] = float(ranking.ndcg(best[:, :top], questions.taken).mean())
        metrics[f"hit_rate_at_{top}"] = float(ranking.hit_rate(best[:, :top], questions.taken).mean())
    metrics[f"coverage_at_{TOP}"] = ranking.coverage(best[:, :TOP], len(np.unique(learn.item)))
    metrics[f"novelty_at_{TOP}"] = float(ranking.novelty(best[:, :TOP], popularity(learn, None)).mean())
    return metrics


def _dataset(data: bytes, name: str, rows: int, settings: Settings, read: ReadEvents) -> dict[str, Any]:
    events = read.events
    return {
        "name": name,
        "rows": rows,
        "events": len(events),
        "users": len(events.users),
        "items": len(events.items),
        "first": _day(float(events.when.min())),
        "last": _day(float(events.when.max())),
        "sha256": hashlib.sha256(data).hexdigest(),
        "synthetic": settings.synthetic,
    }


def _schema(read: ReadEvents, settings: Settings, table: pd.DataFrame) -> Schema:
    names = (settings.user,), read.ignored, "", table.attrs.get("encoding", ""), settings.sheet
    return Schema(read.columns, settings.item, RECOMMENDATION, read.events.items, *names)


def _kept(events: Events, settings: Settings, log: ProgressLog) -> HistoriesToKeep:
    with log_progress(f"keeping the histories of {len(events.users):,} users", log):
        return keep(events.frame(), settings.user, settings.keep_events)


def _day(days: float) -> str:
    return write_iso(days).removesuffix("T00:00:00+00:00")
