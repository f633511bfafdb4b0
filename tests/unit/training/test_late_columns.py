"""Columns that hardly a row has a value of, as where they were added late: a fold may have none at all."""

import random
from typing import Any

import pytest

from function_code.training import run
from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.dataset import PreparedDataset
from function_code.training.encoders import Columns
from function_code.training.settings import Settings
from tests.support.tables import csv_bytes

ROWS = 160


def table(filled: Any, task: str = "binary") -> bytes:
    chance = random.Random(1)
    rows = []
    for index in range(ROWS):
        x = chance.random()
        y = f"{x + chance.random():.3f}" if task == "regression" else ["no", "yes"][x + chance.random() > 1]
        day = f"2024-{index // 28 + 1:02}-{index % 28 + 1:02}"
        rows.append([f"{x:.3f}", chance.randrange(99) if filled(index) else "", day, f"g{index % 9}", y])
    return csv_bytes(["x", "late", "day", "group", "y"], rows)


@pytest.mark.parametrize(
    ("filled", "settings"),
    [
        (lambda index: index == 77, {}),
        (lambda index: index in (3, 100), {}),
        (lambda index: index == 77, {"task": "regression"}),
        (lambda index: index > 120, {"time": "day"}),
        (lambda index: index > 150, {"time": "day"}),
        (lambda index: index % 9 == 4, {"group": "group"}),
    ],
)
@pytest.mark.parametrize("kind", [Linear, Network, Trees, Forest])
def test_they_are_no_obstacle(
    filled: Any, settings: dict[str, Any], kind: type[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    def only(dataset: PreparedDataset, _: Settings) -> list[Candidate]:
        candidate = kind(Columns.of(dataset.typed, dataset.kinds), dataset.task)
        candidate.settings = kind.settings[:1]
        return [candidate]

    monkeypatch.setattr(run, "candidates", only)
    data = table(filled, settings.get("task", ""))
    trained = run.fit(data, "late.csv", Settings("y", budget=0.3, **settings), lambda line: None)
    assert trained.manifest["candidate"] == kind.name
    assert [gate.passed for gate in trained.gates if gate.gate == "parity"] == [True]
