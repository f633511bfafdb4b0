"""Files of snapshots, made of a few events."""

import csv
from dataclasses import replace
from pathlib import Path

from function_code.training.histories.snapshot_file import write_snapshots
from function_code.training.settings import Settings
from tests.support.orders import HEADER
from tests.support.tables import csv_bytes

EVENTS = Settings(user="customer", item="product", when="date")
WITH_AMOUNTS = Settings(user="customer", item="product", when="date", amount="quantity")
SMALL: list[list[object]] = [
    ["007", "a", "2025-01-01", 2],
    ["007", "a", "2025-01-01", 2],
    ["007", "a", "2025-01-01", 3],
    ["7", "b", "2025-01-11", 1],
    ["007", "c", "2025-01-21", 4],
    ["7", "a", "2025-01-22", ""],
    ["8", "a", "2025-01-31", 5],
]


def written(
    tmp_path: Path, rows: list[list[object]], horizon: str, settings: Settings = EVENTS, at: str = "", like: str = ""
) -> tuple[list[dict[str, str]], list[str], str]:
    """The rows of the file, what was logged, and the next command."""
    source, out, log = tmp_path / "orders.csv", tmp_path / "snapshots.csv", list[str]()
    source.write_bytes(csv_bytes(HEADER, rows))
    command = write_snapshots(str(source), replace(settings, horizon=horizon), str(out), log.append, at=at, like=like)
    assert not list(tmp_path.glob("*.part"))
    with open(out, newline="") as file:
        return list(csv.DictReader(file)), log, command
