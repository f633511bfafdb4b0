"""The training as a job of Container Apps, which takes its messages from a queue by its identity."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from function_code.entrypoints.azure.queue_retries import MAX_TRIES
from function_code.registry import Registry
from tests.support import orders
from tests.support.azure import events, identity
from tests.support.azure.azurite import Azurite, Queue
from tests.support.azure.runtime import SITE_PACKAGES
from tests.support.customers import KEY, SETTINGS, table
from tests.support.fault_proxy import Front

EXECUTION = "trainer-job1234567-abcde"
# The program without pauses between two tries.
HURRIED = "from function_code.entrypoints.azure import train_job; train_job.RETRY_PAUSE_SECONDS = 0; train_job.main()"

Done = subprocess.CompletedProcess[str]
Job = Callable[..., Done]


@pytest.fixture
def who(storage: Azurite) -> Iterator[dict[str, str]]:
    """Variables of the environment for the job's identity."""
    with identity.serving(storage) as environment:
        yield environment


@pytest.fixture
def job(
    surroundings: dict[str, str],
    who: dict[str, str],
    queue: Queue,
    url: str,
    python: str,
    training_package: Path,
    tmp_path: Path,
) -> Job:
    """Executes the job: `job()`, with arguments and further variables of the environment if need be."""

    def execute(*arguments: str, hurried: bool = False, **more: str) -> Done:
        environment = {
            **surroundings,
            **{name: who[name] for name in ("AZURE_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER")},
            "CONTAINER_APP_JOB_EXECUTION_NAME": EXECUTION,
            "HOME": "/nonexistent",
            "MODEL": "model",
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(training_package / SITE_PACKAGES),
            "QUEUE": f"{who['QUEUES']}/{queue.name}",
            "SECONDS": "3600",
            "STORE": url,
            "TMPDIR": str(tmp_path),
            "TRAINING": json.dumps(SETTINGS),
            **more,
        }
        program = ["-c", HURRIED] if hurried else ["-m", "function_code.entrypoints.azure.train_job"]
        command = [python, "-S", "-W", "error::UserWarning", *program, *arguments]
        return subprocess.run(command, cwd=training_package, env=environment, capture_output=True, text=True)

    return execute


def outcomes(done: Done, code: int = 0) -> list[dict[str, Any]]:
    """The lines about trainings that an execution leaves in the log."""
    assert done.returncode == code, done.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["request_id"] for line in lines} <= {EXECUTION}
    return [line for line in lines if line["event"] == "training"]


def test_a_message_about_events_trains_and_is_gone(job: Job, registry: Registry, queue: Queue, url: str) -> None:
    registry.store.put(KEY, orders.orders_csv())
    queue.put(events.arrived(KEY, url))
    (line,) = outcomes(job(TRAINING=json.dumps(orders.SETTINGS)))
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", registry.versions()[0], KEY)
    assert registry.manifest(line["version"])["task"] == "recommendation"
    assert line["idempotency_key"] == f"{KEY}#{events.ETAG}"
    assert queue.holds() == queue.poison().holds() == 0
    # The uploader's message about the same upload: its training is done already.
    queue.put(json.dumps({"dataset": KEY, "etag": events.ETAG}))
    (line,) = outcomes(job())
    assert line["outcome"] == "ignored"
    assert len(registry.versions()) == 1


def test_one_message_at_a_time_and_none_is_no_failure(job: Job, registry: Registry, queue: Queue) -> None:
    assert outcomes(job()) == []
    for _ in range(2):
        queue.put('{"retrain": true}')
    assert outcomes(job())[0]["reasons"][0].startswith("there is nothing under datasets/model")
    assert queue.holds() == 1
    assert registry.versions() == []


def test_a_schedule_asks_and_does_not_train(job: Job, registry: Registry, queue: Queue) -> None:
    registry.store.put(KEY, table())
    assert outcomes(job("enqueue", MESSAGE='{"retrain": true}')) == []
    assert registry.versions() == []
    assert json.loads(queue.get().text) == {"retrain": True}


def test_what_failed_waits_and_comes_again(job: Job, registry: Registry, queue: Queue, front: Front, url: str) -> None:
    registry.store.put(KEY, table())
    for hurried in (False, True):
        queue.put(events.arrived(KEY, url))
        front.lost = True
        (line,) = outcomes(job(hurried=hurried), 1)
        assert line["outcome"] == "failed"
        assert queue.is_empty() != hurried
    front.lost = False
    (line,) = outcomes(job())
    assert line["outcome"] == "promoted"


def test_what_failed_again_and_again_is_poison(
    job: Job, registry: Registry, queue: Queue, front: Front, url: str
) -> None:
    registry.store.put(KEY, table())
    poison = queue.poison()
    queue.put(events.arrived(KEY, url))
    front.expired = True
    for _ in range(MAX_TRIES - 1):
        assert [line["outcome"] for line in outcomes(job(hurried=True), 1)] == ["failed"]
        assert poison.is_empty()
    failed, dead = outcomes(job(hurried=True), 1)
    assert (failed["outcome"], dead["outcome"]) == ("failed", "dead")
    assert KEY in dead["reasons"][0]
    assert queue.holds() == 0
    assert poison.get().text == events.arrived(KEY, url)


def test_what_broke_off_again_and_again_is_poison(job: Job, registry: Registry, queue: Queue) -> None:
    registry.store.put(KEY, table())
    poison = queue.poison()
    queue.put('{"retrain": true}')
    for _ in range(MAX_TRIES):
        queue.release(queue.get())
    (line,) = outcomes(job())
    assert line["outcome"] == "dead"
    assert queue.holds() == 0
    assert json.loads(poison.get().text) == {"retrain": True}
    assert registry.versions() == []


def test_a_queue_that_does_not_know_the_identity_yet_is_said_in_a_line(job: Job, who: dict[str, str]) -> None:
    done = job(IDENTITY_HEADER="another instance's")
    assert done.returncode == 1
    assert f"{who['IDENTITY_ENDPOINT']} answers 400" in done.stderr.splitlines()[-1]
