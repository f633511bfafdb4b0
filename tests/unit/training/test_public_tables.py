"""Tables like public ones, read as they are, reach what their noise allows; the rows to test on are held out before."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from function_code.batch.scoring import score_by_hand
from function_code.registry import Registry
from function_code.training import run
from function_code.training.candidates import candidates
from function_code.training.candidates.candidate import Candidate
from function_code.training.dataset import PreparedDataset
from function_code.training.settings import Settings
from tests.support.standins.cars import cars
from tests.support.standins.housing import housing
from tests.support.standins.rentals import rentals
from tests.support.standins.standin import StandIn, r2


def trees(dataset: PreparedDataset, settings: Settings) -> list[Candidate]:
    """The first setting of trees alone, so that the machine's speed decides nothing."""
    (candidate,) = (each for each in candidates(dataset, settings) if each.name == "trees")
    candidate.settings = candidate.settings[:1]
    return [candidate]


def reached(stand_in: StandIn, registry: Registry, folder: Path, budget: float) -> tuple[float, float]:
    """R2 on the held-out rows of the model that serves, and the best that can be: that of the expected values."""
    known, held_out, actual, expected = stand_in.divided()
    outcome = run.train(known, "table.csv", Settings(stand_in.target, budget=budget), registry, lambda line: None)
    assert outcome.promoted
    path = folder / "held_out.csv"
    path.write_bytes(held_out)
    summary = score_by_hand(registry, str(path), str(folder / "scored"), lambda line: None)
    assert summary["rejected"] == 0
    predicted = pd.read_csv(folder / "scored" / "scores.csv")["value"].to_numpy()
    return r2(actual, predicted), r2(actual, expected)


# R2 that these trees may lack to the best that can be. Read as categories, units cost cars 0.4 and days rentals 0.1.
@pytest.mark.parametrize(
    ("make", "margin"),
    [
        pytest.param(lambda: cars(3000), 0.12, id="cars"),
        pytest.param(lambda: rentals(120), 0.05, id="rentals"),
        pytest.param(lambda: housing(3000), 0.10, id="housing"),
    ],
)
def test_few_rows_and_one_candidate(
    make: Callable[[], StandIn], margin: float, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "candidates", trees)
    own, best = reached(make(), registry, tmp_path, budget=1e-9)
    assert own > best - margin


@pytest.mark.slow  # three minutes: a search as long as a person would give it
@pytest.mark.parametrize(
    ("make", "least"),
    [
        pytest.param(lambda: cars(8000), 0.93, id="cars"),
        pytest.param(lambda: rentals(365), 0.94, id="rentals"),
        pytest.param(lambda: housing(13_000), 0.82, id="housing"),
    ],
)
def test_a_whole_search(make: Callable[[], StandIn], least: float, registry: Registry, tmp_path: Path) -> None:
    assert reached(make(), registry, tmp_path, budget=100)[0] >= least
