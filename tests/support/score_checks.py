"""Files that every cloud's functions score as a whole, and what must come of them."""

import csv
import io
import json
import random
from typing import Any

from function_code.column import Column
from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories

FILE = "batch/model/in/new customers.csv"
RESULTS = "batch/model/out/new customers.csv"


CUSTOMERS = Schema(
    [
        Column("visits", "number", nullable=False, example=5.0),
        Column("plan", "category", nullable=True, example="free", values=("free", "pro")),
    ],
    "bought",
    "binary",
    (0, 1),
    ids=("customer",),
)


def promote_version(registry: Registry, slope: float = 0.1) -> str:
    """A version that serves from now on, of a model of `unknown` customers that nobody had to train."""
    version = factories.publish(registry, CUSTOMERS, slope)
    registry.promote(version)
    return version


def unknown(rows: int = 300) -> bytes:
    """Customers of whom nobody knows yet whether they will buy; the last one has no number where one is wanted."""
    draw = random.Random(9)
    lines = ["customer,visits,plan"]
    lines += [f"n-{number},{draw.uniform(0, 10):.2f},{draw.choice(('free', 'pro'))}" for number in range(rows - 1)]
    return "\n".join([*lines, f"n-{rows - 1},many,free"]).encode()


def check_scored(registry: Registry, line: dict[str, Any], version: str, rows: int) -> list[dict[str, str]]:
    """So many `unknown` customers were scored by the version, as a line of the log tells; the scores."""
    assert (line["outcome"], line["file"], line["model_version"]) == ("scored", FILE, version)
    assert (line["rows"], line["rejected"]) == (rows, 1)
    scores, rejects, summary = results(registry)
    assert [row["customer"] for row in scores] == [f"n-{number}" for number in range(rows - 1)]
    assert {row["model_version"] for row in scores} == {version}
    assert [row["customer"] for row in rejects] == [f"n-{rows - 1}"]
    assert summary["model_version"] == version
    return scores


def results(registry: Registry) -> tuple[list[dict[str, str]], list[dict[str, str]], dict[str, Any]]:
    """The scores, the rejected rows and the summary."""
    scores, rejects = (
        list(csv.DictReader(io.StringIO(registry.store.get(f"{RESULTS}/{name}.csv").decode())))
        for name in ("scores", "rejects")
    )
    return scores, rejects, json.loads(registry.store.get(f"{RESULTS}/summary.json"))
