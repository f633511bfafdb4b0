"""Writing again after a failure: what was written is not written twice, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import WriteBackResult, pull, write_back
from function_code.entrypoints.jobs import Train
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.run_job import run_job
from function_code.errors import Unreachable
from function_code.registry import Registry
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.customers import PULLED_RECORDS, TRAINING
from tests.support.airtable.predictions import PREDICTION_FIELDS, predictions_in, settings_json
from tests.support.airtable.server import FakeAirtable
from tests.support.paths import ROOT


@pytest.mark.parametrize("failure", ["refuse", "lose", 503])
def test_an_answer_that_is_lost_is_asked_for_again(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    lines: list[str],
    failure: int | str,
) -> None:
    server.failures = {len(server.requests) + 3: failure, len(server.requests) + 5: failure}
    assert write_back(registry, airtable, lines.append) == WriteBackResult(PULLED_RECORDS, version, 9)
    assert len(predictions_in(table)) == PULLED_RECORDS == len(table.records)


def test_what_was_written_before_a_failure_is_not_written_again(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    server.failures = dict.fromkeys(range(len(server.requests) + 4, len(server.requests) + 20), 503)
    with pytest.raises(Unreachable, match=r"table 'tbl\d+': Airtable fails \(503 SERVICE_UNAVAILABLE\); try again"):
        write_back(registry, replace(airtable, pause=0.01), lines.append)
    server.failures = {}
    assert len(predictions_in(table)) == 20
    assert write_back(registry, airtable, lines.append) == WriteBackResult(40, version, 5)
    assert len(predictions_in(table)) == PULLED_RECORDS


def test_it_stops_while_there_is_time_to_write_down_what_was_done(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    start = len(server.requests)
    with pytest.raises(Unreachable, match="the time for talking to Airtable is over; the rest follows"):
        write_back(registry, airtable, lines.append, lambda: 100.0 if len(server.requests) < start + 3 else 10.0)
    assert len(predictions_in(table)) == 20
    assert write_back(registry, airtable, lines.append).written == 40


def test_a_training_that_is_asked_for_again_only_writes_the_rest(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A queue does so with a training that ran out of time: nothing else would before the next pull."""
    monkeypatch.setenv("STORE", registry.store.url)
    monkeypatch.setenv("MODEL", "model")
    monkeypatch.setenv("TRAINING", json.dumps({"target": "Renewed", "ids": ["Customer"], "budget": 1}))
    monkeypatch.setenv("AIRTABLE", settings_json(replace(airtable, pause=0.01)))
    (dataset,) = registry.store.list("datasets/model")
    with (tmp_path / "log").open("w") as file:

        def ask() -> None:
            run_job("message-1", lambda registry: Train(dataset), 600, "1", Log(file.fileno()))

        server.failures = dict.fromkeys(range(len(server.requests) + 4, len(server.requests) + 20), 503)
        with pytest.raises(Unreachable):
            ask()
        server.failures = {}
        ask()
        ask()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["outcome"] for line in lines if line["event"] == "training"] == ["promoted", "ignored", "ignored"]
    assert [line.get("written") for line in lines if line["event"] == "write_back"] == [None, 40, 0]
    assert "wrote 20 of 60 predictions; the next try goes on with the rest" in [line.get("text") for line in lines]
    assert len(predictions_in(table)) == PULLED_RECORDS


WRITE_BACK = """
import json, sys
from function_code.airtable import targets
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull, write_back
from function_code.registry import Registry
from function_code.store import Store
from function_code.training.settings import Settings

registry = Registry(Store(sys.argv[1]), "model")
airtable = AirtableSettings.of(json.loads(sys.argv[2]))
pull(registry, Settings("Renewed", ids=("Customer",)), airtable, print)
write_back(registry, airtable, print)
"""


def test_killed_at_each_request_nothing_is_lost_and_nothing_doubled(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    """Two tables: with a row for each customer in the other one a doubled prediction would be seen, and each field."""
    sink = Table("Scores", [make_field("Customer", "singleLineText")])
    server.tables.append(sink)
    airtable = replace(airtable, predictions="Scores", create_fields=True)
    command = [sys.executable, "-c", WRITE_BACK, registry.store.url, settings_json(airtable)]
    deaths, fatalities = 0, set()
    for number in range(1, 20):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            fatal = len(server.requests) + number
            server.hook = lambda count, pid=process.pid, fatal=fatal: (  # type: ignore[misc]
                os.kill(pid, signal.SIGKILL) if count == fatal else None
            )
            process.communicate(timeout=60)
        if process.returncode == 0:
            break
        deaths += 1
        assert process.returncode == -signal.SIGKILL
        fatalities.add(server.requests[fatal - 1][1].rpartition("/")[2])
    assert deaths > 5
    assert fatalities >= {"tables", "fields", sink.id}
    assert [field["name"] for field in sink.fields] == ["Customer", *PREDICTION_FIELDS]
    assert len(predictions_in(sink)) == len(sink.records) == PULLED_RECORDS
    assert write_back(registry, airtable, lines.append).written == 0
    assert not pull(registry, TRAINING, airtable, lines.append).read.differs


def test_a_record_that_was_deleted_meanwhile_stays_deleted(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    for record in list(table.records)[3:5]:
        del table.records[record]

    write_back(registry, airtable, lines.append)

    assert len(predictions_in(table)) == len(table.records) == PULLED_RECORDS - 2
    assert write_back(registry, airtable, lines.append).written == 0


@pytest.mark.parametrize("failure", ["lose", "done"])
def test_a_field_that_was_made_though_nobody_heard_is_not_made_twice(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    lines: list[str],
    failure: str,
) -> None:
    airtable = replace(airtable, create_fields=True)
    table.fields = [field for field in table.fields if field["name"] not in PREDICTION_FIELDS]
    server.failures = {len(server.requests) + 2: failure}
    with pytest.raises(Unreachable, match=r"does not answer|Airtable fails .503 .*; try again"):
        write_back(registry, airtable, lines.append)
    assert write_back(registry, airtable, lines.append).written == PULLED_RECORDS
    assert sorted(field["name"] for field in table.fields if field["name"] in PREDICTION_FIELDS) == sorted(
        PREDICTION_FIELDS
    )
