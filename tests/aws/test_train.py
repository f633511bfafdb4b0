"""The training's handler in AWS's runtime client, by events of EventBridge and its Scheduler through a queue."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support.aws import events
from tests.support.aws.bucket import SIGNED
from tests.support.aws.runtime import PREDICT, TRAIN, Start
from tests.support.aws.training import outcome, start_training
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front


def test_an_upload_trains_and_a_rollback_takes_effect(
    start: Start, registry: Registry, packages: dict[str, Path]
) -> None:
    registry.store.put(KEY, table())
    shipped = sorted(packages[TRAIN].rglob("*"))
    trainer = start_training(start)

    line = outcome(trainer, events.arrived(KEY))

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert (
        line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == "17793124-05d4-b198-2fde-7ededc63b103"
    )
    progress = trainer.events("progress")
    assert any("validation loss" in said["text"] for said in progress)
    assert {said["request_id"] for said in progress} == {line["request_id"]}
    assert sorted(packages[TRAIN].rglob("*")) == shipped
    asked = events.predict([{"customer": "c-1", "visits": 9, "plan": "pro"}])
    answer = start(PREDICT).request(asked)
    assert answer.content["model_version"] == first
    assert answer.content["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    line = outcome(trainer, events.queued(events.literal("schedule")))

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert start(PREDICT).request(asked).content["model_version"] == line["version"]
    registry.rollback()
    assert start(PREDICT).request(asked).content["model_version"] == first


def test_the_newest_dataset_is_the_one_that_is_trained_again(start: Start, registry: Registry) -> None:
    trainer = start_training(start)
    nothing = outcome(trainer, events.queued({"retrain": True}))
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == ["there is nothing under datasets/model in s3://store"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(1.1)  # S3 tells of whole seconds
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(trainer, events.queued({"retrain": True}))["dataset"] == "datasets/model/a.csv"


def test_a_message_that_comes_twice_trains_once(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"
    again = outcome(trainer, events.arrived(KEY))
    assert again["outcome"] == "ignored"
    assert again["reasons"] == [f"version {registry.versions()[0]} came of this message already"]
    assert outcome(trainer, events.arrived(KEY, "another"))["outcome"] in ("promoted", "kept")
    assert len(registry.versions()) == 2


def test_what_was_cut_off_before_it_served_is_done_again(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"
    front.ask("DELETE", "/store/models/model/serving.json", SIGNED)
    line = outcome(trainer, events.arrived(KEY))
    assert line["outcome"] == "promoted"
    assert registry.versions()[1:] == [line["version"]]


FUTILE = [
    (events.arrived("datasets/model/notes.txt"), "ignored", "no CSV file under datasets/model/"),
    (events.arrived("datasets/other/customers.csv"), "ignored", "no CSV file under datasets/model/"),
    (events.arrived(KEY, bucket="elsewhere"), "ignored", "is in s3://elsewhere, and not in s3://store"),
    (events.arrived(KEY), "refused", f"there is no {KEY} in s3://store"),
    (events.queued({"dataset": "models/model/serving.json"}), "refused", "is not under datasets/model/"),
    (events.queued({"key1": "value1"}), "refused", "the message is neither"),
    (events.queued("hello"), "refused", "the message is not JSON"),
    ({"key1": "value1"}, "refused", "the message is neither"),
]


def test_messages_that_no_other_try_would_mend(start: Start) -> None:
    trainer = start_training(start)
    for event, how, why in FUTILE:
        line = outcome(trainer, event)
        assert line["outcome"] == how, line
        assert why in line["reasons"][0]


def test_data_and_settings_that_no_other_try_would_mend(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    line = outcome(start_training(start, target="bougt"), events.queued({"dataset": KEY}))
    assert line["outcome"] == "refused"
    assert "did you mean 'bought'?" in line["reasons"][0]
    assert "tarket" in outcome(start_training(start, tarket=1), events.queued({"dataset": KEY}))["reasons"][0]
    assert registry.versions() == []


@pytest.mark.parametrize("name", ["my customers.csv", "a+b.csv"])
def test_a_key_is_found_with_or_without_the_encoding_of_urls(start: Start, registry: Registry, name: str) -> None:
    registry.store.put(f"datasets/model/{name}", table())
    trainer = start_training(start, target="none")  # refused when the file is read
    for told in (name, name.replace("+", "%2B").replace(" ", "+")):
        line = outcome(trainer, events.arrived(f"datasets/model/{told}"))
        assert line["dataset"] == f"datasets/model/{name}"
        assert "'none'" in line["reasons"][0]


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_is_tried_again(start: Start, registry: Registry, front: Front, fault: str) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    setattr(front, fault, True)
    line = outcome(trainer, events.arrived(KEY), "error")
    assert line["outcome"] == "failed"
    assert ("ExpiredToken: The provided token has expired." in line["reasons"][0]) == (fault == "expired")
    assert "the token itself" not in trainer.log()
    setattr(front, fault, False)
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"


def test_two_that_publish_at_once_do_not_lose_each_others_change(
    start: Start, registry: Registry, front: Front
) -> None:
    keys = ["datasets/model/a.csv", "datasets/model/b.csv"]
    for seed, key in enumerate(keys):
        registry.store.put(key, table(seed))
    trainers = [start_training(start) for _ in keys]
    front.meeting = threading.Barrier(2)
    with ThreadPoolExecutor() as pool:
        events = [events.arrived(key, key) for key in keys]
        lines = list(pool.map(outcome, trainers, events))

    writes = [status for method, path, status in front.seen if method == "PUT" and path.endswith("/serving.json")]
    assert writes[:2] == [200, 412]
    promoted = [line["version"] for line in lines if line["outcome"] == "promoted"]
    assert {line["outcome"] for line in lines} <= {"promoted", "kept"}
    assert {line["version"] for line in lines} == set(registry.versions())
    pointer = registry.pointer()
    assert pointer is not None
    assert sorted([pointer.stable, *pointer.previous]) == sorted(promoted)


def test_the_search_ends_in_time(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start, budget=3600)
    outcome(trainer, events.arrived(KEY), deadline=2.0)
    (text,) = [line["text"] for line in trainer.events("progress") if "the time for the search is up" in line["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= 1
