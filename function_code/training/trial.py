"""A candidate with one setting on trial: its losses and predictions fold by fold, and how two of them compare."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from function_code.training.candidates.candidate import Candidate, Setting
from function_code.training.table import Array


class Difference(NamedTuple):
    """A mean difference of losses, and its standard error."""

    mean: float
    standard_error: float


@dataclass(eq=False)
class Trial:
    """A candidate with one setting: its losses by validation row, fold after fold, and the predictions behind them.

    `note` says why it ended before its last fold, if it was the search that ended it. `is_cut` says whether the time
    for a fit was up before it ended by itself.
    """

    candidate: Candidate
    setting: Setting
    seconds: float = 0.0
    note: str = ""
    is_cut: bool = False
    losses: list[Array] = field(default_factory=list)
    rows: list[Array] = field(default_factory=list)
    predicted: list[Array] = field(default_factory=list)
    decided: list[dict[str, float]] = field(default_factory=list)

    @property
    def folds(self) -> int:
        """The number of folds that it was validated on: the first ones."""
        return len(self.losses)

    @property
    def loss(self) -> float:
        """The mean over the rows of all its folds."""
        return float(np.concatenate(self.losses).mean())

    @property
    def final(self) -> Setting:
        """The setting with what the folds decided, on average."""
        decided = self.decided[0] if self.decided else {}
        return {**self.setting, **{key: round(np.mean([d[key] for d in self.decided])) for key in decided}}

    @property
    def title(self) -> str:
        """The candidate's name, with the setting in brackets; seeds are of the fit on all rows alone."""
        values = ", ".join(f"{key} {_format(value)}" for key, value in self.final.items() if key != "seeds")
        return f"{self.candidate.name} ({values})" if values else self.candidate.name

    def with_seeds(self, seconds: float) -> "Trial":
        """The trial with as many of its seeds, but one at least, as fits like those of its folds take seconds for."""
        if "seeds" not in self.final:
            return self
        most = max(1, int(seconds / (self.seconds / self.folds)))
        return replace(self, decided=[{**each, "seeds": min(each["seeds"], most)} for each in self.decided])

    def minus(self, other: "Trial") -> Difference:
        """The paired difference of the losses, row by row, on the folds that both have."""
        pairs = list(zip(self.losses, other.losses, strict=False))
        rows = np.concatenate([own - its for own, its in pairs])
        largest = float(np.abs(rows).max()) or 1.0  # the squares of large losses are no numbers
        return Difference(float(rows.mean()), float((rows / largest).std() * largest / np.sqrt(len(rows))))

    def to_json(self, count: int) -> dict[str, Any]:
        """The trial as it stands in a manifest; `count` is how many folds there are."""
        late = "the time was up" if self.folds else "not tried: the time was up"
        return {
            "name": self.candidate.name,
            "setting": self.final,
            "loss": round(self.loss, 6) if self.folds else None,
            "folds": self.folds,
            "seconds": round(self.seconds, 2),
            "note": self.note or ("" if self.folds == count else late),
        }


def lowest(trials: list[Trial]) -> Trial:
    """The trial with the lowest loss: each is compared with the best of those before it, on the folds that both have.

    Those with the most folds come first. One with fewer folds than the best takes its place only where it is better
    beyond one standard error; of equal losses the first one is taken.
    """
    best, *others = sorted(trials, key=lambda trial: -trial.folds)
    for trial in others:
        better = best.minus(trial)
        if better.mean > (better.standard_error if trial.folds < best.folds else 0.0):
            best = trial
    return best


def choose(trials: list[Trial]) -> Trial:
    """The ensemble if it is clearly better than the best single trial, otherwise the simplest that may be the best.

    Clear is one standard error of the paired difference, the rule of Breiman et al., Classification and Regression
    Trees, 1984: what validation rows cannot tell apart, later rows won't either, and the simpler one is smaller and
    faster. Simpler are those that come first. Trials that ended with a note don't count.
    """
    going = [trial for trial in trials if trial.folds and not trial.note]
    single = [trial for trial in going if not trial.candidate.is_ensemble]
    best = lowest(single or going)
    for trial in going:
        if trial.candidate.is_ensemble and not _is_within_one_error(best, trial):
            return trial
    names = dict.fromkeys(trial.candidate.name for trial in single)
    simplest = (lowest([trial for trial in single if trial.candidate.name == name]) for name in names)
    return next((trial for trial in simplest if _is_within_one_error(trial, best)), best)


def _is_within_one_error(trial: Trial, best: Trial) -> bool:
    worse = trial.minus(best)
    return worse.mean <= worse.standard_error


def _format(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list) else f"{value:g}" if value != str(value) else str(value)
