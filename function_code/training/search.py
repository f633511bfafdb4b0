"""Finds the candidate and the setting with the lowest loss on rows that they were not fitted on, within a time budget.

Cross-validation on training rows. Every candidate's first setting has its first fold before any has its second; then
what may be the best has its other folds before another setting begins. A setting that is clearly worse than the best
on its first fold is dropped there. With many rows the search takes a sample of them, and leaves out what would take
longer than the budget on all rows.

What is chosen follows from the folds that were fitted, and from nothing else.
"""

import time
from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from function_code.progress import ProgressLog, log_progress
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.dataset import PreparedDataset
from function_code.training.ensemble import ensemble
from function_code.training.evaluate import losses, predict
from function_code.training.gate_metric import MIN_RANKED_CLASSES
from function_code.training.split import folds
from function_code.training.table import Array
from function_code.training.trial import Trial, choose, lowest

SAMPLE_ROWS = 50_000  # rows to search on
MIN_CLASS_ROWS = 25  # of each class: five in each of five folds
MIN_PARALLEL_VALUES = 500_000  # values below which threads wait for each other longer than they work
MAX_SEEDS_SHARE = 0.35  # of the budget, which a fit with several seeds may take
MAX_FIT_SHARE = 0.5  # of the budget, which a fit may take where a target has many classes
TIME_LIMIT_ADVICE = "a cloud's function needs twice that as its time limit"
MIN_STANDARD_ERRORS = 2.5  # standard errors of the paired difference from which a setting is worse


@dataclass(frozen=True)
class SearchResult:
    """The trials, how many folds there were, whether a sample of the rows had to do, and what to warn of."""

    tried: list[Trial]
    folds: int
    sampled: bool
    warnings: list[str]

    @property
    def best(self) -> Trial:
        """The trial to fit; another one if that gets a note."""
        return choose(self.tried)

    @property
    def trials(self) -> list[dict[str, Any]]:
        """All of them as they stand in a manifest."""
        best = self.best
        return [{**trial.to_json(self.folds), "chosen": trial is best} for trial in self.tried]


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
    what = f"comparing {len(candidates)} candidates on {len(rows):,} rows in {len(parts)} folds"
    if len(dataset.classes) >= MIN_RANKED_CLASSES:
        for candidate in candidates:
            candidate.seconds_per_row = MAX_FIT_SHARE * budget / len(learn)
    with log_progress(what, log), threadpool_limits(threads(dataset, rows)):
        while trial := _next(trials, len(parts), until - time.monotonic()):
            _fit(trial, dataset, *parts[trial.folds])
            if trial is not trials[0]:
                trial.note = _too_slow([trial], growth, budget)
            if all(each.note for each in trials if each.folds):
                trials[0].note = ""  # it was worse than one that takes too long
            ended = [trial] if trial.note or trial.folds == len(parts) else []
            ended += [other for other in trials if _drop(other, trials)]
            for each in ended:
                _log(each, log)
    _log_unfinished(trials, len(parts), budget, log)
    seconds = MAX_SEEDS_SHARE * budget / growth
    trials = [trial.with_seeds(seconds) if trial.folds else trial for trial in trials]
    if combined := ensemble(trials, dataset, seconds):
        trial, members = combined
        trial.note = _too_slow(members, growth, budget)
        trials.append(trial)
        _log(trial, log, len(parts))
    warnings = [*_untried_candidates(candidates, trials, budget), *_cut_candidates(dataset, trials, budget)]
    return SearchResult(trials, len(parts), len(rows) < len(learn), warnings)


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


def _next(trials: list[Trial], count: int, seconds_left: float) -> Trial | None:
    """The trial that is to have its next one of `count` folds; None if there is none, or no time for it.

    First of all the first fold of each candidate, then the missing folds of what goes on: of the best first, so that a
    low loss on few folds is looked at again. Then other settings, those of candidates that have a setting which goes on
    before those of the rest: the candidate with the lowest loss is one setting ahead of the second, and so on.
    """
    if not trials[0].folds:
        return trials[0]
    tried = {trial.candidate for trial in trials if trial.folds}
    for trial in trials:
        if trial.candidate not in tried:
            return trial if seconds_left > 0 else None
    going = [trial for trial in trials if trial.folds and not trial.note]
    by_loss = dict.fromkeys(trial.candidate for trial in sorted(going, key=lambda trial: trial.loss))
    rank = {candidate: place for place, candidate in enumerate(by_loss)}
    begun = sorted((trial for trial in going if trial.folds < count), key=lambda trial: (trial.folds, trial.loss))
    settings = Counter(trial.candidate for trial in trials if trial.folds)
    others = [trial for trial in trials if not trial.folds]
    others.sort(key=lambda t: (t.candidate not in rank, settings[t.candidate] + rank.get(t.candidate, 0)))
    seconds = {c: max(t.seconds / t.folds for t in trials if t.candidate is c and t.folds) for c in tried}
    return next((trial for trial in (*begun, *others) if seconds[trial.candidate] <= seconds_left), None)


