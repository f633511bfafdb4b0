"""The search: the setting that it chooses, and the sample of the rows where there are more than it takes."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from function_code.registry import Registry
from function_code.training import run, search
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.candidates.scikit import Trees
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.encoders import Columns
from function_code.training.run import fit, train
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.tables import YES_NO, briefly, csv_bytes, rows, yes_no


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SAMPLE_ROWS", 400)


def trees_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_trees(dataset: PreparedDataset, settings: Settings) -> list[Candidate]:
        return [Trees(Columns.of(dataset.typed), dataset.task)]

    monkeypatch.setattr(run, "candidates", only_trees)


class Guess(Candidate):
    """The same probability of the second class for everybody."""

    def __init__(self, name: str, *likely: float) -> None:
        self.name, self.settings = name, tuple({"likely": each} for each in likely)

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        target = np.repeat(["no", "yes"], [round(100 - 100 * setting["likely"]), round(100 * setting["likely"])])
        return Fitted(Pipeline([("model", DummyClassifier().fit(np.zeros((100, 1)), target))]))


def test_the_simplest_wins_though_its_best_setting_came_last() -> None:
    """Found in use: of two that are as good, the one that was tried first won."""
    table = [[chance, "yes" if chance < 0.7 else "no"] for chance in np.random.default_rng(1).random(1500)]
    settings = briefly("target")
    dataset = prepare(read_table(csv_bytes(["a", "target"], table), "t.csv"), settings, "t.csv")
    guesses: list[Candidate] = [Guess("simple", 0.55, 0.69), Guess("large", 0.71)]
    result = search.search(guesses, dataset, np.arange(len(table)), 60, lambda line: None)
    assert [trial["folds"] for trial in result.trials] == [5, 5, 5]
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
