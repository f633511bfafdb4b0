"""Trainings in Azure's own worker library, by messages of a queue as Event Grid writes them."""

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from tests.support import orders
from tests.support.azure import events
from tests.support.azure.azurite import Queue
from tests.support.azure.runtime import App, Start
from tests.support.azure.training import outcome, start_training
from tests.support.customers import KEY, NO_TABLE, table
from tests.support.fault_proxy import Front

BODY = '{"instances": [{"customer": "c-1", "visits": 9, "plan": "pro"}]}'
RETRAIN = '{"retrain": true}'
SECONDS = 4.0  # for a training, of which its search gets a half

Trainer = Callable[..., App]


@pytest.fixture
def trainer(start: Start, queue: Queue) -> Trainer:
    """Starts the app that trains."""
    return partial(start_training, start, queue)


def predictions(app: App) -> Any:
    return app.request("POST", "/predict", BODY).content


def test_an_upload_trains_and_a_rollback_takes_effect(
    start: Start, trainer: Trainer, registry: Registry, queue: Queue, url: str, training_package: Path
) -> None:
    registry.store.put(KEY, table())
    shipped = sorted(training_package.rglob("*"))
    app = trainer(seconds=SECONDS, more={"SCHEDULE": "0 0 3 * * *", "MESSAGE": RETRAIN}, budget=3600)
    endpoint = start("serving", REFRESH_SECONDS="0")

    line = outcome(app, queue, events.arrived(KEY, url))

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == f"{KEY}#{events.ETAG}"
    progress = app.events("progress")
    assert any("validation loss" in each["text"] for each in progress)
    assert {each["request_id"] for each in progress} == {line["request_id"]}
    (text,) = [each["text"] for each in progress if "the time for the search is up" in each["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= SECONDS / 2
    assert sorted(training_package.rglob("*")) == shipped
    # Messages about the same upload again: one of Event Grid, one of the uploader.
    for message in (events.arrived(KEY, url), json.dumps({"dataset": KEY, "etag": events.ETAG})):
        again = outcome(app, queue, message)
        assert (again["outcome"], again["reasons"]) == ("ignored", [f"version {first} came of this message already"])
    answer = predictions(endpoint)
    assert answer["model_version"] == first
    assert answer["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    # The timer asks for a training, and does not train.
    timer, into = app.functions["enqueue"]["bindings"][::-1]
    assert {timer["type"], into["type"]} == {"timerTrigger", "queue"}
    assert next(each for each in (timer, into) if each["type"] == "timerTrigger")["schedule"] == "%SCHEDULE%"
    done = app.invoke("enqueue", kind="timer")
    assert done["done"], done["problem"]
    assert registry.versions() == [first]
    line = outcome(app, queue, done["outputs"]["message"])

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert predictions(endpoint)["model_version"] == line["version"]
    registry.rollback()
    assert predictions(endpoint)["model_version"] == first


def test_events_of_an_upload_become_recommendations(
    start: Start, trainer: Trainer, registry: Registry, queue: Queue, url: str
) -> None:
    registry.store.put(orders.KEY, orders.orders_csv())
    line = outcome(trainer(**orders.SETTINGS), queue, events.arrived(orders.KEY, url))
    assert (line["outcome"], line["version"]) == ("promoted", registry.versions()[0])
    answer = start("serving").request("POST", "/predict", orders.REQUEST)
    orders.check_recommendations(answer.content)


def test_functions_are_bound_to_the_queue_and_its_poison_and_take_one_message(trainer: Trainer) -> None:
    app = trainer()
    bound = {name: [binding["type"] for binding in function["bindings"]] for name, function in app.functions.items()}
    assert bound == {"train": ["queueTrigger"], "bury": ["queueTrigger"]}
    queues = [function["bindings"][0]["queueName"] for function in app.functions.values()]
    assert queues == ["%QUEUE%", "%QUEUE%-poison"]
    assert {function["bindings"][0]["connection"] for function in app.functions.values()} == {"AzureWebJobsStorage"}
    settings = app.settings
    assert (settings["extensions"]["queues"]["batchSize"], settings["extensions"]["queues"]["newBatchThreshold"]) == (
        1,
        0,
    )
    assert settings["functionTimeout"] == "00:30:00"


def test_the_newest_dataset_is_the_one_that_is_trained_again(
    trainer: Trainer, registry: Registry, queue: Queue, url: str
) -> None:
    app = trainer(target="none")  # refused when the file is read
    nothing = outcome(app, queue, RETRAIN)
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == [f"there is nothing under datasets/model in {url}"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(1.1)  # Blob Storage has its times in whole seconds
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(app, queue, RETRAIN)["dataset"] == "datasets/model/a.csv"


def test_messages_that_no_other_try_would_mend(trainer: Trainer, queue: Queue, url: str) -> None:
    elsewhere = "https://other.blob.core.windows.net/store"
    app = trainer()
    for message, how, why in [
        (events.arrived("datasets/model/notes.txt", url), "ignored", NO_TABLE),
        (events.arrived("datasets/other/customers.csv", url), "ignored", NO_TABLE),
        (events.arrived(KEY, elsewhere), "ignored", f"is in {elsewhere}, and not in {url}"),
        (events.arrived(KEY, url), "refused", f"there is no {KEY} in {url}"),
        ('{"dataset": "models/model/serving.json"}', "refused", "is not under datasets/model/"),
        ('{"key1": "value1"}', "refused", "the message is neither"),
        ("hello", "refused", "the message is not JSON"),
    ]:
        line = outcome(app, queue, message)
        assert line["outcome"] == how, line
        assert why in line["reasons"][0]


def test_a_key_is_found_with_or_without_the_encoding_of_urls(
    trainer: Trainer, registry: Registry, queue: Queue, url: str
) -> None:
    app = trainer(target="none")  # refused when the file is read
    for name in ("my customers.csv", "a+b.csv", "50%.csv"):
        registry.store.put(f"datasets/model/{name}", table())
        for key in (name, name.replace("%", "%25").replace(" ", "%20")):
            line = outcome(app, queue, events.arrived(f"datasets/model/{key}", url))
            assert line["dataset"] == f"datasets/model/{name}"
            assert "'none'" in line["reasons"][0]


def test_a_store_out_of_reach_is_tried_again_and_poison_in_the_end(
    trainer: Trainer, registry: Registry, queue: Queue, front: Front, url: str
) -> None:
    registry.store.put(KEY, table())
    app = trainer()
    for fault in ("lost", "expired"):
        setattr(front, fault, True)
        line = outcome(app, queue, events.arrived(KEY, url), done=False)
        assert line["outcome"] == "failed"
        assert ("AuthorizationPermissionMismatch: This request is not" in line["reasons"][0]) == (fault == "expired")
        assert not app.take(queue)["done"]
        assert not app.take(queue)["done"]
        assert queue.is_empty()
        buried = app.bury(queue)
        line = app.events("training")[-1]
        assert (line["outcome"], line["request_id"]) == ("dead", buried["invocation"])
        assert KEY in line["reasons"][0]
        assert queue.poison().is_empty()
        setattr(front, fault, False)
    # What failed once succeeds the second time.
    front.lost = True
    outcome(app, queue, events.arrived(KEY, url), done=False)
    front.lost = False
    assert app.take(queue)["done"]
    assert app.events("training")[-1]["outcome"] == "promoted"
    assert queue.is_empty()