def _fit(trial: Trial, dataset: PreparedDataset, fitting: Array, valid: Array) -> None:
    started = time.monotonic()
    inner, outer = (Rows(dataset.features(rows), dataset.target[rows]) for rows in (fitting, valid))
    fitted = trial.candidate.fit(trial.setting, inner, outer)
    predicted = predict(fitted.pipeline, outer.features)
    trial.seconds += time.monotonic() - started
    trial.losses.append(losses(predicted, outer.target, dataset.classes))
    trial.rows.append(valid)
    trial.predicted.append(predicted)
    trial.decided.append(fitted.decided)
    trial.is_cut |= fitted.is_cut


def _too_slow(trials: list[Trial], growth: float, budget: float) -> str:
    """A note if it would take longer than the budget to fit some trials on all rows."""
    expected = sum(trial.seconds / trial.folds for trial in trials) * growth
    if expected > max(budget, 1.0):
        return f"left out: it would take about {expected:.0f} s on all rows"
    return ""


def _drop(trial: Trial, trials: list[Trial]) -> bool:
    """Notes that a trial of one fold is clearly worse there than the best of the others, if it is; says whether."""
    others = [other for other in trials if other is not trial and other.folds and not other.note]
    if trial.folds != 1 or trial.note or not others:
        return False
    best = lowest(others)
    worse = trial.minus(best)
    if worse.mean <= MIN_STANDARD_ERRORS * worse.standard_error:
        return False
    theirs = float(best.losses[0].mean())
    trial.note = f"clearly worse than {best.candidate.name} on the first fold ({theirs:.4f} there)"
    return True


def _log(trial: Trial, log: ProgressLog, count: int = 0) -> None:
    """Says a trial's loss, and on how many of `count` folds it is if not on all."""
    on = f" on {trial.folds} of {count} folds" if trial.folds < count else ""
    log(f"  {trial.title}: validation loss {trial.loss:.4f}{on}{', ' + trial.note if trial.note else ''}")


def _log_unfinished(trials: list[Trial], count: int, budget: float, log: ProgressLog) -> None:
    """Names what the time was too short for: trials without all of their `count` folds, and those never begun."""
    begun = [trial for trial in trials if 0 < trial.folds < count and not trial.note]
    for trial in begun:
        _log(trial, log, count)
    untried = [trial for trial in trials if not trial.folds]
    if untried:
        names = dict.fromkeys(trial.candidate.name for trial in untried)
        titles = "; ".join(_untried_title(name, trials) for name in names)
        log(f"  the time for the search is up ({budget:g} s); not tried: {titles}")
    elif begun:
        log(f"  the time for the search is up ({budget:g} s); every setting was tried")


def _untried_title(name: str, trials: list[Trial]) -> str:
    own = [trial for trial in trials if trial.candidate.name == name]
    untried = sum(not trial.folds for trial in own)
    return name if untried == len(own) else f"{untried} of {len(own)} settings of {name}"


def _untried_candidates(candidates: list[Candidate], trials: list[Trial], budget: float) -> list[str]:
    """A warning of candidates that the budget had no time for, with the one that would have."""
    tried = {trial.candidate: trial.seconds / trial.folds for trial in trials if trial.folds}
    untried = [candidate for candidate in candidates if candidate not in tried]
    if not untried:
        return []
    unit = max(seconds / candidate.cost for candidate, seconds in tried.items())
    needed = sum(tried.get(candidate, unit * candidate.cost) for candidate in candidates)
    enough = max(ceil(needed), ceil(budget) + 1)
    names = ", ".join(candidate.name for candidate in untried)
    advice = f"BUDGET={enough} would be about enough; {TIME_LIMIT_ADVICE}"
    return [f"the search had {budget:g} s, too few to try each candidate once: not tried were {names}; {advice}"]


def _cut_candidates(dataset: PreparedDataset, trials: list[Trial], budget: float) -> list[str]:
    """A warning of fits that ended because their share of the budget was up, with a larger one."""
    names = ", ".join(dict.fromkeys(trial.candidate.name for trial in trials if trial.is_cut))
    if not names:
        return []
    what = (
        f"a fit for {len(dataset.classes):,} classes takes long: within {budget:g} s those of {names} did not converge"
    )
    return [f"{what}; BUDGET={2 * budget:g} gives them twice the time, and {TIME_LIMIT_ADVICE}"]
