"""The search on a sample of the rows, where there are more than it takes."""

import pytest

from function_code.registry import Registry
from function_code.training import run, search
from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.scikit import Trees
from function_code.training.dataset import Dataset
from function_code.training.encoders import Columns
from function_code.training.run import fit, train
from function_code.training.settings import Settings
from tests.training.tables import YES_NO, briefly, csv_bytes, rows, yes_no


@pytest.fixture(autouse=True)
def small_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SAMPLE", 400)


def trees_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(dataset: Dataset, settings: Settings) -> list[Candidate]:
        return [Trees(Columns.of(dataset.typed), dataset.task)]

    monkeypatch.setattr(run, "candidates", found)


def test_it_is_said_and_in_proportion(registry: Registry) -> None:
    said: list[str] = []
    outcome = train(csv_bytes(YES_NO, rows(2000, yes_no)), "t.csv", briefly("target"), registry, said.append)
    assert outcome.promoted
    assert "searching on 400 of 1,600 rows" in said


def test_a_class_that_a_sample_would_lose_is_kept() -> None:
    """Found in review: a sample without the rare class, and a training that was refused for it."""
    table = [[number / 7 % 1, "rare" if number % 400 == 0 else ("no", "yes")[number % 2]] for number in range(4000)]
    said: list[str] = []
    version = fit(csv_bytes(["a", "target"], table), "t.csv", briefly("target"), said.append)
    assert version.schema.classes == ("no", "rare", "yes")
    assert not any("searching on" in line for line in said)  # there are too few of it to leave any out


def test_rows_of_one_moment_stop_trees_early_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in review: the search went well, and then no validation rows were found for the model of its choice."""
    trees_alone(monkeypatch)
    table = [["2024-01-01" if number < 2000 else "2024-02-01", *row] for number, row in enumerate(rows(2500, yes_no))]
    settings = Settings("target", time="when", budget=1e-9)
    version = fit(csv_bytes(["when", *YES_NO], table), "t.csv", settings, lambda line: None)
    assert version.manifest["candidate"] == "trees"
