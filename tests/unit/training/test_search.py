"""The search: the setting that it chooses, and the sample of the rows where there are more than it takes."""

from typing import Any, Self
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from function_code.progress import ProgressLog
from function_code.registry import Registry
from function_code.training import gates, run, search
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.candidates.scikit import Trees
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.encoders import Columns
from function_code.training.run import fit, train
from function_code.training.settings import Settings
from function_code.training.table import Array, read_table
from tests.support.tables import YES_NO, briefly, csv_bytes, rows, yes_no


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SAMPLE_ROWS", 400)


def trees_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_trees(dataset: PreparedDataset, settings: Settings) -> list[Candidate]:
        return [Trees(Columns.of(dataset.typed, dataset.kinds), dataset.task)]

    monkeypatch.setattr(run, "candidates", only_trees)


NO_COLUMNS = Columns.of(pd.DataFrame(), {})


class Guess(Candidate):
    """The same probability of the second class for everybody; a fit takes `seconds` of CLOCK."""

    seconds = 1.0

    def __init__(self, name: str, *likely: float) -> None:
        super().__init__(NO_COLUMNS, "binary")
        self.name, self.settings = name, tuple({"likely": each} for each in likely)

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        CLOCK.now += self.seconds
        CLOCK.fits.append(f"{self.name} {setting['likely']}")
        target = np.repeat(["no", "yes"], [round(100 - 100 * setting["likely"]), round(100 * setting["likely"])])
        return Fitted(Pipeline([("model", DummyClassifier().fit(np.zeros((100, 1)), target))]))


class Clock:
    """Stands in for `time`: only fits take any."""

    def __init__(self) -> None:
        self.now = 0.0
        self.fits: list[str] = []

    def monotonic(self) -> float:
        return self.now


CLOCK = Clock()


def by_the_clock(
    candidates: list[Candidate], dataset: PreparedDataset, budget: float, log: ProgressLog
) -> search.SearchResult:
    """The search on all rows, while nothing but fits takes time."""
    CLOCK.now, CLOCK.fits = 0.0, []
    with patch.object(search, "time", CLOCK):
        return search.search(candidates, dataset, np.arange(len(dataset.target)), budget, log)


def searched(budget: float, *guesses: Guess) -> tuple[search.SearchResult, list[str]]:
    """The search among guesses for a target that is "yes" in 70 % of 400 rows, and its lines."""
    table = [[number, "no" if number % 10 in (2, 5, 8) else "yes"] for number in range(400)]
    settings = briefly("target", kinds={"a": "number"})
    dataset = prepare(read_table(csv_bytes(["a", "target"], table), "t.csv"), settings, "t.csv")
    lines: list[str] = []
    return by_the_clock(list(guesses), dataset, budget, lines.append), lines


def test_each_candidate_has_its_first_fold_before_any_has_its_second() -> None:
    result, _ = searched(60, Guess("a", 0.69, 0.5), Guess("b", 0.71), Guess("c", 0.68))
    assert CLOCK.fits[:3] == ["a 0.69", "b 0.71", "c 0.68"]
    assert CLOCK.fits.index("a 0.5") == 15  # what may be the best has all its folds before another setting begins
    assert result.warnings == []


def test_the_best_candidate_is_one_setting_ahead() -> None:
    searched(60, Guess("a", 0.66, 0.65, 0.64), Guess("b", 0.7, 0.69, 0.68))
    settings = ["a 0.66", "b 0.7", "b 0.69", "a 0.65", "b 0.68", "a 0.64"]
    assert list(dict.fromkeys(CLOCK.fits)) == settings


def test_the_lower_loss_on_fewer_folds_is_chosen_and_says_so() -> None:
    """Found in review: a trial won because the other one had not finished when the time was up."""
    result, lines = searched(6.5, Guess("a", 0.5, 0.7))
    assert [(trial["folds"], trial["note"]) for trial in result.trials] == [(5, ""), (1, "the time was up")]
    assert result.best.setting == {"likely": 0.7}
    assert "  a (likely 0.7): validation loss 0.6109 on 1 of 5 folds" in lines


def test_a_loss_on_fewer_folds_that_is_lower_by_chance_is_not_chosen() -> None:
    result, _ = searched(6.5, Guess("a", 0.69, 0.7))
    assert [trial["folds"] for trial in result.trials] == [5, 1]
    assert result.best.setting == {"likely": 0.69}


