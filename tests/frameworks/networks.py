"""Tests of a network, whichever framework trained it; run by test_frameworks.py where FRAMEWORK is installed."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from function_code.registry import Registry
from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.store import Store
from function_code.training import candidates
from function_code.training.candidates.candidate import Fitted, Rows, Setting
from function_code.training.candidates.neural import MAX_EPOCHS, PATIENCE_EPOCHS, Layers, NeuralNetwork
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.evaluate import mean_loss, predict
from function_code.training.export import document
from function_code.training.parity import TOLERANCE, instances
from function_code.training.publish import TrainedVersion, publish
from function_code.training.run import fit
from function_code.training.settings import FRAMEWORKS, Settings
from function_code.training.table import Array, read_table
from tests.support.paths import ROOT
from tests.support.tables import csv_bytes, rows

FRAMEWORK = os.environ["FRAMEWORK"]
TASKS = ["binary", "multiclass", "regression"]
FLOAT32_TOLERANCE = 1e-6
MIN_BUDGET_SECONDS = 0.01  # a budget, in seconds, that is up after the first fit


def table(task: str) -> bytes:
    """A target that no linear model learns, with blanks and a category; a fifth of the numbers is missing."""

    def make(chance: random.Random) -> list[Any]:
        a, b, status = chance.random(), chance.random(), chance.choice(["new", "old", "lost", ""])
        folded = abs(a - 0.5) + (0.25 if status == "new" else 0.0)
        target: Any = 1e6 * folded + chance.gauss(0, 1e4)
        if task == "binary":
            target = "yes" if (a > 0.5) != (b > 0.5) else "no"
        elif task == "multiclass":
            target = "low" if folded < 0.2 else "middle" if folded < 0.4 else "high"
        return [a, b, f"{chance.gauss(5, 3):.2f}" if chance.random() > 0.2 else "", status, target]

    return csv_bytes(["a", "b", "noise", "status", "target"], rows(1500, make))


def settings() -> Settings:
    return Settings("target", framework=FRAMEWORK, budget=MIN_BUDGET_SECONDS)


def learned(task: str) -> TrainedVersion:
    return fit(table(task), "t.csv", settings(), lambda line: None)


trained = cache(learned)


@pytest.fixture(params=TASKS)
def version(request: pytest.FixtureRequest) -> TrainedVersion:
    return trained(request.param)


def prepared() -> tuple[PreparedDataset, NeuralNetwork]:
    dataset = prepare(read_table(table("binary"), "t.csv"), settings(), "t.csv")
    (candidate,) = candidates.candidates(dataset, settings())
    assert isinstance(candidate, NeuralNetwork)
    return dataset, candidate


def served(version: TrainedVersion, raw: pd.DataFrame) -> Array:
    """The exported model's predictions for rows of texts, before calibration."""
    kinds = {column.name: column.kind for column in version.schema.features}
    checked, problems = check_instances(version.schema, json.loads(json.dumps(instances(raw, kinds))))
    assert not problems
    return np.array(scorer.load({**version.document, "calibration": None}).score(checked))


def network(pipeline: Pipeline) -> Any:
    return getattr(pipeline["model"], "model", pipeline["model"])


def apart(ours: Array, theirs: Array) -> float:
    return float((np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))).max())


def native(layers: Layers, x: Array, link: str) -> Array:
    """The outputs of a network built of the framework's own layers, in its own float32."""
    if FRAMEWORK == "pytorch":
        import torch

        modules: list[Any] = []
        for weights, intercepts in layers:
            modules += [torch.nn.Linear(*weights.shape), torch.nn.ReLU()]
            modules[-2].load_state_dict({"weight": torch.tensor(weights.T), "bias": torch.tensor(intercepts)})
        modules[-1] = {
            "identity": torch.nn.Identity(), "logistic": torch.nn.Sigmoid(), "softmax": torch.nn.Softmax(1),
        }[link]  # fmt: skip
        outputs = torch.nn.Sequential(*modules)(torch.tensor(x, dtype=torch.float32)).detach().numpy()
    else:
        import keras

        activations = ["relu"] * (len(layers) - 1) + [{"logistic": "sigmoid", "identity": "linear"}.get(link, link)]
        model = keras.Sequential([keras.Input((x.shape[1],))])
        for (weights, intercepts), activation in zip(layers, activations, strict=True):
            model.add(keras.layers.Dense(len(intercepts), activation))
            model.layers[-1].set_weights([weights, intercepts])
        outputs = np.asarray(model(x.astype(np.float32)))
    assert outputs.dtype == np.float32
    return np.asarray(outputs, dtype=np.float64)


def test_it_learns_passes_every_gate_and_serves(version: TrainedVersion, registry: Registry) -> None:
    outcome = publish(version, registry)
    assert outcome.promoted, outcome.reasons
    assert {gate["gate"] for gate in outcome.manifest["gates"]} == {"parity", "baseline", "serving"}
    metrics = outcome.manifest["metrics"]
    assert metrics.get("r2", metrics.get("accuracy")) > 0.9
    assert outcome.manifest["candidate"] == FRAMEWORK
    module = FRAMEWORKS[FRAMEWORK]
    assert outcome.manifest["libraries"][module] == import_module(module).__version__


