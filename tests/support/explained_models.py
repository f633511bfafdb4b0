"""Fitted models of every kind behind an app, and requests for explanations of what they answer."""

import json
import random
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from function_code.column import Column
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.column_typer import ColumnTyper
from function_code.training.decision import CalibratedClassifier, Calibration, Decision
from function_code.training.encoders import Columns
from function_code.training.export import document
from function_code.training.parity import instances
from tests.support import factories
from tests.support.client import predict

KINDS = {
    "size": "number",
    "gap": "number",
    "flag": "boolean",
    "day": "date",
    "city": "category",
    "same": "number",
    "tags": "list",
    "note": "text",
    "street": "category",
}
EXAMPLES = {"number": 1.5, "boolean": True, "category": "city 1", "date": "2025-01-31", "list": "a;b", "text": "a b"}
FORMS = {"tags": ";"}
CLASSES: dict[str, list[Any]] = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"], "regression": []}
SETTING = {
    "penalty": 1.0,
    "leaves": 8,
    "rate": 0.1,
    "l2": 1.0,
    "columns": 0.5,
    "rounds": 20,
    "least_leaf": 5,
    "share": "sqrt",
}


def table(count: int, chance: random.Random, same: str = "7") -> pd.DataFrame:
    rows = [
        [
            repr(chance.lognormvariate(0, 2)),
            "" if chance.random() < 0.3 else repr(chance.gauss(0, 1)),
            chance.choice(["yes", "no", ""]),
            f"{chance.randint(2010, 2029)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            chance.choice(["", "city 1", "city 2", "city 2", f"city {chance.randint(3, 40)}"]),
            same,
            ";".join(chance.choices("abcd", k=chance.randrange(4))),
            " ".join(chance.choices(["good", "bad", "so so", "don't know"], k=chance.randrange(4))),
            f"street {chance.randrange(80)}",
        ]
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=list(KINDS), dtype=str)


def target(raw: pd.DataFrame, task: str, chance: random.Random) -> Any:
    known = (
        pd.Series(np.log(raw["size"].astype(float)))
        + 2 * (raw["gap"] == "")
        + (raw["city"] == "city 2")
        + raw["tags"].str.contains("c")
    )
    score = known.to_numpy() + np.array([chance.gauss(0, 1) for _ in range(len(raw))])
    if task == "regression":
        return 100 + 10 * score
    cuts = np.quantile(score, np.linspace(0, 1, len(CLASSES[task]) + 1)[1:-1])
    return np.array(CLASSES[task], dtype=object)[np.searchsorted(cuts, score)]


def fitted(kind: type[Candidate], task: str, calibrated: bool = False, positive: int = 1, loss: str = "") -> Pipeline:
    chance = random.Random(f"{kind.name} {task}")
    raw = table(250, chance)
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    setting = {**SETTING, "hidden": [8, 5], "epochs": 30, "loss": loss}
    with threadpool_limits(1):
        inner = (
            kind(Columns.of(typed, KINDS, FORMS), task).fit(setting, Rows(typed, target(raw, task, chance))).pipeline
        )
    if not calibrated:
        return inner
    calibration = Calibration(0.7, [chance.gauss(0, 1) for _ in CLASSES[task]])
    decision = Decision(positive, 0.4) if task == "binary" else None
    return Pipeline([*inner.steps[:-1], ("model", CalibratedClassifier(inner["model"], calibration, decision))])


def app_of(registry: Registry, inner: Pipeline, task: str) -> App:
    columns = [Column(name, kind, True, EXAMPLES[kind], form=FORMS.get(name, "")) for name, kind in KINDS.items()]
    schema = Schema(columns, "target", task, CLASSES[task])
    registry.promote(factories.publish(registry, schema, model=json.dumps(document(inner, KINDS)).encode()))
    models = ModelCache(registry)
    models.refresh()
    assert models.last_error is None
    return App(models, "model")


def explain(app: App, instances: Any, path: str = "/explain") -> Any:
    return predict(app, instances, path)


def with_extremes(raw: pd.DataFrame) -> list[dict[str, Any]]:
    blank: dict[str, Any] = dict.fromkeys(KINDS)
    far = {"size": 1e12, "gap": -1e9, "flag": "no", "day": "1931-12-31", "city": "never seen", "same": 7}
    return [*instances(raw, KINDS), blank, {**blank, "same": 7}, far, {**far, "size": -1e90}]


def total(explanation: Any) -> float:
    return float(explanation["base"] + sum(explanation["contributions"].values()))


def close(value: float, expected: float, *others: float) -> bool:
    return abs(value - expected) <= 1e-9 * max(1.0, abs(expected), *map(abs, others))
