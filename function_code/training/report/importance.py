"""Importance: how much worse the model gets if a feature's values are shuffled among the held-out rows.

Permutation importance (Breiman, Random Forests, 2001; https://doi.org/10.1023/A:1010933404324) of raw columns, with all
that is derived from them.
"""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from function_code.training.evaluate import losses, predict
from function_code.training.report.report_data import ReportData

REPEATS = 5
MAX_SHUFFLED_ROWS = 100_000  # in all
MIN_ROWS, MAX_ROWS = 200, 5_000
BUDGET_SECONDS = 5.0  # after which the remaining features are left out


@dataclass(frozen=True)
class Importance:
    """The rise of the mean loss when `feature` is shuffled, and its standard deviation over the repeats."""

    feature: str
    rise: float
    spread: float


@dataclass(frozen=True)
class Importances:
    """The most important first; measured on `rows` rows, and `left_out` features for want of time."""

    features: list[Importance]
    rows: int
    left_out: int


def importances(data: ReportData) -> Importances:
    """All repeats of a feature are predicted at once."""
    dataset, random = data.dataset, np.random.default_rng(0)
    most = int(np.clip(MAX_SHUFFLED_ROWS // (REPEATS * len(dataset.kinds)), MIN_ROWS, MAX_ROWS))
    sample = np.arange(len(data.held_out))  # indices of held-out rows
    if len(sample) > most:
        sample = np.sort(random.choice(sample, most, replace=False))
    typed = dataset.typed.iloc[data.held_out[sample]].reset_index(drop=True)
    y, rows = data.target[sample], len(sample)
    repeated = pd.concat([typed] * REPEATS, ignore_index=True)
    before = float(data.losses[sample].mean())
    until, results = time.monotonic() + BUDGET_SECONDS, []
    with threadpool_limits(1):
        for name in dataset.kinds:
            if time.monotonic() > until:
                break
            order = np.concatenate([random.permutation(rows) for _ in range(REPEATS)])
            shuffled = repeated.assign(**{name: typed[name].to_numpy()[order]})
            after = losses(predict(data.pipeline, shuffled), np.tile(y, REPEATS), dataset.classes)
            rises = after.reshape(REPEATS, rows).mean(axis=1) - before
            scale = float(np.abs(rises).max()) or 1.0  # the square of a squared error may be none
            results.append(Importance(name, float(rises.mean()), float((rises / scale).std(ddof=1) * scale)))
    ordered = sorted(results, key=lambda importance: -importance.rise)
    return Importances(ordered, rows, len(dataset.kinds) - len(results))
