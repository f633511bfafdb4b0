"""A target of many classes: a fit that takes long has its share of the budget, and so has the one on all rows."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.linear import MAX_ITERATIONS, TIMED_ITERATIONS, Linear
from function_code.training.candidates.scikit import Network
from function_code.training.encoders import Columns
from function_code.training.run import fit
from tests.support.tables import briefly, csv_bytes

# Each fit ends when its time is up, where scikit-learn would go on.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {"x": "number", "z": "number"}


def rows(seed: int, classes: int = 40) -> Rows:
    """Points around the center of their class: ten of each class on a circle."""
    labels = np.repeat(np.arange(classes), 10)
    noise = np.random.default_rng(seed).normal(scale=0.05, size=(2, len(labels)))
    angle = 2 * np.pi * labels / classes
    return Rows(pd.DataFrame({"x": np.cos(angle) + noise[0], "z": np.sin(angle) + noise[1]}), labels)


def candidate(kind: type[Candidate], seconds_per_row: float) -> Candidate:
    unfitted = kind(Columns.of(rows(1).features, KINDS), "multiclass")
    unfitted.seconds_per_row = seconds_per_row
    return unfitted


def products(classes: int) -> bytes:
    learned = rows(1, classes)
    return csv_bytes([*KINDS, "next"], [[*row, f"p{label}"] for row, label in
                                        zip(learned.features.to_numpy(), learned.target, strict=True)])  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "decided"),
    [(Linear, {"iterations": TIMED_ITERATIONS}), (Network, {"epochs": 1})],
    ids=["linear", "network"],
)
def test_a_fit_ends_when_its_time_is_up(kind: type[Candidate], decided: dict[str, int]) -> None:
    fitted = candidate(kind, 1e-9).fit(kind.settings[0], rows(1), rows(2))
    assert (fitted.decided, fitted.is_cut) == (decided, True)
    again = candidate(kind, 1e-9).fit({**kind.settings[0], **decided}, rows(1)).pipeline["model"]
    assert np.max(again.n_iter_) == min(decided.values())


def test_a_fit_with_time_enough_is_the_one_without_a_limit() -> None:
    setting = Linear.settings[0]
    limited, free = (candidate(Linear, seconds).fit(setting, rows(1), rows(2)) for seconds in (1.0, np.inf))
    assert not limited.is_cut
    assert TIMED_ITERATIONS < limited.decided["iterations"] < MAX_ITERATIONS
    assert free.decided == {}
    ours, its = (fitted.pipeline.predict_proba(rows(2).features) for fitted in (limited, free))
    assert np.abs(ours - its).max() < 0.001


def trained(classes: int) -> dict[str, Any]:
    return fit(products(classes), "products.csv", briefly("next", budget=1e-6), lambda line: None).manifest


def test_what_was_cut_is_warned_of_with_the_setting() -> None:
    manifest = trained(31)
    assert manifest["candidates"][0]["setting"]["iterations"] == TIMED_ITERATIONS
    (warning,) = [line for line in manifest["warnings"] if "31 classes" in line]
    assert "those of linear did not converge; BUDGET=2e-06 gives them twice the time" in warning


def test_of_few_classes_the_first_fit_has_the_time_that_it_takes() -> None:
    manifest = trained(30)
    assert manifest["candidates"][0]["setting"] == Linear.settings[0]
    assert not [line for line in manifest["warnings"] if "classes takes long" in line]
