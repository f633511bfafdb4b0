"""Files that are scored as a whole, in Google's functions-framework, by events as Eventarc sends them."""

from function_code.registry import Registry
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front
from tests.support.gcp import events
from tests.support.gcp.runtime import Start
from tests.support.gcp.training import outcome, start_training
from tests.support.score_checks import FILE, RESULTS, check_scored, results, unknown


def test_a_file_that_arrives_is_scored_by_what_serves(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    version = outcome(trainer, events.arrived(KEY))["version"]
    registry.store.put(FILE, unknown(150_000))  # whose scores take several requests

    line = outcome(trainer, events.arrived(FILE), event_name="scoring")

    check_scored(registry, line, version, 150_000)
    assert ("POST", 200) in {(method, status) for method, path, status in front.seen if RESULTS in path}


def test_a_message_scores_a_file_by_what_serves_then(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    registry.store.put(FILE, unknown())
    trainer = start_training(start)
    early = outcome(trainer, events.published({"score": FILE}), event_name="scoring")
    assert (early["outcome"], registry.store.list(RESULTS)) == ("refused", [])
    assert "no version was promoted yet" in early["reasons"][0]
    version = outcome(trainer, events.arrived(KEY))["version"]
    assert outcome(trainer, events.published({"score": FILE}), event_name="scoring")["model_version"] == version
    scores, _, _ = results(registry)
    assert {row["model_version"] for row in scores} == {version}


def test_what_is_not_to_be_scored_is_not(start: Start, registry: Registry) -> None:
    trainer = start_training(start)
    for event, how in (
        (events.arrived("batch/model/in/notes.txt"), "ignored"),
        (events.arrived("batch/other/in/customers.csv"), "ignored"),
        (events.arrived(FILE, bucket="elsewhere"), "ignored"),
        (events.published({"score": "models/model/serving.json"}), "refused"),
    ):
        assert outcome(trainer, event)["outcome"] == how
    assert registry.store.list("batch") == []
