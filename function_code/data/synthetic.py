"""A synthetic dataset of customers, to try things out with; whatever shows it says that it is synthetic.

A customer has a rate of purchases, an age as a customer and a favourite category. The past is a Poisson history under
that rate; `purchase_intent` is 1 with a known probability, a logistic function of what the columns show;
`recommendation` is the product bought next. Because the probabilities are known, a model can be compared with the best
possible one.
"""

import csv
import math
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

COLUMNS = [
    "user_id", "user_status", "signup_channel", "newsletter", "age_days", "recency_days", "orders_total", "orders_90d",
    "spend_total", "avg_basket", "avg_gap_days", "support_tickets", "favourite_category",
    "purchase_intent", "recommendation",
]  # fmt: skip
CHANNELS = {"search": 0.15, "social": -0.35, "referral": 0.45, "shop": 0.0}
CATEGORIES = {
    "garden": ("GD-101", "GD-204", "GD-310"),
    "kitchen": ("KT-110", "KT-221", "KT-305"),
    "toys": ("TY-107", "TY-230", "TY-318"),
    "stationery": ("ST-115", "ST-222", "ST-309"),
}


def customers(rows: int, seed: int) -> Iterator[tuple[dict[str, Any], float]]:
    """Each customer as a row, beside the true probability of `purchase_intent`; the same for the same seed."""
    for number in range(1, rows + 1):
        # A generator for each customer: the first rows of a bigger dataset are the smaller one.
        yield _customer(number, random.Random(f"{seed}/{number}"))  # noqa: S311 (no secret depends on it)


def write(path: str | Path, rows: int = 5000, seed: int = 1) -> None:
    """Writes the dataset as CSV; the file appears whole or not at all."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row, _ in customers(rows, seed))
    os.replace(part, path)


def _customer(number: int, chance: random.Random) -> tuple[dict[str, Any], float]:
    age = int(10 + 1190 * chance.random())
    rate = 0.02 * math.exp(chance.gauss(0.0, 0.9))  # purchases a day
    orders = _poisson(chance, rate * age) + 1  # everybody bought once, on the first day
    recent = min(orders, _poisson(chance, rate * min(age, 90)))
    recency = age if orders == 1 else min(age, int(chance.expovariate(rate)))
    if recency <= 90 and not recent:
        recent = 1
    if recency > 90:
        recent = 0
    basket = round(math.exp(chance.gauss(3.4, 0.6)), 2)
    category = chance.choice(list(CATEGORIES))
    channel = chance.choice(list(CHANNELS))
    newsletter = chance.random() < 0.4
    tickets = _poisson(chance, 0.3)
    status = "new" if age <= 30 else "active" if recency <= 45 else "lapsing" if recency <= 180 else "dormant"
    z = (
        -0.9
        + 1.1 * math.log1p(recent)
        - 0.9 * math.log1p(recency / 30)
        + 0.25 * math.log1p(orders)
        + CHANNELS[channel]
        + (0.5 if newsletter else 0.0)
        - 0.45 * tickets
        + (0.6 if status == "new" else 0.0)
    )
    probability = 1 / (1 + math.exp(-z))
    intent = int(chance.random() < probability)
    row = {
        "user_id": f"synthetic-{number:06d}",
        "user_status": status,
        "signup_channel": channel if chance.random() > 0.05 else "",
        "newsletter": "yes" if newsletter else "no",
        "age_days": age,
        "recency_days": recency,
        "orders_total": orders,
        "orders_90d": recent,
        "spend_total": round(basket * orders * math.exp(chance.gauss(0.0, 0.1)), 2),
        "avg_basket": basket,
        "avg_gap_days": round((age - recency) / (orders - 1), 1) if orders > 1 else "",
        "support_tickets": tickets,
        "favourite_category": category,
        "purchase_intent": intent,
        "recommendation": _product(chance, category, basket),
    }
    return row, probability


def _product(chance: random.Random, category: str, basket: float) -> str:
    """Mostly from the favourite category, and the dearer the baskets, the dearer the product."""
    if chance.random() < 0.3:
        category = chance.choice(list(CATEGORIES))
    dearer = 1 / (1 + math.exp(-(math.log(basket) - 3.4)))
    rank = sum(chance.random() < dearer for _ in range(2))
    return CATEGORIES[category][rank]


def _poisson(chance: random.Random, mean: float) -> int:
    """Knuth's method, by parts so that exp(-mean) stays a normal number."""
    count = 0
    while mean > 0:
        part = min(mean, 20.0)
        mean -= part
        limit, product = math.exp(-part), chance.random()
        while product > limit:
            count += 1
            product *= chance.random()
    return count
