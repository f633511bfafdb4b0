"""Files that are scored as a whole, in Azure's own worker library, by messages of a queue as Event Grid writes them."""

import json

from function_code.registry import Registry
from tests.support.azure import events
from tests.support.azure.azurite import Queue
from tests.support.azure.runtime import Start
from tests.support.azure.training import outcome, start_training
from tests.support.customers import KEY, table
from tests.support.fault_proxy import Front
from tests.support.score_checks import FILE, RESULTS, check_scored, results, unknown


def test_a_file_that_arrives_is_scored_by_what_serves(
    start: Start, registry: Registry, queue: Queue, front: Front, url: str
) -> None:
    registry.store.put(KEY, table())
    trainer = start_training(start, queue)
    version = outcome(trainer, queue, events.arrived(KEY, url))["version"]
    registry.store.put(FILE, unknown(150_000))  # whose scores take several requests

    line = outcome(trainer, queue, events.arrived(FILE, url), event_name="scoring")

    check_scored(registry, line, version, 150_000)
    written = [path for method, path, status in front.seen if (method, status) == ("PUT", 201) and RESULTS in path]
    assert len([path for path in written if "comp=block&" in path or path.endswith("comp=block")]) > 1
    assert [path for path in written if "comp=blocklist" in path]


def test_a_message_scores_a_file_by_what_serves_then(start: Start, registry: Registry, queue: Queue, url: str) -> None:
    registry.store.put(KEY, table())
    registry.store.put(FILE, unknown())
    trainer, message = start_training(start, queue), json.dumps({"score": FILE})
    early = outcome(trainer, queue, message, event_name="scoring")
    assert (early["outcome"], registry.store.list(RESULTS)) == ("refused", [])
    assert "no version was promoted yet" in early["reasons"][0]
    version = outcome(trainer, queue, events.arrived(KEY, url))["version"]
    assert outcome(trainer, queue, message, event_name="scoring")["model_version"] == version
    scores, _, _ = results(registry)
    assert {row["model_version"] for row in scores} == {version}


def test_what_is_not_to_be_scored_is_not(start: Start, registry: Registry, queue: Queue, url: str) -> None:
    trainer = start_training(start, queue)
    for message, how in (
        (events.arrived("batch/model/in/notes.txt", url), "ignored"),
        (events.arrived("batch/other/in/customers.csv", url), "ignored"),
        (events.arrived(FILE, "https://other.blob.core.windows.net/store"), "ignored"),
        (json.dumps({"score": "models/model/serving.json"}), "refused"),
    ):
        assert outcome(trainer, queue, message)["outcome"] == how
    assert registry.store.list("batch") == []
