"""Finds the recommender with the highest NDCG for users that it has not learned from, within a time budget.

Simple ones first: what is popular, item-item similarity, then the ridge regression of each item on all others. What
validation users cannot tell apart from the best gives way to what is simpler, as for other candidates (`trial.choose`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from function_code.progress import ProgressLog, log_progress
from function_code.training.histories import ranking
from function_code.training.histories.events import Events
from function_code.training.histories.held_out import Questions
from function_code.training.histories.similarity import Similarity, cosine, pairs, popularity, shallow
from function_code.training.table import Array

TOP = 5
POPULARITY_SHARE = 1e-3  # of a popularity in a score: it orders what no item of a history has a weight for
POPULARITY_DAYS = (None, 30.0, 90.0)
PAIR_STEPS = (None, 10.0, 3.0)
HISTORY_STEPS = (3.0, None, 1.0, 10.0)
POPULARITY, COSINE, SHALLOW = "popularity", "cosine", "shallow"
PENALTIES = {COSINE: (20.0,), SHALLOW: (200.0, 50.0, 1000.0)}
WEIGHTS: dict[str, Callable[[Array, float], Array]] = {COSINE: cosine, SHALLOW: shallow}
SECONDS_OF_1000 = {COSINE: (0.1, 2), SHALLOW: (0.3, 3)}  # that weights take for 1,000 items, and the power for others


@dataclass
class Trial:
    """A recommender's setting, with the NDCG of each validation user.

    Half-lives are of steps for histories and pairs, of days for the popularity; None where all count alike.
    """

    name: str
    setting: dict[str, float | None]
    ndcg: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def mean(self) -> float:
        """The mean NDCG of the validation users."""
        return float(self.ndcg.mean())

    def fit(self, events: Events) -> Similarity:
        """The model that is fitted to those events."""
        popular = popularity(events, self.setting["popularity_days"])
        if self.name == POPULARITY:
            return Similarity(np.zeros((len(popular), len(popular))), popular, None)
        weights = WEIGHTS[self.name](pairs(events, self.setting["pair_steps"]), self.setting["penalty"] or 0.0)
        return Similarity(weights, POPULARITY_SHARE * popular, self.setting["history_steps"])

    def to_json(self) -> dict[str, Any]:
        """The trial as it stands in a manifest."""
        return {"name": self.name, "setting": self.setting, f"ndcg_at_{TOP}": round(self.mean, 6)}


def search(
    learn: Events, questions: Questions, budget: float, log: ProgressLog
) -> tuple[Trial, list[Trial], list[str]]:
    """The trial to fit, all of them, and warnings of kinds that the budget, in seconds, was too short for."""
    until, last = time.monotonic() + budget, 0.0
    tried: list[Trial] = []
    left_out: list[str] = []

    def seconds(kind: str) -> float:
        of_1000, power = SECONDS_OF_1000[kind]
        return max(last, of_1000 * (len(learn.items) / 1000) ** power)

    with log_progress(f"comparing recommenders for {len(questions.users):,} users", log):
        for days in POPULARITY_DAYS:
            tried += _tried(POPULARITY, {"popularity_days": days}, (None,), learn, questions, log)
        best_days = _best(tried).setting["popularity_days"]
        pair_steps: tuple[float | None, ...] = PAIR_STEPS
        kinds = list(PENALTIES)
        for name in kinds:
            for number, (steps, penalty) in enumerate(product(pair_steps, PENALTIES[name])):
                began = time.monotonic()
                # A second setting leaves the time for a first one of the kinds that follow.
                needed = seconds(name) + (sum(map(seconds, kinds[kinds.index(name) + 1 :])) if number else 0.0)
                if began + needed > until and (number or name != COSINE):
                    if not number:
                        left_out.append(
                            f"{name} was not tried: it takes about {needed:.0f} s of the budget's {budget:g}"
                        )
                    break
                setting = {"popularity_days": best_days, "pair_steps": steps, "penalty": penalty}
                tried += _tried(name, setting, HISTORY_STEPS, learn, questions, log)
                last = time.monotonic() - began
            # What is best for one kind is for the other, which takes longer to fit.
            pair_steps = (_best([trial for trial in tried if trial.name == name] or tried).setting.get("pair_steps"),)
    return choose(tried), tried, left_out


def choose(tried: list[Trial]) -> Trial:
    """The best trial of the simplest kind that may be as good as the best: within one standard error of it."""
    best = _best(tried)
    for name in (POPULARITY, *PENALTIES):
        own = _best([trial for trial in tried if trial.name == name] or tried)
        worse = best.ndcg - own.ndcg
        if worse.mean() <= worse.std() / np.sqrt(len(worse)):
            return own
    return best


def _best(trials: list[Trial]) -> Trial:
    return max(trials, key=lambda trial: trial.mean)


def _tried(
    name: str,
    setting: dict[str, float | None],
    half_lives: tuple[float | None, ...],
    learn: Events,
    questions: Questions,
    log: ProgressLog,
) -> list[Trial]:
    """A trial for each half-life of a history; the weights are the same for all."""
    trials = [Trial(name, {**setting, "history_steps": steps}) for steps in half_lives]
    fitted = trials[0].fit(learn)
    for trial in trials:
        model = Similarity(fitted.weights, fitted.popularity, trial.setting["history_steps"])
        trial.ndcg = ranking.ndcg(model.recommend(questions, TOP), questions.taken)
    best = _best(trials)
    values = ", ".join(f"{key} {value:g}" for key, value in best.setting.items() if value is not None)
    log(f"  {name}{f' ({values})' if values else ''}: validation NDCG@{TOP} {best.mean:.4f}")
    return trials
