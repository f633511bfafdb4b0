"""Visits of customers who come about every sixth day until they leave: who was there lately comes again."""

import random
from datetime import date, timedelta

FIRST = date(2025, 1, 1)
DAYS = 240


def visits(seed: int = 1, users: int = 150) -> list[list[object]]:
    """Rows of the header of `orders`; customers come and leave at any time of DAYS."""
    chance = random.Random(seed)
    rows: list[list[object]] = []
    for user in range(users):
        day, end = chance.uniform(0, 120), chance.uniform(20, 2 * DAYS)
        while day < min(end, DAYS):
            rows.append([f"u{user}", f"{chance.randrange(30)}", FIRST + timedelta(int(day)), chance.randint(1, 5)])
            day += chance.expovariate(1 / 6)
    return rows