def test_the_best_on_the_first_fold_is_looked_at_again_first() -> None:
    result, _ = searched(4.5, Guess("a", 0.66), Guess("b", 0.7), Guess("c", 0.65))
    assert CLOCK.fits[3] == "b 0.7"
    assert [trial["folds"] for trial in result.trials] == [1, 2, 1]


def test_what_was_not_tried_is_named_with_a_budget_that_is_enough() -> None:
    slow = Guess("slow", 0.7, 0.6)
    slow.cost, slow.seconds = 4.0, 4.0
    result, lines = searched(0.5, Guess("a", 0.69, 0.5), Guess("b", 0.71), slow)
    assert lines[-1] == "  the time for the search is up (0.5 s); not tried: b; slow; 1 of 2 settings of a"
    (warning,) = result.warnings
    assert "not tried were b, slow; BUDGET=6 would be" in warning
    assert {trial["name"]: trial["note"] for trial in result.trials[1:]} == dict.fromkeys(
        ("a", "b", "slow"), "not tried: the time was up"
    )
    again, _ = searched(6, Guess("a", 0.69, 0.5), Guess("b", 0.71), slow)
    assert again.warnings == []


def test_a_fit_that_would_end_too_late_does_not_begin() -> None:
    slow = Guess("slow", 0.7)
    slow.seconds = 10.0
    searched(16, Guess("a", 0.69), slow)
    assert CLOCK.now == pytest.approx(15.0)


def test_the_simplest_wins_though_its_best_setting_came_last() -> None:
    """Found in use: of two that are as good, the one that was tried first won."""
    table = [[chance, "yes" if chance < 0.7 else "no"] for chance in np.random.default_rng(1).random(1500)]
    settings = briefly("target")
    dataset = prepare(read_table(csv_bytes(["a", "target"], table), "t.csv"), settings, "t.csv")
    guesses: list[Candidate] = [Guess("simple", 0.55, 0.69), Guess("large", 0.71)]
    result = search.search(guesses, dataset, np.arange(len(table)), 60, lambda line: None)
    assert [trial["folds"] for trial in result.trials[:3]] == [5, 5, 5]
    assert (result.best.candidate.name, result.best.setting["likely"]) == ("simple", 0.69)
    worse: list[Candidate] = [Guess("simple", 0.55, 0.56), Guess("large", 0.71)]
    assert search.search(worse, dataset, np.arange(len(table)), 60, lambda line: None).best.candidate.name == "large"


def test_it_is_said_and_in_proportion(registry: Registry) -> None:
    progress: list[str] = []
    outcome = train(csv_bytes(YES_NO, rows(2000, yes_no)), "t.csv", briefly("target"), registry, progress.append)
    assert outcome.promoted
    assert "searching on 400 of 1,600 rows" in progress


def test_a_class_that_a_sample_would_lose_is_kept() -> None:
    """Found in review: a sample without the rare class, and a training that was refused for it."""
    table = [[number / 7 % 1, "rare" if number % 400 == 0 else ("no", "yes")[number % 2]] for number in range(4000)]
    progress: list[str] = []
    version = fit(csv_bytes(["a", "target"], table), "t.csv", briefly("target"), progress.append)
    assert version.schema.classes == ("no", "rare", "yes")
    assert not any("searching on" in line for line in progress)  # there are too few of it to leave any out


