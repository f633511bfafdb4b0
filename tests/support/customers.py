"""Customers that every cloud's functions are trained on."""

import random

SETTINGS = {"target": "bought", "id": ["customer"], "budget": 2}
KEY = "datasets/model/customers.csv"
NO_TABLE = "is no table (.csv, .parquet, .xlsx, .jsonl ...) under datasets/model/"  # why an upload is ignored


def table(seed: int = 1, rows: int = 300) -> bytes:
    """Customers who buy the more the more they visit."""
    draw = random.Random(seed)
    lines = ["customer,visits,plan,bought"]
    for number in range(rows):
        visits, plan = draw.uniform(0, 10), draw.choice(("free", "pro"))
        bought = int(visits + 2 * (plan == "pro") + draw.gauss(0, 1) > 6)
        lines.append(f"c-{number},{visits:.2f},{plan},{bought}")
    return "\n".join(lines).encode()
