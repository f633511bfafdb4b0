"""The training's handler with PyTorch, as it runs in the container image: libraries of the framework beside our own."""

import json
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support.aws import events
from tests.support.aws.runtime import PREDICT, TRAIN, Start
from tests.support.aws.training import outcome
from tests.support.customers import KEY, table
from tests.support.libraries import framework


@pytest.mark.timeout(0)  # the first time it is installed
def test_a_network_is_trained_and_served(
    start: Start, registry: Registry, training_package: Path, runtime: Path
) -> None:
    registry.store.put(KEY, table(rows=1500))
    settings = {"target": "bought", "id": ["customer"], "budget": 5, "framework": "pytorch"}
    path = f"{training_package}:{runtime}:{framework('pytorch')}"
    trainer = start(TRAIN, TRAINING=json.dumps(settings), PYTHONPATH=path)

    line = outcome(trainer, events.arrived(KEY))

    assert (line["outcome"], line["reasons"]) == ("promoted", [])
    manifest = registry.manifest(line["version"])
    assert manifest["candidate"] == "pytorch"
    assert "torch" in manifest["libraries"]
    answer = start(PREDICT).request(events.predict([{"customer": "c-1", "visits": 9, "plan": "pro"}]))
    assert answer.content["predictions"][0]["label"] == 1