def test_rows_of_one_moment_stop_trees_early_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in review: the search went well, and then no validation rows were found for the model of its choice."""
    trees_alone(monkeypatch)
    table = [["2024-01-01" if number < 2000 else "2024-02-01", *row] for number, row in enumerate(rows(2500, yes_no))]
    settings = Settings("target", time="when", budget=1e-9)
    version = fit(csv_bytes(["when", *YES_NO], table), "t.csv", settings, lambda line: None)
    assert version.manifest["candidate"] == "trees"


class ByParity(Candidate):
    """Right about the rows whose `a` is even or odd, and undecided about the others."""

    settings = ({},)

    def __init__(self, name: str, parity: int) -> None:
        super().__init__(NO_COLUMNS, "binary")
        self.name, self.parity = name, parity

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        CLOCK.now += 1.0
        return Fitted(Pipeline([("encode", "passthrough"), ("model", ParityClassifier(self.parity))]))


class ParityClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    classes_ = np.array(["no", "yes"])

    def __init__(self, parity: int) -> None:
        self.parity = parity

    def predict_proba(self, x: pd.DataFrame) -> Array:
        number = x["a"].to_numpy()
        positive = np.where(number % 2 == self.parity, np.where(number % 10 < 5, 0.95, 0.05), 0.5)
        return np.column_stack([1 - positive, positive])

    def fit(self, x: object, y: object = None) -> Self:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True


def searched_by_parity(budget: float, *candidates: Candidate, rows: int = 400) -> search.SearchResult:
    table = [[number, "yes" if number % 10 < 5 else "no"] for number in range(rows)]
    dataset = prepare(
        read_table(csv_bytes(["a", "target"], table), "t.csv"), briefly("target", kinds={"a": "number"}), "t.csv"
    )
    return by_the_clock(list(candidates), dataset, budget, lambda line: None)


def test_an_ensemble_of_what_is_right_about_different_rows_is_chosen_without_another_fit() -> None:
    result = searched_by_parity(60, ByParity("even", 0), ByParity("odd", 1))
    assert CLOCK.now == pytest.approx(10.0)
    assert result.best.setting == {"even": 0.5, "odd": 0.5}
    assert [(trial["name"], trial["folds"], trial["chosen"]) for trial in result.trials] == [
        ("even", 5, False),
        ("odd", 5, False),
        ("ensemble", 5, True),
    ]
    # The weights of a fold are chosen on the others, which need not be equal to the last digit.
    assert result.best.loss == pytest.approx(-np.log(0.725), abs=0.003)


def test_an_ensemble_that_is_no_better_is_not_chosen() -> None:
    result, _ = searched(60, Guess("a", 0.69), Guess("b", 0.71))
    assert result.best.candidate.name == "a"


def test_an_ensemble_that_would_take_too_long_on_all_rows_is_left_out() -> None:
    """Either member takes 12.5 s on 4,000 rows, as it takes 1 s on a tenth of them but for a fold."""
    result = searched_by_parity(20, ByParity("even", 0), ByParity("odd", 1), rows=4000)
    assert result.trials[-1]["note"] == "left out: it would take about 25 s on all rows"
    assert result.best.candidate.name == "even"
    assert searched_by_parity(26, ByParity("even", 0), ByParity("odd", 1), rows=4000).best.candidate.name == "ensemble"


class Slowing(Guess):
    """Takes 20 s from its second fit on."""

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        fitted = super().fit(setting, rows, valid)
        self.seconds = 20.0
        return fitted


def test_what_was_worse_than_one_that_turns_out_too_slow_is_taken_up_again() -> None:
    result, _ = searched(10, Guess("simple", 0.1), Slowing("slow", 0.7))
    assert result.trials[1]["note"].startswith("left out: it would take")
    assert result.best.candidate.name == "simple"


class Forgetful(Guess):
    """Predicts the opposite where it has no rows to be validated on."""

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        return super().fit(setting if valid else {"likely": round(1 - setting["likely"], 2)}, rows, valid)


def test_a_fit_that_goes_wrong_on_all_rows_gives_way_to_the_next_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in use: a network with an R2 of 0.98 in each fold, and of 0 when it was fitted on all rows."""
    table = [[number, "no" if number % 10 in (2, 5, 8) else "yes"] for number in range(400)]
    data = csv_bytes(["a", "target"], table)

    def trained(*guesses: Guess) -> dict[str, Any]:
        monkeypatch.setattr(run, "candidates", lambda dataset, settings: list(guesses))
        parity = "function_code.training.run._parity"
        monkeypatch.setattr(parity, lambda *_: gates.Gate("parity", True, ""))
        monkeypatch.setattr(run, "export", lambda *_: ({}, b""))
        settings = briefly("target", kinds={"a": "number"}, budget=60.0)
        return fit(data, "t.csv", settings, lambda line: None).manifest

    manifest = trained(Forgetful("first", 0.7), Guess("second", 0.6))
    assert manifest["candidate"] == "second"
    assert [trial["chosen"] for trial in manifest["candidates"][:2]] == [False, True]
    assert "fitted on all rows it has a loss of" in manifest["candidates"][0]["note"]
    (warning,) = [text for text in manifest["warnings"] if "in validation" in text]
    assert warning.startswith("first (likely 0.7): ")
    assert warning.endswith("the next best is fitted instead")
    alone = trained(Forgetful("first", 0.7))
    assert alone["candidate"] == "first"
    assert any(text.endswith("there is no other that was tried") for text in alone["warnings"])
