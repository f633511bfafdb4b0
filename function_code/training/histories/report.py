"""The report of a recommender as one HTML page that needs nothing from elsewhere."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from function_code.training.gates import Comparison
from function_code.training.histories import ranking
from function_code.training.histories.events import Events
from function_code.training.histories.held_out import Questions
from function_code.training.histories.search import TOP
from function_code.training.histories.similarity import Similarity
from function_code.training.report.page import metric_name, rendered
from function_code.training.table import Array

Z = 1.96  # standard errors of a 95 % interval
EXAMPLES, SHOWN_ITEMS = 8, 8


@dataclass(frozen=True)
class RecommenderData:
    """The data of a report and of the comparison with what serves: the events learned from and the questions held out.

    `best` and `popular` are the items for each held-out user, shape (users, top), by the model and by popularity alone;
    `own` and `baseline` their NDCG@TOP; `final` is the model that serves.
    """

    learn: Events
    questions: Questions
    best: Array
    popular: Array
    own: Array
    baseline: Array
    final: Similarity


@dataclass(frozen=True)
class Example:
    """A held-out user: the latest items of the history, what is recommended, and what the user took."""

    history: list[str]
    recommended: list[str]
    taken: list[str]


def page(data: RecommenderData, manifest: dict[str, Any], against: Comparison) -> bytes:
    """The page; `manifest` has its gates."""
    items, metrics = data.learn.items, _metrics(data, manifest)
    return rendered(
        "recommendations.html",
        manifest,
        against,
        top=TOP,
        metrics=list(metrics.values()),
        hit_rate=metrics[f"hit_rate_at_{TOP}"],
        examples=_examples(data),
        popular=[items[number] for number in np.argsort(-data.final.popularity, kind="stable")[:TOP]],
    )


def _metrics(data: RecommenderData, manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    lines = {}
    for name, value in manifest["metrics"].items():
        kind, _, top = name.rpartition("_at_")
        quality = {"ndcg": ranking.ndcg, "hit_rate": ranking.hit_rate}.get(kind)
        interval = difference = None
        if quality:
            own, popular = (quality(best[:, : int(top)], data.questions.taken) for best in (data.best, data.popular))
            interval, difference = _interval(own), _interval(own - popular)
        line = {"name": metric_name(name), "own": value, "baseline": manifest["baseline"][name]}
        lines[name] = {**line, "interval": interval, "difference": difference}
    return lines


def _interval(values: Array) -> tuple[float, float]:
    mean, error = float(values.mean()), float(values.std() / np.sqrt(len(values)))
    return mean - Z * error, mean + Z * error


def _examples(data: RecommenderData) -> list[Example]:
    questions, items = data.questions, data.learn.items
    drawn = np.random.default_rng(0).permutation(len(questions.users))[:EXAMPLES]
    steps = questions.steps()
    return [
        Example(
            [items[number] for step in steps[user] for number in step][-SHOWN_ITEMS:],
            [items[number] for number in data.best[user, :TOP] if number >= 0],
            [items[number] for number in questions.taken[user]][:SHOWN_ITEMS],
        )
        for user in drawn.tolist()
    ]
