"""Orders of a shop whose customers go from one product to those near it: what they took last says what comes next."""

import json
import random
from datetime import date, timedelta
from typing import Any

from tests.support.tables import csv_bytes

FIRST = date(2025, 1, 1)
HEADER = ["customer", "product", "date", "quantity"]
COLUMNS = {"user": "customer", "item": "product", "when": "date", "amount": "quantity"}
SETTINGS: dict[str, Any] = {**COLUMNS, "target": "", "id": [], "budget": 1}  # in place of those of `customers`
KEY = "datasets/model/orders.csv"
HISTORY = [{"item": "p1", "when": "2025-03-01"}, {"item": "p3", "when": "2025-03-02"}]
INSTANCES = [{"customer": "u1", "history": HISTORY}]
REQUEST = json.dumps({"instances": INSTANCES})


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


def check_recommendations(answer: Any) -> None:
    """The answer to REQUEST begins with an item that customers take after those of the history."""
    (prediction,) = answer["predictions"]
    items = [each["item"] for each in prediction["items"]]
    assert prediction["customer"] == "u1"
    assert items[0] in ("p4", "p5", "p6")
    assert not {event["item"] for event in HISTORY} & set(items)
