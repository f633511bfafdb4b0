"""The training in Google's functions-framework, by events as Eventarc sends them."""

import time
from pathlib import Path
from typing import Any

from function_code.registry import Registry
from tests.support import orders
from tests.support.customers import KEY, NO_TABLE, table
from tests.support.fault_proxy import Front
from tests.support.gcp import events
from tests.support.gcp.runtime import Function, Start
from tests.support.gcp.training import outcome, start_training

BODY = '{"instances": [{"customer": "c-1", "visits": 9, "plan": "pro"}]}'
RETRAIN = {"retrain": True}
SECONDS = 4.0  # for a training, of which its search gets a half


def predictions(function: Function) -> Any:
    return function.request("POST", "/predict", BODY).content


def test_an_upload_trains_and_a_rollback_takes_effect(
    start: Start, registry: Registry, built: dict[str, tuple[Path, Path]]
) -> None:
    registry.store.put(KEY, table())
    source = built["train"][0]
    shipped = sorted(source.rglob("*"))
    trainer = start_training(start, seconds=SECONDS, budget=3600)
    endpoint = start("predict", REFRESH_SECONDS="0")

    line = outcome(trainer, events.arrived(KEY, 17))

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == f"store/{KEY}#17"
    progress = trainer.events("progress")
    assert any("validation loss" in each["text"] for each in progress)
    assert {each["request_id"] for each in progress} == {line["request_id"]}
    (text,) = [each["text"] for each in progress if "the time for the search is up" in each["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= SECONDS / 2
    assert sorted(source.rglob("*")) == shipped
    # The same upload in the same message again, and in another one.
    for message in ("13466290372218441", "2"):
        again = outcome(trainer, events.arrived(KEY, 17, message))
        assert (again["outcome"], again["reasons"]) == ("ignored", [f"version {first} came of this message already"])
    answer = predictions(endpoint)
    assert answer["model_version"] == first
    assert answer["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    line = outcome(trainer, events.published(RETRAIN))

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert predictions(endpoint)["model_version"] == line["version"]
    registry.rollback()
    assert predictions(endpoint)["model_version"] == first


def test_events_of_an_upload_become_recommendations(start: Start, registry: Registry) -> None:
    registry.store.put(orders.KEY, orders.orders_csv())
    line = outcome(start_training(start, **orders.SETTINGS), events.arrived(orders.KEY))
    assert (line["outcome"], line["version"]) == ("promoted", registry.versions()[0])
    answer = start("predict").request("POST", "/predict", orders.REQUEST)
    orders.check_recommendations(answer.content)


def test_the_newest_dataset_is_the_one_that_is_trained_again(start: Start, registry: Registry) -> None:
    trainer = start_training(start, target="none")  # refused when the file is read
    nothing = outcome(trainer, events.published(RETRAIN))
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == ["there is nothing under datasets/model in gs://store"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(0.01)
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(trainer, events.published(RETRAIN))["dataset"] == "datasets/model/a.csv"


FUTILE = [
    (events.arrived("datasets/model/notes.txt"), "ignored", NO_TABLE),
    (events.arrived("datasets/other/customers.csv"), "ignored", NO_TABLE),
    (events.arrived(KEY, bucket="elsewhere"), "ignored", "is in gs://elsewhere, and not in gs://store"),
    (events.arrived(KEY), "refused", f"there is no {KEY} in gs://store"),
    (events.published({"dataset": "models/model/serving.json"}), "refused", "is not under datasets/model/"),
    (events.published({"key1": "value1"}), "refused", "the message is neither"),
    (events.published("hello"), "refused", "the message is not JSON"),
    (events.published(""), "refused", "the message is not JSON"),
]


def test_messages_that_no_other_try_would_mend(start: Start) -> None:
    trainer = start_training(start)
    for event, how, why in FUTILE:
        line = outcome(trainer, event)
        assert line["outcome"] == how, line
        assert why in line["reasons"][0]


def test_a_store_out_of_reach_is_tried_again_but_not_for_ever(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    for fault in ("lost", "expired"):
        setattr(front, fault, True)
        line = outcome(trainer, events.arrived(KEY, hours_ago=2.9), 500)
        assert line["outcome"] == "failed"
        assert ("AccessDenied: Access denied." in line["reasons"][0]) == (fault == "expired")
        line = outcome(trainer, events.arrived(KEY, hours_ago=3.1))
        assert line["outcome"] == "dead"
        assert line["reasons"] == ["it was asked for 3.1 hours ago and not done since"]
        setattr(front, fault, False)
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"
