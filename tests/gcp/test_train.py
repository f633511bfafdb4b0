"""The training in Google's functions-framework, by events as Eventarc sends them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front
from tests.support.gcp import events
from tests.support.gcp.runtime import Function, Start
from tests.support.gcp.training import outcome, start_training

ASKED = '{"instances": [{"customer": "c-1", "visits": 9, "plan": "pro"}]}'
RETRAIN = {"retrain": True}


def asked(function: Function) -> Any:
    return function.request("POST", "/predict", ASKED).content


def test_an_upload_trains_and_a_rollback_takes_effect(
    start: Start, registry: Registry, built: dict[str, tuple[Path, Path]]
) -> None:
    registry.store.put(KEY, table())
    source = built["train"][0]
    shipped = sorted(source.rglob("*"))
    trainer = start_training(start)

    line = outcome(trainer, events.arrived(KEY, 17))

    first = registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == f"store/{KEY}#17"
    progress = trainer.events("progress")
    assert any("validation loss" in said["text"] for said in progress)
    assert {said["request_id"] for said in progress} == {line["request_id"]}
    assert sorted(source.rglob("*")) == shipped
    answer = asked(start("predict"))
    assert answer["model_version"] == first
    assert answer["predictions"][0]["label"] == 1

    registry.store.put(KEY, table(2, 600))
    line = outcome(trainer, events.published(RETRAIN))

    assert line["outcome"] == "promoted"
    assert registry.manifest(line["version"])["dataset"]["rows"] == 600
    assert asked(start("predict"))["model_version"] == line["version"]
    registry.rollback()
    assert asked(start("predict"))["model_version"] == first


def test_the_newest_dataset_is_the_one_that_is_trained_again(start: Start, registry: Registry) -> None:
    trainer = start_training(start)
    nothing = outcome(trainer, events.published(RETRAIN))
    assert nothing["outcome"] == "refused"
    assert nothing["reasons"] == ["there is nothing under datasets/model in gs://store"]
    registry.store.put("datasets/model/z.csv", table(1))
    time.sleep(0.01)
    registry.store.put("datasets/other/b.csv", table(1))
    registry.store.put("datasets/model/a.csv", table(2))
    assert outcome(trainer, events.published(RETRAIN))["dataset"] == "datasets/model/a.csv"


def test_news_that_comes_twice_trains_once_even_in_another_message(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    assert outcome(trainer, events.arrived(KEY, 17, "1"))["outcome"] == "promoted"
    for message in ("1", "2"):
        again = outcome(trainer, events.arrived(KEY, 17, message))
        assert again["outcome"] == "ignored"
        assert again["reasons"] == [f"version {registry.versions()[0]} came of this message already"]
    assert outcome(trainer, events.arrived(KEY, 18, "3"))["outcome"] in ("promoted", "kept")
    assert len(registry.versions()) == 2


def test_what_was_cut_off_before_it_served_is_done_again(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    assert outcome(trainer, events.arrived(KEY))["outcome"] == "promoted"
    front.ask("DELETE", "/store/models/model/serving.json")
    line = outcome(trainer, events.arrived(KEY))
    assert line["outcome"] == "promoted"
    assert registry.versions()[1:] == [line["version"]]


FUTILE = [
    (events.arrived("datasets/model/notes.txt"), "ignored", "no CSV file under datasets/model/"),
    (events.arrived("datasets/other/customers.csv"), "ignored", "no CSV file under datasets/model/"),
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


def test_data_and_settings_that_no_other_try_would_mend(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    line = outcome(start_training(start, target="bougt"), events.published({"dataset": KEY}))
    assert line["outcome"] == "refused"
    assert "did you mean 'bought'?" in line["reasons"][0]
    assert registry.versions() == []


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_is_tried_again_but_not_for_ever(
    start: Start, registry: Registry, front: Front, fault: str
) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    setattr(front, fault, True)
    line = outcome(trainer, events.arrived(KEY, hours_ago=2.9), 500)
    assert line["outcome"] == "failed"
    assert ("AccessDenied: Access denied." in line["reasons"][0]) == (fault == "expired")
    line = outcome(trainer, events.arrived(KEY, hours_ago=3.1))
    assert line["outcome"] == "dead"
    assert line["reasons"] == ["it was asked for 3.1 hours ago and not done since"]
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
        events = [events.arrived(key, event_id=key) for key in keys]
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
    trainer = start_training(start, seconds=2, budget=3600)
    outcome(trainer, events.arrived(KEY))
    (text,) = [line["text"] for line in trainer.events("progress") if "the time for the search is up" in line["text"]]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= 1
