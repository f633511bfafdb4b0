"""Estimators of one's own: the tables or ONNX give each one's own predictions, or it is refused in one line."""

import io
import sys
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.scoring.loaded_model import load
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.evaluate import predict
from function_code.training.parity import instances, lenient
from function_code.training.run import train
from tests.support import client
from tests.support.estimator_training import OURS, fitted, refusal
from tests.support.tables import MIXED, briefly, mixed, mixed_csv, rows

TABLES_TOLERANCE = 1e-9
ONNX_TOLERANCE = 1e-6
LIGHTGBM_ZERO = "1.0000000180025095e-35"  # what is as near to 0 is 0 to LightGBM
ODD_VALUES = [
    ["", "", "", "0", "", "", ""],
    ["0", "0", "", "0", "no", "", ""],
    ["-0.0", "-0.0", "-0.0", "-0.0", "no", "NA", "1969-12-31"],
    ["1e90", "-1e90", "1e90", "1.7e18", "yes", "never seen", "9999-12-31"],
    ["5e-324", "3.5e38", "-1e-36", "1700002000.5", "TRUE", " ", "0001-01-01T23:59:59Z"],
    ["3", "20", LIGHTGBM_ZERO, "1700002000", "yes", "pro", "2024-02-29"],
    ["3", "20", f"-{LIGHTGBM_ZERO}", "1700002000", "yes", "pro", "2024-02-29"],
]

EXPRESSED = {
    "lightgbm": ["binary", "multiclass", "regression"],
    "lightgbm_forest": ["binary", "regression"],
    "lightgbm_without_missing": ["binary"],
    "lightgbm_searched": ["binary"],
    "gradient": ["binary", "multiclass", "regression"],
    "histogram": ["binary", "multiclass", "regression"],
    "tree": ["binary", "multiclass", "regression"],
    "forest": ["binary", "multiclass", "regression"],
    "extra": ["binary", "multiclass", "regression"],
    "logistic": ["binary", "multiclass"],
    "without_intercept": ["multiclass"],
    "descent": ["binary", "regression"],
    "discriminant": ["binary", "multiclass"],
    "elastic": ["regression"],
    "network": ["binary", "multiclass", "regression"],
}
CONVERTED = {
    "vectors": ["binary", "multiclass", "regression"],
    "bayes": ["multiclass"],
    "neighbours": ["binary", "regression"],
    "ada": ["binary"],
    "voting": ["binary"],
    "stacking": ["multiclass"],
    "descent": ["multiclass"],  # one against all
    "scaled_logistic": ["binary"],
    "scaled_histogram": ["binary"],
}


def each(tasks_by_name: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, task) for name, tasks in tasks_by_name.items() for task in tasks]


def apart(pipeline: Any, served: scorer.Scorer, schema: Schema, task: str) -> float:
    """The largest difference on rows that nobody has seen, and on odd ones; relative for values above 1."""
    unseen = [[str(value) for value in row[:-1]] for row in rows(300, mixed(task), seed=2)]
    raw = pd.DataFrame(unseen + ODD_VALUES, columns=MIXED[:-1], dtype=str)
    kinds = {column.name: column.kind for column in schema.features}
    checked, problems = check_instances(lenient(schema), instances(raw, kinds))
    assert problems == []
    own = predict(pipeline, raw)
    # One by one and all at once are two ways through the code.
    together, alone = np.array(served.score(checked)), np.array([served.score([row])[0] for row in checked])
    difference = np.maximum(np.abs(together - own), np.abs(alone - own)) / np.maximum(1.0, np.abs(own))
    return float(difference.max())


@pytest.mark.parametrize(("name", "task"), each(EXPRESSED))
def test_tables_give_the_estimators_own_predictions(name: str, task: str) -> None:
    version = fitted(f"{OURS}:{name}", task)
    assert version.document["model"]["kind"] in ("linear", "trees", "network")
    assert version.graph == b""
    assert version.gates[0].passed, version.gates[0].detail
    assert apart(version.pipeline, scorer.load(version.document), version.schema, task) <= TABLES_TOLERANCE


@pytest.mark.parametrize(("name", "task"), each(CONVERTED))
def test_onnx_gives_the_estimators_own_predictions(name: str, task: str) -> None:
    version = fitted(f"{OURS}:{name}", task)
    assert version.document["model"]["kind"] == "onnx"
    assert version.gates[0].passed, version.gates[0].detail
    assert apart(version.pipeline, scorer.load(version.document, version.graph), version.schema, task) <= ONNX_TOLERANCE


