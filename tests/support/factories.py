"""Small models made by hand, whose predictions can be worked out with a pencil."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from function_code.column import Column
from function_code.dialects.iso_dates import read_iso
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.scoring.scorer import FORMAT
from function_code.scoring.seen_values import SEEN_VALUES
from function_code.training.histories.export import tables
from function_code.training.histories.keep import HistoriesToKeep, keep
from function_code.training.histories.similarity import Similarity

AGE = Column("age", "number", nullable=False, example=30.0)
PLAN = Column("plan", "category", nullable=True, example="basic", values=("basic", "pro"))
NEW = Column("new", "boolean", nullable=True, example=True)
SINCE = Column("since", "date", nullable=True, example="2025-01-31")

BINARY = Schema([AGE, PLAN, NEW, SINCE], "bought", "binary", (0, 1), ids=("user_id",), ignored=("note",))
MULTICLASS = Schema([AGE], "choice", "multiclass", ("a", "b", "c", "d"))
WHEN = Column("date", "date", nullable=True, example="31/12/2025", form="dmy")
SHOP = Schema([WHEN], "product", "recommendation", ("tea", "7", "cup", "pot"), ids=("customer",), ignored=("note",))
QUANTITY = Column("quantity", "number", nullable=True, example=2)
ORDERS = Schema(
    [Column("date", "date", nullable=False, example="31/12/2025", form="dmy"), QUANTITY],
    "product",
    "recommendation",
    ("tea",),
    ids=("customer",),
    ignored=("note",),
)
INTENT = Schema(
    [
        Column("days_since_last", "number", nullable=False, example=3),
        Column("steps", "number", nullable=False, example=2),
        Column("amount", "number", nullable=True, example=5),
        Column("gap_last", "number", nullable=True, example=2.5),
        Column("last_item", "category", nullable=True, example="tea", values=("cup", "tea")),
    ],
    "bought",
    "binary",
    ("no", "yes"),
    ids=("customer",),
    ignored=("at", "events"),
    history={
        "events": ORDERS.to_json(),
        "horizon": "30d",
        "features": {"windows": [], "trends": [], "items": ["tea"], "amounts": True},
        "example": {"history": [{"item": "tea", "when": "31/12/2025", "amount": 2}], "at": "31/12/2025"},
    },
)
REGRESSION = Schema([AGE], "price", "regression", ids=("value",))


def document(schema: Schema, slope: float = 0.1) -> dict[str, Any]:
    """Scores age * slope: its logistic, its softmax against 0, -1, -2 ..., or itself; recommends the next class."""
    if schema.task == "recommendation":
        count = len(schema.classes)
        weights = np.roll(np.eye(count), 1, axis=1) * slope
        return tables(Similarity(weights, np.linspace(0.04, 0.01, count), 1.0).cut(count))
    outputs = len(schema.classes) if schema.task == "multiclass" else 1
    return {
        "format": FORMAT,
        "encoder": {
            "width": 1,
            "derived": [],
            "logarithms": [],
            "raw": [[0, 0]],
            "scaled": [],
            "missing": [],
            "onehot": [],
        },
        "calibration": None,
        "decision": None,
        "link": {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}[schema.task],
        "model": {
            "kind": "linear",
            "weights": [[slope]] + [[0.0]] * (outputs - 1),
            "intercepts": [0.0] + [-float(index) for index in range(outputs - 1)],
        },
    }


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def publish(
    registry: Registry,
    schema: Schema = BINARY,
    slope: float = 0.1,
    model: bytes | None = None,
    report: bytes | None = None,
    kept: HistoriesToKeep | None = None,
) -> str:
    """A version that nobody serves yet."""
    data = json.dumps(document(schema, slope)).encode() if model is None else model
    manifest = {
        "schema": schema.to_json(),
        "task": schema.task,
        "target": schema.target,
        "dataset": {"name": "made", "rows": 3, "sha256": "0" * 64, "synthetic": True},
        "metrics": {"slope": slope},
        "gates": [],
        **({"histories": kept.summary} if kept else {}),
    }
    categories = {column.name: column.values for column in schema.features if column.kind == "category"}
    content = {"categories": categories, "ranges": {schema.features[0].name: [0, 100]}, "lists": {}}
    seen = json.dumps(content).encode()
    more = {**({"report.html": report} if report else {}), **(kept.artifacts if kept else {})}
    return registry.publish(manifest, {"model.json": data, SEEN_VALUES: seen, **more})


def histories(*events: tuple[str, str, str], most: int = 100) -> HistoriesToKeep:
    """The histories to keep of events, each a user, an item and a time of ISO 8601."""
    users, items, times = zip(*events, strict=True)
    frame = pd.DataFrame({"user": users, "item": items, "when": list(map(read_iso, times))})
    return keep(frame, "customer", most)
