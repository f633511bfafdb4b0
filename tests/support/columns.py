"""A table with a column that a test writes, and what becomes of it."""

import random
from datetime import date
from typing import Any

from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.tables import csv_bytes

ROWS = 300
FIRST_DAY = date(2023, 1, 1)


def dataset(
    column: list[str], delimiter: str = ";", others: dict[str, list[str]] | None = None, **settings: Any
) -> PreparedDataset:
    """The column `x`, beside others and a target that it says nothing of."""
    columns = {"x": column, **(others or {}), "target": ["ab"[index % 2] for index in range(len(column))]}
    data = csv_bytes(list(columns), zip(*columns.values(), strict=True), delimiter)
    return prepare(read_table(data, "t.csv"), Settings("target", **settings), "t.csv")


def amounts(digits: int = 2) -> list[float]:
    chance = random.Random(1)
    return [round(chance.lognormvariate(7, 1), digits) for _ in range(ROWS)]