def test_what_serves_is_the_frameworks_own(version: TrainedVersion) -> None:
    x = version.pipeline[:-1].transform(version.raw)
    ours, model = served(version, version.raw), network(version.pipeline)
    assert len(ours) > 200
    assert apart(ours, predict(model, x)) <= TOLERANCE
    outputs = native(model.layers, x, version.document["link"])
    own = np.hstack([1 - outputs, outputs]) if version.document["link"] == "logistic" else outputs
    assert 0 < apart(ours, own) <= FLOAT32_TOLERANCE


def test_missing_values_and_unseen_categories(version: TrainedVersion) -> None:
    raw = version.raw.head(8).copy()
    raw["noise"], raw["status"] = ["", "", "1", "-1e30"] * 2, ["never seen", ""] * 4
    assert apart(served(version, raw), predict(network(version.pipeline), version.pipeline[:-1].transform(raw))) < 1e-9


def test_the_pipelines_for_people_predict_the_same_elsewhere(tmp_path: Path) -> None:
    versions, arguments = [trained(task) for task in TASKS], []
    for number, version in enumerate(versions):
        store, rows = tmp_path / f"store{number}", tmp_path / f"rows{number}.json"
        publish(version, Registry(Store(str(store)), "model"))
        version.raw.head(20).to_json(rows)
        arguments += [*store.rglob("pipeline.joblib"), rows]
    code = (
        "import sys, joblib, pandas as pd; from function_code.training.evaluate import predict;"
        "files = iter(sys.argv[1:]);"
        "print([predict(joblib.load(a), pd.read_json(b, dtype=str)).tolist() for a, b in zip(files, files)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not done.stderr  # where a training tells of its progress, the framework is not to tell of itself
    assert json.loads(done.stdout) == [predict(v.pipeline, v.raw.head(20)).tolist() for v in versions]


def test_the_same_data_give_the_same_model() -> None:
    assert json.dumps(learned("binary").document) == json.dumps(trained("binary").document)


def test_it_stops_where_the_loss_on_validation_rows_is_lowest() -> None:
    dataset, candidate = prepared()
    setting = candidate.settings[0]
    chance = np.random.default_rng(1)
    noise = chance.permutation(dataset.target)  # there is nothing to learn, and soon too much is
    rows, valid = (Rows(dataset.typed.iloc[part], noise[part]) for part in (slice(0, 1000), slice(1000, None)))

    def loss(pipeline: Pipeline) -> float:
        return mean_loss(pipeline, valid.features, valid.target)

    stopped = candidate.fit(setting, rows, valid)
    epochs = int(stopped.decided["epochs"])
    assert epochs < MAX_EPOCHS / 2
    again, longer = (candidate.fit({**setting, "epochs": count}, rows) for count in (epochs, epochs + PATIENCE_EPOCHS))
    assert again.decided == {"epochs": epochs}
    assert document(again.pipeline, dataset.kinds) == document(stopped.pipeline, dataset.kinds)
    assert loss(stopped.pipeline) < loss(longer.pipeline)


def test_it_stops_when_its_time_is_up() -> None:
    dataset, candidate = prepared()
    candidate.seconds_per_row = 1e-9
    rows, valid = (Rows(dataset.typed.iloc[part], dataset.target[part]) for part in (slice(1000), slice(1000, None)))
    fitted = candidate.fit(candidate.settings[0], rows, valid)
    assert (fitted.decided, fitted.is_cut) == ({"epochs": 1}, True)


@pytest.mark.parametrize("split_by", ["group", "time"])
def test_it_stops_by_other_customers_or_by_later_rows(split_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.randrange(90), chance.random(), chance.choice(["yes", "no"])]

    seen: list[tuple[set[float], set[float]]] = []
    learns = NeuralNetwork.fit

    def watched(self: NeuralNetwork, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        if valid:
            seen.append((set(rows.features["when"]), set(valid.features["when"])))
        return learns(self, {**setting, "epochs": 1}, rows, valid)

    monkeypatch.setattr(NeuralNetwork, "fit", watched)
    by_column = (
        replace(settings(), group="when", kinds={"when": "number"})
        if split_by == "group"
        else replace(settings(), time="when")
    )
    fit(csv_bytes(["when", "a", "target"], rows(600, make)), "t.csv", by_column, lambda line: None)
    ((others, stopping),) = seen
    assert not others & stopping if split_by == "group" else max(others) < min(stopping)


def test_one_thread_learns() -> None:
    dataset, candidate = prepared()
    candidate.fit({**candidate.settings[0], "epochs": 1}, Rows(dataset.typed, dataset.target))
    if FRAMEWORK == "pytorch":
        import torch

        assert torch.get_num_threads() == 1
    else:
        import tensorflow as tf

        assert tf.config.threading.get_intra_op_parallelism_threads() == 1
        assert tf.config.threading.get_inter_op_parallelism_threads() == 1
