"""Finds the candidate and the setting with the lowest loss on rows that they were not fitted on, within a time budget.

Cross-validation on training rows. A setting whose first fold is clearly worse than the best so far is dropped there.
With many rows the search takes a sample of them, and leaves out what would take longer than the budget on all rows.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from function_code.progress import ProgressLog
from function_code.training.candidates.candidate import Candidate, Rows, Setting
from function_code.training.dataset import PreparedDataset
from function_code.training.evaluate import losses, predict
from function_code.training.split import folds
from function_code.training.table import Array

SAMPLE_ROWS = 50_000  # rows to search on
MIN_CLASS_ROWS = 25  # of each class: five in each of five folds
MIN_PARALLEL_VALUES = 200_000  # values below which threads wait for each other longer than they work
MIN_STANDARD_ERRORS = 2.5  # standard errors of the paired difference from which a setting is worse


@dataclass
class Trial:
    """A candidate with one setting: its losses by validation row, fold after fold, and the predictions behind them."""

    candidate: Candidate
    setting: Setting
    seconds: float = 0.0
    note: str = ""
    losses: list[Array] = field(default_factory=list)
    rows: list[Array] = field(default_factory=list)
    predicted: list[Array] = field(default_factory=list)
    decided: list[dict[str, float]] = field(default_factory=list)

    @property
    def loss(self) -> float:
        """The mean over the rows of all its folds."""
        return float(np.concatenate(self.losses).mean())

    @property
    def final(self) -> Setting:
        """The setting with what the folds decided, on average."""
        return {**self.setting, **{key: round(np.mean([d[key] for d in self.decided])) for key in self.decided[0]}}

    def to_json(self, count: int) -> dict[str, Any]:
        """The trial as it stands in a manifest."""
        result = {"loss": round(self.loss, 6), "folds": len(self.losses)} if self.losses else {"loss": None, "folds": 0}
        note = self.note or ("" if len(self.losses) == count else "the time was up")
        return {
            "name": self.candidate.name,
            "setting": self.final if self.decided else self.setting,
            **result,
            "seconds": round(self.seconds, 2),
            "note": note,
        }


@dataclass(frozen=True)
class SearchResult:
    """The best trial, all of them for the manifest, and whether a sample of the rows had to do."""

    best: Trial
    trials: list[dict[str, Any]]
    sampled: bool


def search(
    candidates: list[Candidate], dataset: PreparedDataset, learn: Array, budget: float, log: ProgressLog
) -> SearchResult:
    """Looks for at most `budget` seconds, but for one fit at least. Raises Refused as `folds` does."""
    rows = _sample(dataset, learn)
    if len(rows) < len(learn):
        log(f"searching on {len(rows):,} of {len(learn):,} rows")
    parts = folds(dataset, rows)
    trials = _trials(candidates)
    until = time.monotonic() + budget
    growth = len(learn) / len(parts[0][0])
    with threadpool_limits(threads(dataset, rows)):
        for trial in trials:
            for part in parts:
                if time.monotonic() > until and trials[0].losses:
                    break
                _fit(trial, dataset, *part)
                trial.note = _verdict(trial, trials, growth, budget)
                if trial.note:
                    break
            if trial.losses:
                log(f"  {_name(trial)}: validation loss {trial.loss:.4f}{', ' + trial.note if trial.note else ''}")
    if not trials[-1].losses:
        log(f"  the time for the search is up ({budget:g} s): {sum(not t.losses for t in trials)} settings not tried")
    best = _best(trials)
    listed = [{**trial.to_json(len(parts)), "chosen": trial is best} for trial in trials if trial.losses]
    return SearchResult(best, listed, len(rows) < len(learn))


def _sample(dataset: PreparedDataset, learn: Array) -> Array:
    """Rows for the search: about SAMPLE_ROWS of them, in the proportions of the classes.

    More if there would be fewer than MIN_CLASS_ROWS of the rarest class, and all if there are no more of it: a sample
    that has it more often than the data would bend the threshold.
    """
    strata = dataset.target[learn] if dataset.classes else np.zeros(len(learn))
    _, stratum_of_row, counts = np.unique(strata, return_inverse=True, return_counts=True)
    share = max(SAMPLE_ROWS / len(learn), MIN_CLASS_ROWS / counts.min() if dataset.classes else 0.0)
    if share >= 1:
        return learn
    drawn = np.random.default_rng(0).random(len(learn))
    sampled = np.zeros(len(learn), dtype=bool)
    for stratum, count in enumerate(counts):
        members = np.flatnonzero(stratum_of_row == stratum)
        sampled[members[np.argsort(drawn[members])[: round(share * count)]]] = True
    return learn[sampled]


def threads(dataset: PreparedDataset, rows: Array) -> int | None:
    """The number of threads to fit on those rows with; None for as many as there are processors."""
    return 1 if dataset.typed.shape[1] * len(rows) < MIN_PARALLEL_VALUES else None


def _trials(candidates: list[Candidate]) -> list[Trial]:
    """Every candidate's first setting, then every second one, and so on."""
    most = max(len(candidate.settings) for candidate in candidates)
    return [Trial(c, c.settings[index]) for index in range(most) for c in candidates if index < len(c.settings)]


