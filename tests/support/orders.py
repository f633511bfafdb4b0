"""Orders of a shop whose customers go from one product to those near it: what they took last says what comes next."""

import random
from datetime import date, timedelta

from tests.support.tables import csv_bytes

FIRST = date(2025, 1, 1)
HEADER = ["customer", "product", "date", "quantity"]


def orders(seed: int = 1, users: int = 400, items: int = 40) -> list[list[object]]:
    """Rows of HEADER: 1 to 11 visits of each customer, days apart, with one to three products each."""
    chance = random.Random(seed)
    rows: list[list[object]] = []
    for user in range(users):
        item, day = chance.randrange(items), chance.randrange(30)
        for _ in range(chance.randint(1, 11)):
            day += chance.randint(1, 8)
            for _ in range(chance.randint(1, 3)):
                item = (item + chance.randint(1, 3)) % items
                rows.append([f"u{user}", f"p{item}", FIRST + timedelta(day), chance.randint(1, 5)])
    return rows


def orders_csv(rows: list[list[object]] | None = None) -> bytes:
    return csv_bytes(HEADER, orders() if rows is None else rows)
