"""The training's handler in AWS's runtime client, by events of EventBridge and its Scheduler through a queue."""

import time
from pathlib import Path

from function_code.registry import Registry
from tests.support import orders
from tests.support.aws import events
from tests.support.aws.runtime import PREDICT, Start
from tests.support.aws.training import outcome, start_training
from tests.support.customers import KEY, NO_TABLE, table
from tests.support.fault_proxy import Front

SECONDS = 4.0  # for a training, of which its search gets a half


def test_an_upload_trains_and_a_rollback_takes_effect(start: Start, registry: Registry, training_package: Path) -> None:
    registry.store.put(KEY, table())
    shipped = sorted(training_package.rglob("*"))
    trainer, endpoint = start_training(start, budget=3600), start(PREDICT, REFRESH_SECONDS="0")

    line = outcome(trainer, events.arrived(KEY), deadline=SECONDS)

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert (
        line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == "17793124-05d4-b198-2fde-7ededc63b103"
    )
    progress = trainer.events("progress")
    assert any("validation loss" in each["text"] for each in progress)
    assert {each["request_id"] for each in progress} == {line["request_id"]}
    (text,) = [each["text"] for each in progress if "the time for the search is up" in each["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= SECONDS / 2
    assert sorted(training_package.rglob("*")) == shipped
    again = outcome(trainer, events.arrived(KEY))
    assert (again["outcome"], again["reasons"]) == ("ignored", [f"version {first} came of this message already"])
    request = events.predict([{"customer": "c-1", "visits": 9, "plan": "pro"}])
    answer = endpoint.request(request)
    assert answer.content["model_version"] == first
    assert answer.content["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    line = outcome(trainer, events.queued(events.literal("schedule")), deadline=SECONDS)

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert endpoint.request(request).content["model_version"] == line["version"]
    registry.rollback()
    assert endpoint.request(request).content["model_version"] == first


def test_events_of_an_upload_become_recommendations(start: Start, registry: Registry) -> None:
    registry.store.put(orders.KEY, orders.orders_csv())
    line = outcome(start_training(start, **orders.SETTINGS), events.arrived(orders.KEY))
    assert (line["outcome"], line["version"]) == ("promoted", registry.versions()[0])
    answer = start(PREDICT).request(events.predict(orders.INSTANCES))
    orders.check_recommendations(answer.content)


def test_the_newest_dataset_is_the_one_that_is_trained_again(start: Start, registry: Registry) -> None:
    trainer = start_training(start, target="none")  # refused when the file is read
    nothing = outcome(trainer, events.queued({"retrain": True}))
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == ["there is nothing under datasets/model in s3://store"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(1.1)  # S3 has its times in whole seconds
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(trainer, events.queued({"retrain": True}))["dataset"] == "datasets/model/a.csv"


FUTILE = [
    (events.arrived("datasets/model/notes.txt"), "ignored", NO_TABLE),
    (events.arrived("datasets/other/customers.csv"), "ignored", NO_TABLE),
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


def test_a_key_is_found_with_or_without_the_encoding_of_urls(start: Start, registry: Registry) -> None:
    trainer = start_training(start, target="none")  # refused when the file is read
    for name in ("my customers.csv", "a+b.csv"):
        registry.store.put(f"datasets/model/{name}", table())
        for key in (name, name.replace("+", "%2B").replace(" ", "+")):
            line = outcome(trainer, events.arrived(f"datasets/model/{key}"))
            assert line["dataset"] == f"datasets/model/{name}"
            assert "'none'" in line["reasons"][0]


def test_a_store_out_of_reach_is_tried_again(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    for fault in ("lost", "expired"):
        setattr(front, fault, True)
        line = outcome(trainer, events.arrived(KEY), "error")
        assert line["outcome"] == "failed"
        assert ("ExpiredToken: The provided token has expired." in line["reasons"][0]) == (fault == "expired")
        setattr(front, fault, False)
    assert "the token itself" not in trainer.log()
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"
