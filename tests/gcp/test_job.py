"""The training as a job of Cloud Run, and the function that starts it, by events as Eventarc sends them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from tests.support import orders
from tests.support.customers import KEY, SETTINGS, table
from tests.support.fault_proxy import Front
from tests.support.gcp import events
from tests.support.gcp.cloud_run import CloudRun, running
from tests.support.gcp.events import Event
from tests.support.gcp.runtime import URL, Function, Start, environment_of
from tests.support.libraries import framework
from tests.support.score_checks import FILE, results, unknown

BY_HAND = {"MESSAGE": json.dumps({"data": "eyJyZXRyYWluIjogdHJ1ZX0="})}

Train = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cloud_run() -> Iterator[CloudRun]:
    with running() as server:
        yield server


@pytest.fixture
def starter(start: Start, cloud_run: CloudRun) -> Function:
    return start("start", **cloud_run.environment)


@pytest.fixture
def train(front: Front, built: dict[str, tuple[Path, Path]], tmp_path: Path) -> Train:
    """Executes the job: `train(variables)`, with other settings if need be, and libraries from one more folder."""
    source, libraries = built["train"]

    def execute(variables: dict[str, str], more: str = "", **settings: Any) -> subprocess.CompletedProcess[str]:
        (tmp_path / "tmp").mkdir(exist_ok=True)
        environment = {
            **environment_of(front),
            "CLOUD_RUN_EXECUTION": "trainer-job-1234567-abcde",
            "CLOUD_RUN_TASK_ATTEMPT": "0",
            "HOME": "/nonexistent",
            "MODEL": "model",
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": f"{libraries}:{more}",
            "SECONDS": "3600",
            "STORE": URL,
            "TMPDIR": str(tmp_path / "tmp"),
            "TRAINING": json.dumps({**SETTINGS, **settings}),
            **variables,
        }
        command = [sys.executable, "-S", "-W", "error::UserWarning", "-m", "function_code.entrypoints.gcp.train_job"]
        return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)

    return execute


def outcome(done: subprocess.CompletedProcess[str], code: int = 0, event_name: str = "training") -> dict[str, Any]:
    """The line that an execution leaves in the log."""
    assert done.returncode == code, done.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    (line,) = [line for line in lines if line["event"] == event_name]
    return line


def sent(function: Function, event: Event, status: int = 200) -> dict[str, Any]:
    answer = function.request("POST", "/", event.body, event.headers)
    assert answer.status == status, function.log()
    line = function.events("training")[-1]
    assert line["request_id"] == event.headers["ce-id"]
    return line


def test_an_upload_of_events_starts_the_job_and_the_job_trains(
    starter: Function, cloud_run: CloudRun, train: Train, registry: Registry
) -> None:
    registry.store.put(KEY, orders.orders_csv())
    event = events.arrived(KEY, 17)
    assert sent(starter, event)["outcome"] == "started"

    line = outcome(train(cloud_run.started[0], **orders.SETTINGS))

    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", registry.versions()[0], KEY)
    assert line["idempotency_key"] == registry.manifest(line["version"])["idempotency_key"] == f"store/{KEY}#17"
    assert line["request_id"] == event.headers["ce-id"]
    assert registry.manifest(line["version"])["task"] == "recommendation"
    # The same upload in another message: its training is done already.
    cloud_run.complete()
    assert sent(starter, events.arrived(KEY, 17, "2"))["outcome"] == "started"
    assert outcome(train(cloud_run.started[1]))["outcome"] == "ignored"
    assert len(registry.versions()) == 1


def test_by_hand_it_trains_on_the_newest_dataset_and_a_file_is_scored_by_what_came_of_it(
    starter: Function, cloud_run: CloudRun, train: Train, registry: Registry
) -> None:
    nothing = outcome(train(BY_HAND))
    assert (nothing["outcome"], nothing["reasons"]) == (
        "refused",
        ["there is nothing under datasets/model in gs://store"],
    )
    registry.store.put(KEY, table())
    trained = outcome(train(BY_HAND))
    assert (trained["outcome"], trained["dataset"]) == ("promoted", KEY)
    assert trained["request_id"] == "trainer-job-1234567-abcde"

    registry.store.put(FILE, unknown())
    assert sent(starter, events.arrived(FILE))["outcome"] == "started"
    line = outcome(train(cloud_run.started[0]), event_name="scoring")
    assert (line["outcome"], line["file"]) == ("scored", FILE)
    scores, rejects, _ = results(registry)
    assert {row["model_version"] for row in scores} == {trained["version"]}
    assert (len(scores), len(rejects)) == (299, 1)


def test_one_runs_at_a_time(starter: Function, cloud_run: CloudRun) -> None:
    for generation in (1, 2):
        assert sent(starter, events.arrived(KEY, generation))["outcome"] == "started"
        waiting = sent(starter, events.arrived(KEY, 3), 429)
        assert (waiting["outcome"], waiting["reasons"]) == ("waiting", ["a training runs already"])
        assert len(cloud_run.started) == generation
        cloud_run.complete()


def test_what_cannot_be_started_is_tried_again_but_not_for_ever(starter: Function, cloud_run: CloudRun) -> None:
    cloud_run.denied = True
    event = events.arrived(KEY, hours_ago=11.9)
    assert starter.request("POST", "/", event.body, event.headers).status == 500
    (refusal,) = starter.events("refusal")
    assert refusal["status"] == 403
    assert "Permission 'run.jobs.run' denied" in refusal["text"]
    line = sent(starter, events.arrived(KEY, hours_ago=12.1))
    assert line["outcome"] == "dead"
    assert line["reasons"] == ["it was asked for 12.1 hours ago and not started since"]
    cloud_run.denied = False
    assert sent(starter, event)["outcome"] == "started"


def test_a_message_that_no_job_has_room_for_is_refused(starter: Function, cloud_run: CloudRun) -> None:
    line = sent(starter, events.published({"dataset": "x" * 40_000}))
    assert line["outcome"] == "refused"
    assert "bytes; it can be 32,768" in line["reasons"][0]
    assert cloud_run.started == []


def test_what_another_try_may_mend_fails_the_task(train: Train, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    front.expired = True
    line = outcome(train(BY_HAND), 1)
    assert line["outcome"] == "failed"
    assert "AccessDenied" in line["reasons"][0]


@pytest.mark.timeout(0)  # the first time it is installed
def test_a_network_is_trained_and_served(start: Start, train: Train, registry: Registry) -> None:
    registry.store.put(KEY, table(rows=1500))
    line = outcome(train(BY_HAND, framework("pytorch"), framework="pytorch", budget=5))
    assert (line["outcome"], line["reasons"]) == ("promoted", [])
    manifest = registry.manifest(line["version"])
    assert manifest["candidate"] == "pytorch"
    assert "torch" in manifest["libraries"]
    body = '{"instances": [{"customer": "c-1", "visits": 9, "plan": "pro"}]}'
    assert start("predict").request("POST", "/predict", body).content["predictions"][0]["label"] == 1
