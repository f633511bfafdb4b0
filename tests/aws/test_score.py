"""Files that are scored as a whole, in AWS's runtime client, by events of EventBridge through a queue."""

from function_code.registry import Registry
from tests.support.aws import events
from tests.support.aws.runtime import PREDICT, Start
from tests.support.aws.training import outcome, start_training
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front
from tests.support.score_checks import FILE, RESULTS, check_scored, results, unknown


def test_a_file_that_arrives_is_scored_by_what_serves(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    version = outcome(trainer, events.arrived(KEY))["version"]
    registry.store.put(FILE, unknown())

    line = outcome(trainer, events.arrived(FILE), event_name="scoring")

    scores = check_scored(registry, line, version, 300)
    asked = dict(zip(("customer", "visits", "plan"), unknown().decode().split("\n")[1].split(","), strict=True))
    answer = start(PREDICT).request(events.predict([{**asked, "visits": float(asked["visits"])}])).content
    (prediction,) = answer["predictions"]
    assert scores[0]["label"] == str(prediction["label"])
    assert float(scores[0]["probability_1"]) == prediction["probabilities"]["1"]


def test_a_message_scores_a_file_again_by_what_serves_then(start: Start, registry: Registry) -> None:
    registry.store.put(KEY, table())
    registry.store.put(FILE, unknown())
    trainer = start_training(start)
    event = events.queued({"score": FILE})
    early = outcome(trainer, event, event_name="scoring")
    assert (early["outcome"], registry.store.list(RESULTS)) == ("refused", [])
    assert "no version was promoted yet" in early["reasons"][0]
    first = outcome(trainer, events.arrived(KEY))["version"]
    assert outcome(trainer, event, event_name="scoring")["model_version"] == first
    registry.store.put(KEY, table(2, 600))
    second = outcome(trainer, events.arrived(KEY, "another"))["version"]
    assert outcome(trainer, event, event_name="scoring")["model_version"] == second
    scores, _, _ = results(registry)
    assert {row["model_version"] for row in scores} == {second}


def test_what_takes_several_requests_arrives_as_a_whole(start: Start, registry: Registry, front: Front) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start)
    outcome(trainer, events.arrived(KEY))
    registry.store.put(FILE, unknown(150_000))
    assert outcome(trainer, events.arrived(FILE), event_name="scoring")["outcome"] == "scored"
    scores, _, summary = results(registry)
    assert len(scores) == summary["scored"] == 149_999
    assert ("POST", 200) in {(method, status) for method, path, status in front.seen if RESULTS in path}
    assert scores[-1]["customer"] == "n-149998"


def test_what_is_not_to_be_scored_is_not(start: Start, registry: Registry) -> None:
    trainer = start_training(start)
    for event, how in (
        (events.arrived("batch/model/in/notes.txt"), "ignored"),
        (events.arrived("batch/other/in/customers.csv"), "ignored"),
        (events.arrived(FILE, bucket="elsewhere"), "ignored"),
        (events.queued({"score": "models/model/serving.json"}), "refused"),
    ):
        assert outcome(trainer, event)["outcome"] == how
    assert registry.store.list("batch") == []
