"""Trainings in Azure's own worker library, by messages of a queue as Event Grid writes them."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from tests.support.azure import events
from tests.support.azure.azurite import Azurite, Queue
from tests.support.azure.runtime import App, Start
from tests.support.azure.training import outcome, start_training
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front

ASKED = '{"instances": [{"customer": "c-1", "visits": 9, "plan": "pro"}]}'
RETRAIN = '{"retrain": true}'

Trainer = Callable[..., App]


@pytest.fixture
def trainer(start: Start, queue: Queue) -> Trainer:
    """Starts the app that trains."""
    return partial(start_training, start, queue)


def asked(app: App) -> Any:
    return app.request("POST", "/predict", ASKED).content


def test_an_upload_trains_and_a_rollback_takes_effect(
    start: Start, trainer: Trainer, registry: Registry, queue: Queue, url: str, packages: dict[str, Path]
) -> None:
    registry.store.put(KEY, table())
    shipped = sorted(packages["training"].rglob("*"))
    app = trainer()

    line = outcome(app, queue, events.arrived(KEY, url))

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == f"{KEY}#{events.ETAG}"
    progress = app.events("progress")
    assert any("validation loss" in each["text"] for each in progress)
    assert {each["request_id"] for each in progress} == {line["request_id"]}
    assert sorted(packages["training"].rglob("*")) == shipped
    answer = asked(start("serving"))
    assert answer["model_version"] == first
    assert answer["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    line = outcome(app, queue, RETRAIN)

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert asked(start("serving"))["model_version"] == line["version"]
    registry.rollback()
    assert asked(start("serving"))["model_version"] == first


def test_functions_are_bound_to_the_queue_and_its_poison_and_take_one_message(trainer: Trainer) -> None:
    app = trainer()
    bound = {name: [binding["type"] for binding in found["bindings"]] for name, found in app.functions.items()}
    assert bound == {"train": ["queueTrigger"], "bury": ["queueTrigger"]}
    queues = [found["bindings"][0]["queueName"] for found in app.functions.values()]
    assert queues == ["%QUEUE%", "%QUEUE%-poison"]
    assert {found["bindings"][0]["connection"] for found in app.functions.values()} == {"AzureWebJobsStorage"}
    settings = app.settings
    assert (settings["extensions"]["queues"]["batchSize"], settings["extensions"]["queues"]["newBatchThreshold"]) == (
        1,
        0,
    )
    assert settings["functionTimeout"] == "00:30:00"


def test_the_timer_asks_for_a_training_and_does_not_train(registry: Registry, queue: Queue, trainer: Trainer) -> None:
    registry.store.put(KEY, table())
    app = trainer(more={"SCHEDULE": "0 0 3 * * *", "MESSAGE": RETRAIN})
    timer, into = app.functions["ask"]["bindings"][::-1]
    assert {timer["type"], into["type"]} == {"timerTrigger", "queue"}
    assert next(each for each in (timer, into) if each["type"] == "timerTrigger")["schedule"] == "%SCHEDULE%"
    done = app.invoke("ask", kind="timer")
    assert done["done"], done["problem"]
    assert registry.versions() == []
    assert outcome(app, queue, done["outputs"]["message"])["outcome"] == "promoted"


def test_the_newest_dataset_is_the_one_that_is_trained_again(
    trainer: Trainer, registry: Registry, queue: Queue, url: str
) -> None:
    app = trainer()
    nothing = outcome(app, queue, RETRAIN)
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == [f"there is nothing under datasets/model in {url}"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(1.1)  # Blob Storage tells of whole seconds
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(app, queue, RETRAIN)["dataset"] == "datasets/model/a.csv"


def test_a_message_that_comes_twice_trains_once(trainer: Trainer, registry: Registry, queue: Queue, url: str) -> None:
    registry.store.put(KEY, table())
    app = trainer()
    assert outcome(app, queue, events.arrived(KEY, url))["outcome"] == "promoted"
    # The same upload, told of once more by Event Grid, and by whoever uploaded it.
    for told in (events.arrived(KEY, url), json.dumps({"dataset": KEY, "etag": events.ETAG})):
        again = outcome(app, queue, told)
        assert again["outcome"] == "ignored"
        assert again["reasons"] == [f"version {registry.versions()[0]} came of this message already"]
    assert outcome(app, queue, events.arrived(KEY, url, "0xANOTHER"))["outcome"] in ("promoted", "kept")
    assert len(registry.versions()) == 2


def test_what_was_cut_off_before_it_served_is_done_again(
    trainer: Trainer, registry: Registry, queue: Queue, url: str, storage: Azurite, container: str
) -> None:
    registry.store.put(KEY, table())
    app = trainer()
    assert outcome(app, queue, events.arrived(KEY, url))["outcome"] == "promoted"
    storage.ask(storage.blobs, "DELETE", f"/{container}/models/model/serving.json")
    line = outcome(app, queue, events.arrived(KEY, url))
    assert line["outcome"] == "promoted"
    assert registry.versions()[1:] == [line["version"]]


def test_messages_that_no_other_try_would_mend(trainer: Trainer, queue: Queue, url: str) -> None:
    elsewhere = "https://other.blob.core.windows.net/store"
    app = trainer()
    for message, how, why in [
        (events.arrived("datasets/model/notes.txt", url), "ignored", "no CSV file under datasets/model/"),
        (events.arrived("datasets/other/customers.csv", url), "ignored", "no CSV file under datasets/model/"),
        (events.arrived(KEY, elsewhere), "ignored", f"is in {elsewhere}, and not in {url}"),
        (events.arrived(KEY, url), "refused", f"there is no {KEY} in {url}"),
        ('{"dataset": "models/model/serving.json"}', "refused", "is not under datasets/model/"),
        ('{"key1": "value1"}', "refused", "the message is neither"),
        ("hello", "refused", "the message is not JSON"),
    ]:
        line = outcome(app, queue, message)
        assert line["outcome"] == how, line
        assert why in line["reasons"][0]


def test_data_and_settings_that_no_other_try_would_mend(trainer: Trainer, registry: Registry, queue: Queue) -> None:
    registry.store.put(KEY, table())
    line = outcome(trainer(target="bougt"), queue, json.dumps({"dataset": KEY}))
    assert line["outcome"] == "refused"
    assert "did you mean 'bought'?" in line["reasons"][0]
    assert registry.versions() == []


@pytest.mark.parametrize("name", ["my customers.csv", "a+b.csv", "50%.csv"])
def test_a_key_is_found_with_or_without_the_encoding_of_urls(
    trainer: Trainer, registry: Registry, queue: Queue, url: str, name: str
) -> None:
    registry.store.put(f"datasets/model/{name}", table())
    app = trainer(target="none")  # refused when the file is read
    for told in (name, name.replace("%", "%25").replace(" ", "%20")):
        line = outcome(app, queue, events.arrived(f"datasets/model/{told}", url))
        assert line["dataset"] == f"datasets/model/{name}"
        assert "'none'" in line["reasons"][0]


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_is_tried_again_and_poison_in_the_end(
    trainer: Trainer, registry: Registry, queue: Queue, front: Front, url: str, fault: str
) -> None:
    registry.store.put(KEY, table())
    app = trainer()
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
    assert outcome(app, queue, events.arrived(KEY, url))["outcome"] == "promoted"


def test_what_failed_once_succeeds_the_second_time(
    trainer: Trainer, registry: Registry, queue: Queue, front: Front, url: str
) -> None:
    registry.store.put(KEY, table())
    app = trainer()
    front.lost = True
    outcome(app, queue, events.arrived(KEY, url), done=False)
    front.lost = False
    assert app.take(queue)["done"]
    assert app.events("training")[-1]["outcome"] == "promoted"
    assert queue.is_empty()


def test_two_that_publish_at_once_do_not_lose_each_others_change(
    trainer: Trainer, registry: Registry, queue: Queue, front: Front, url: str
) -> None:
    keys = ["datasets/model/a.csv", "datasets/model/b.csv"]
    for seed, key in enumerate(keys):
        registry.store.put(key, table(seed))
        queue.put(events.arrived(key, url, key))
    apps = [trainer() for _ in keys]
    front.meeting = threading.Barrier(2)
    with ThreadPoolExecutor() as pool:
        assert all(taken["done"] for taken in pool.map(lambda app: app.take(queue), apps))
    lines = [app.events("training")[-1] for app in apps]

    writes = [status for method, path, status in front.seen if method == "PUT" and path.endswith("/serving.json")]
    assert sorted(writes[:2]) in ([201, 409], [201, 412])
    promoted = [line["version"] for line in lines if line["outcome"] == "promoted"]
    assert {line["outcome"] for line in lines} <= {"promoted", "kept"}
    assert {line["version"] for line in lines} == set(registry.versions())
    pointer = registry.pointer()
    assert pointer is not None
    assert sorted([pointer.stable, *pointer.previous]) == sorted(promoted)


def test_the_search_ends_in_time(trainer: Trainer, registry: Registry, queue: Queue, url: str) -> None:
    registry.store.put(KEY, table())
    app = trainer(seconds=2, budget=3600)
    outcome(app, queue, events.arrived(KEY, url))
    (text,) = [line["text"] for line in app.events("progress") if "the time for the search is up" in line["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= 1