def _fit(trial: Trial, dataset: PreparedDataset, fitting: Array, valid: Array) -> None:
    started = time.monotonic()
    inner, outer = (Rows(dataset.typed.iloc[rows], dataset.target[rows]) for rows in (fitting, valid))
    fitted = trial.candidate.fit(trial.setting, inner, outer)
    predicted = predict(fitted.pipeline, outer.features)
    trial.seconds += time.monotonic() - started
    trial.losses.append(losses(predicted, outer.target, dataset.classes))
    trial.rows.append(valid)
    trial.predicted.append(predicted)
    trial.decided.append(fitted.decided)


def _verdict(trial: Trial, trials: list[Trial], growth: float, budget: float) -> str:
    """Why not to go on with a trial, or ""."""
    expected = trial.seconds / len(trial.losses) * growth
    if expected > max(budget, 1.0) and trial is not trials[0]:
        return f"left out: it would take about {expected:.0f} s on all rows"
    others = [other for other in trials if other is not trial and other.losses and not other.note]
    if len(trial.losses) == 1 and others:
        best = min(others, key=lambda other: float(other.losses[0].mean()))
        worse = trial.losses[0] - best.losses[0]
        if worse.mean() > MIN_STANDARD_ERRORS * worse.std() / np.sqrt(len(worse)):
            theirs = float(best.losses[0].mean())
            return f"clearly worse than {best.candidate.name} on the first fold ({theirs:.4f} there)"
    return ""


def _best(trials: list[Trial]) -> Trial:
    """The lowest loss, or that of a simpler candidate if it is within one standard error of the paired difference.

    The one-standard-error rule of Breiman et al., Classification and Regression Trees, 1984: what validation rows
    cannot tell apart, later rows won't either, and the simpler one is smaller and faster. Simpler are those that come
    first.
    Only trials with all folds count, or where time was up before, with the first.
    """
    going = [trial for trial in trials if trial.losses and not trial.note]
    most = max(len(trial.losses) for trial in going)
    whole = [trial for trial in going if len(trial.losses) == most]
    lowest = min(whole, key=lambda trial: trial.loss)
    for name in dict.fromkeys(trial.candidate.name for trial in trials):
        own = [trial for trial in whole if trial.candidate.name == name]
        if own:
            simpler = min(own, key=lambda trial: trial.loss)
            worse = np.concatenate(simpler.losses) - np.concatenate(lowest.losses)
            if worse.mean() <= worse.std() / np.sqrt(len(worse)):
                return simpler
    return lowest


def _name(trial: Trial) -> str:
    values = ", ".join(f"{key} {_format(value)}" for key, value in trial.final.items())
    return f"{trial.candidate.name} ({values})" if values else trial.candidate.name


def _format(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list) else f"{value:g}" if value != str(value) else str(value)
