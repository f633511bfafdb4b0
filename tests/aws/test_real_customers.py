"""Real customers: what the functions answer is what the local stack answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from function_code.data.instances import read_instances
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from tests.support.aws import events
from tests.support.aws.runtime import PREDICT, TRAIN, Start
from tests.support.client import predict
from tests.support.paths import ROOT

BUDGET = 300.0  # seconds; the search takes less, so that its result doesn't depend on the machine
LEFT = 900.0
BATCH = 500  # instances; numpy, where it is installed, scores larger batches and rounds in another order


def model_of(registry: Registry) -> bytes:
    pointer = registry.pointer()
    assert pointer is not None
    return registry.artifact(pointer.stable, "model.json", registry.manifest(pointer.stable))


@pytest.mark.timeout(900)
def test_the_same_probabilities_to_the_bit(start: Start, registry: Registry, real_data: Path, tmp_path: Path) -> None:
    data = real_data / "user_data_train.csv"
    local = Registry(Store(str(tmp_path / "local")), "model")
    options = ["--target", "purchase_intent", "--id", "user_id", "--budget", str(BUDGET), "--store", local.store.url]
    command = [sys.executable, "-m", "function_code", "train", str(data), *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    settings = {"target": "purchase_intent", "id": ["user_id"], "budget": BUDGET}
    registry.store.put_file("datasets/model/user_data_train.csv", str(data))

    trainer = start(TRAIN, TRAINING=json.dumps(settings))
    kind, _ = trainer.invoke(events.arrived("datasets/model/user_data_train.csv"), LEFT)

    assert kind == "response", trainer.log()
    assert model_of(registry) == model_of(local)
    models = ModelCache(local)
    models.refresh()
    loaded = models.pick_version()
    assert loaded is not None
    holdout = real_data / "user_data_holdout.csv"
    instances = read_instances(holdout.read_bytes(), holdout.name, loaded.schema)
    app, endpoint = App(models, "model"), start(PREDICT)
    batches = [instances[first : first + BATCH] for first in range(0, len(instances), BATCH)]
    here = [prediction for batch in batches for prediction in predict(app, batch).content["predictions"]]
    there = [p for batch in batches for p in endpoint.request(events.predict(batch)).content["predictions"]]
    assert len(there) == 4086
    assert here == there
