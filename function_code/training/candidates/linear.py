"""The linear candidate: logistic, ridge or Poisson regression."""

import time
from math import inf

import numpy as np
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import Pipeline

from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.candidates.multiplicative import Multiplicative, encoded_target, is_multiplicative
from function_code.training.encoders import scaled
from function_code.training.table import Array

MAX_ITERATIONS = 2000
TIMED_ITERATIONS = 3  # the first ones, by which it is known how many there is time for


class Linear(Candidate):
    """A linear model. Where its time is limited, a fit decides `iterations` for the one on all rows."""

    name, multiplies = "linear", True
    settings = tuple({"penalty": penalty} for penalty in (10.0, 1.0, 100.0, 0.1, 1000.0))

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits as `Candidate.fit` does."""
        end, penalty, y = self.end(rows), setting["penalty"], rows.target
        encoder = scaled(self.columns, len(y))
        x = encoder.fit_transform(rows.features, encoded_target(y, setting))
        if is_multiplicative(setting, rows.target):
            # Newton's method takes a few steps, where others take hundreds.
            model = PoissonRegressor(alpha=penalty / len(y), solver="newton-cholesky")
            fitted = Multiplicative.of(model.fit(x, y / np.mean(y)), y)
        elif self.task == "regression":
            fitted = Ridge(alpha=penalty).fit(x, y)
        else:
            fitted = LogisticRegression(C=1 / penalty, max_iter=setting.get("iterations", MAX_ITERATIONS))
            if valid and end < inf:
                iterations, is_cut = _fit_until(end, fitted, x, y)
                return Fitted(Pipeline([("encode", encoder), ("model", fitted)]), {"iterations": iterations}, is_cut)
            fitted.fit(x, y)
        return Fitted(Pipeline([("encode", encoder), ("model", fitted)]))


def _fit_until(end: float, model: LogisticRegression, x: Array, y: Array) -> tuple[int, bool]:
    """Fits until about that moment. Returns the number of iterations, and whether there was no time for more."""
    began = time.monotonic()
    model.set_params(warm_start=True, max_iter=TIMED_ITERATIONS).fit(x, y)
    done, now = int(model.n_iter_.max()), time.monotonic()
    if done < TIMED_ITERATIONS:
        return done, False
    more = min(int(TIMED_ITERATIONS * (end - now) / (now - began)), MAX_ITERATIONS - done)
    if more < 1:
        return done, True
    model.set_params(max_iter=more).fit(x, y)
    return done + int(model.n_iter_.max()), int(model.n_iter_.max()) == more