@pytest.mark.parametrize("task", EXPRESSED["lightgbm"])
def test_lightgbm_serves_without_lightgbm(task: str, registry: Registry) -> None:
    progress: list[str] = []
    settings = briefly("target", estimator=f"{OURS}:lightgbm")
    outcome = train(mixed_csv(task, 800), "t.csv", settings, registry, progress.append)
    assert outcome.promoted, outcome.reasons
    assert set(outcome.manifest["artifacts"]) == {"model.json", "pipeline.joblib", "report.html", "seen_values.json"}
    assert outcome.manifest["candidate"] == "own"
    pipeline = joblib.load(io.BytesIO(registry.artifact(outcome.version, "pipeline.joblib", outcome.manifest)))
    loaded = load(registry, outcome.version)
    assert apart(pipeline, loaded.scorer, loaded.schema, task) <= TABLES_TOLERANCE
    parity = next(gate for gate in outcome.manifest["gates"] if gate["gate"] == "parity")
    assert "on 160 held-out rows and 1,332 difficult ones, allowed 1e-09" in parity["detail"]


def test_an_endpoint_answers_from_onnx(registry: Registry) -> None:
    settings = briefly("target", estimator=f"{OURS}:vectors")
    outcome = train(mixed_csv("binary"), "t.csv", settings, registry, lambda line: None)
    assert outcome.promoted, outcome.reasons
    assert set(outcome.manifest["artifacts"]) == {
        "model.json",
        "model.onnx",
        "pipeline.joblib",
        "report.html",
        "seen_values.json",
    }
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    pipeline = joblib.load(io.BytesIO(registry.artifact(outcome.version, "pipeline.joblib", outcome.manifest)))
    values = [4, None, 1, 1_700_003_000, True, "pro", "2024-02-29"]
    instance = dict(zip(MIXED[:-1], values, strict=True))
    answer = client.predict(app, [instance])
    assert answer.status == 200
    raw = pd.DataFrame([["4", "", "1", "1700003000", "true", "pro", "2024-02-29"]], columns=MIXED[:-1], dtype=str)
    expected = dict(zip(("no", "yes"), predict(pipeline, raw)[0], strict=True))
    assert answer.content["predictions"][0]["probabilities"] == pytest.approx(expected, abs=ONNX_TOLERANCE)
    client.predict(app, [instance], "/explain").problem(501)


def test_a_damaged_graph_does_not_serve() -> None:
    version = fitted(f"{OURS}:bayes", "binary")
    with pytest.raises(ValueError, match="onnxruntime cannot run the model"):
        scorer.load(version.document, version.graph[:-40])


@pytest.mark.parametrize(
    ("name", "task", "why"),
    [
        ("lightgbm_of_zeros", "binary", "there are no tables for LightGBM with zeros as missing values"),
        ("lightgbm_linear", "regression", "there are no tables for LightGBM's linear trees"),
        ("lightgbm_categories", "binary", "there are no tables for LightGBM's native categories"),
        ("lightgbm_forest", "multiclass", "there are no tables for LightGBM's random forests of more than two classes"),
        (
            "lightgbm_one_against_all",
            "multiclass",
            "there are no tables for LightGBM with the objective multiclassova num_class:3 sigmoid:1",
        ),
        ("poisson", "regression", "there are no tables for LightGBM with the objective poisson"),
        ("poisson_network", "regression", "there are no tables for a MLPRegressor of the loss poisson"),
        (
            "with_another_beginning",
            "binary",
            "there are no tables for gradient boosting that begins with another estimator",
        ),
    ],
)
def test_what_neither_expresses_is_refused(name: str, task: str, why: str) -> None:
    message = refusal(f"{OURS}:{name}", task)
    assert message.startswith(f"the model cannot be served: {why}; skl2onnx cannot convert a ")


def test_a_refusal_leaves_nothing_behind(registry: Registry) -> None:
    settings = briefly("target", estimator=f"{OURS}:lightgbm_linear")
    with pytest.raises(Refused):
        train(mixed_csv("regression"), "t.csv", settings, registry, lambda line: None)
    assert registry.store.list("models") == []


@pytest.mark.parametrize("absent", ["skl2onnx", "onnxruntime"])
def test_training_says_how_to_install_what_onnx_needs(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == absent]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    message = refusal(f"{OURS}:bayes")
    assert message.startswith("there are no tables for a GaussianNB, and for ONNX something is missing (")
    assert absent in message
    assert message.endswith("; to install it: tools/venv requirements.txt requirements/onnx.txt")


def test_an_endpoint_without_onnxruntime_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    version = fitted(f"{OURS}:bayes", "binary")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Refused, match=r"to install it: tools/venv requirements\.txt requirements/onnx\.txt"):
        scorer.load(version.document, version.graph)
