"""Predictions in the table: only what is new or differs, again after whatever went wrong, in fields that are named."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from function_code.airtable import targets
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import Records
from function_code.airtable.sync import Sent, pull, write_back
from function_code.entrypoints.jobs import Train
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.run_job import carry_out
from function_code.errors import Refused, Unreachable
from function_code.registry import Registry
from function_code.serving.model_cache import load
from function_code.serving.predictions import predict
from function_code.store import Store
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.customers import TRAINING, Pulled, change, trained
from tests.support.airtable.server import FakeAirtable
from tests.support.paths import ROOT
from tests.support.tables import briefly

COUNT = 60
UNUSED = ("Prediction", "Probability", "Model version", "Predicted at")


@pytest.fixture
def table(copied: Pulled) -> Table:
    return copied[0]


@pytest.fixture
def registry(copied: Pulled) -> Registry:
    return Registry(Store(str(copied[1])), "model")


@pytest.fixture
def version(registry: Registry) -> str:
    """That serves, trained on what was pulled."""
    (version,) = registry.versions()
    return version


def written(table: Table) -> dict[str, dict[str, Any]]:
    """The predictions in the table, by customer, without their time."""
    parts = ("Prediction", "Probability", "Model version")
    return {
        record.fields["Customer"]: {part: record.fields[part] for part in parts}
        for record in table.records.values()
        if record.fields.get("Prediction") is not None
    }


def test_each_record_gets_what_the_endpoint_would_answer(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    sent = write_back(registry, airtable, said.append)

    assert sent == Sent(COUNT, version, 7)  # the schema, and six batches
    assert "writing 60 predictions into 'Customers': 6 requests" in said
    record = next(iter(table.records.values()))
    instance = {"Plan": record.fields.get("Plan"), "Spend": record.fields["Spend"], "Member": record.fields["Member"]}
    (answer,) = predict(load(registry, version), {"instances": [instance]}, None)
    assert record.fields["Prediction"] == answer["label"]
    assert record.fields["Probability"] == round(answer["probabilities"][answer["label"]], 4)
    assert record.fields["Model version"] == version
    assert record.fields["Predicted at"].endswith("Z")
    assert {row["Prediction"] for row in written(table).values()} == {"yes", "no"}


def test_nothing_is_written_twice_nor_read_as_a_change(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    write_back(registry, airtable, said.append)
    asked = len(server.asked)
    assert write_back(registry, airtable, said.append) == Sent(0, version, 0)
    assert len(server.asked) == asked
    assert not pull(registry, TRAINING, airtable, said.append).read.differs


def test_ten_changed_records_are_ten_updates(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    write_back(registry, airtable, said.append)
    change(table, 10)
    before = len(server.writes())
    airtable = replace(airtable, retrain=0.5)
    assert not pull(registry, TRAINING, airtable, said.append).new

    assert write_back(registry, airtable, said.append).written == 10
    assert len(server.writes()) == before + 10


@pytest.mark.parametrize("failure", ["refuse", "lose", 503])
def test_an_answer_that_is_lost_is_asked_for_again(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    said: list[str],
    failure: int | str,
) -> None:
    server.failures = {len(server.asked) + 3: failure, len(server.asked) + 5: failure}
    assert write_back(registry, airtable, said.append) == Sent(COUNT, version, 9)
    assert len(written(table)) == COUNT == len(table.records)


def test_what_was_written_before_a_failure_is_not_written_again(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    server.failures = dict.fromkeys(range(len(server.asked) + 4, len(server.asked) + 20), 503)
    with pytest.raises(Unreachable, match=r"table 'tbl\d+': Airtable fails \(503 SERVICE_UNAVAILABLE\); try again"):
        write_back(registry, replace(airtable, pause=0.01), said.append)
    server.failures = {}
    assert len(written(table)) == 20
    assert write_back(registry, airtable, said.append) == Sent(40, version, 5)
    assert len(written(table)) == COUNT


def test_it_stops_while_there_is_time_to_write_down_what_was_done(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    start = len(server.asked)
    with pytest.raises(Unreachable, match="the time for talking to Airtable is over; the rest follows"):
        write_back(registry, airtable, said.append, lambda: 100.0 if len(server.asked) < start + 3 else 10.0)
    assert len(written(table)) == 20
    assert write_back(registry, airtable, said.append).written == 40


def test_a_training_that_is_asked_for_again_only_writes_the_rest(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a queue does it with what ran out of time: that is the only one who would before the next pull."""
    monkeypatch.setenv("STORE", registry.store.url)
    monkeypatch.setenv("MODEL", "model")
    monkeypatch.setenv("TRAINING", json.dumps({"target": "Renewed", "id": ["Customer"], "budget": 1}))
    monkeypatch.setenv("AIRTABLE", json_of(replace(airtable, pause=0.01)))
    (dataset,) = registry.store.list("datasets/model")
    with (tmp_path / "log").open("w") as file:

        def ask() -> None:
            carry_out("message-1", lambda registry: Train(dataset), 600, "1", Log(file.fileno()))

        server.failures = dict.fromkeys(range(len(server.asked) + 4, len(server.asked) + 20), 503)
        with pytest.raises(Unreachable):
            ask()
        server.failures = {}
        ask()
        ask()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["outcome"] for line in lines if line["event"] == "training"] == ["promoted", "ignored", "ignored"]
    assert [line.get("written") for line in lines if line["event"] == "write_back"] == [None, 40, 0]
    assert "wrote 20 of 60 predictions; the next try goes on with the rest" in [line.get("text") for line in lines]
    assert len(written(table)) == COUNT


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
pull(registry, Settings("Renewed", id=("Customer",)), airtable, print)
write_back(registry, airtable, print)
"""


def test_killed_at_each_request_nothing_is_lost_and_nothing_doubled(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    """Two tables: with a row for each customer in the other one a doubled prediction would be seen, and each field."""
    sink = Table("Scores", [make_field("Customer", "singleLineText")])
    server.tables.append(sink)
    airtable = replace(airtable, predictions="Scores", create_fields=True)
    command = [sys.executable, "-c", WRITE_BACK, registry.store.url, json_of(airtable)]
    deaths, fatalities = 0, set()
    for number in range(1, 20):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            fatal = len(server.asked) + number
            server.hook = lambda asked, pid=process.pid, fatal=fatal: (  # type: ignore[misc]
                os.kill(pid, signal.SIGKILL) if asked == fatal else None
            )
            process.communicate(timeout=60)
        if process.returncode == 0:
            break
        deaths += 1
        assert process.returncode == -signal.SIGKILL
        fatalities.add(server.asked[fatal - 1][1].rpartition("/")[2])
    assert deaths > 5
    assert fatalities >= {"tables", "fields", sink.id}
    assert [field["name"] for field in sink.fields] == ["Customer", *UNUSED]
    assert len(written(sink)) == len(sink.records) == COUNT
    assert write_back(registry, airtable, said.append).written == 0
    assert not pull(registry, TRAINING, airtable, said.append).read.differs


def json_of(airtable: AirtableSettings) -> str:
    return json.dumps(asdict(airtable))


def another(table: Table, kind: str = "singleLineText", **options: Any) -> Table:
    """One for predictions alone, whose key is of such a kind."""
    return Table("Scores", [make_field("Customer", kind, **options), *table.fields[5:9]])


def test_another_table_gets_a_row_for_each_key(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    sink = another(table)
    mine = sink.add({"Customer": "C3"})
    server.tables.append(sink)
    airtable = replace(airtable, predictions="Scores")

    assert write_back(registry, airtable, said.append).written == COUNT

    assert len(sink.records) == COUNT
    assert mine.fields["Prediction"] in ("yes", "no")
    first, second, *_ = table.records.values()
    table.write(first, {"Customer": second.fields["Customer"], "Spend": 99})
    pull(registry, TRAINING, airtable, said.append)
    with pytest.raises(Refused, match=r"airtable.key is 'Customer', of which two records of 'Customers' have 'C1'"):
        write_back(registry, airtable, said.append)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("7", "C0", r"'Customer' of Airtable, which airtable.key names, is a number .*, and 'C0' is no number"),
        ("7", "nan", "and 'nan' is no number"),
        ("1", "01", r"airtable.key is 'Customer', of which two records of 'Customers' have 1.0; it must"),
    ],
)
def test_keys_that_are_no_numbers_of_their_own_go_into_no_number(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    said: list[str],
    first: str,
    second: str,
    words: str,
) -> None:
    server.tables.append(another(table, "number", precision=0))
    for number, record in enumerate(table.records.values(), 100):
        table.write(record, {"Customer": {100: first, 101: second}.get(number, str(number))})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, said.append)
    with pytest.raises(Refused, match=words):
        write_back(registry, airtable, said.append)
    assert not server.writes()


@pytest.mark.parametrize("kind", ["email", "url", "phoneNumber", "currency", "percent", "rating", "duration"])
def test_fields_that_airtable_does_not_merge_on_are_no_keys(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    server.tables.append(another(table, kind))
    for number, record in enumerate(table.records.values()):
        table.write(record, {"Customer": str(number)})
    airtable = replace(airtable, predictions="Scores")
    with pytest.raises(Refused, match=f"'Customer' is a {kind}, by which rows can't be found: make it, or a copy"):
        pull(registry, TRAINING, airtable, said.append)
    monkeypatch.setattr(targets, "KEYS", {kind})
    pull(registry, TRAINING, airtable, said.append)
    with pytest.raises(Refused, match=f"Cannot merge on a field of the type {kind}"):
        write_back(registry, airtable, said.append)


@pytest.mark.parametrize("kind", ["multilineText", "number", "date"])
def test_fields_that_airtable_merges_on_are_keys(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    said: list[str],
    kind: str,
) -> None:
    server.tables.append(another(table, kind))
    for number, record in enumerate(table.records.values()):
        table.write(record, {"Customer": f"{2000 + number}-01-01" if kind == "date" else str(number)})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, said.append)
    for _ in range(2):
        write_back(registry, airtable, said.append)
    assert len(server.tables[1].records) == COUNT


def test_records_without_a_key_are_told_of_and_cost_nothing(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    server.tables.append(another(table))
    for record in list(table.records.values())[:3]:
        table.write(record, {"Customer": None})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, said.append)
    assert write_back(registry, airtable, said.append).written == COUNT - 3
    told = "  3 records get no prediction: they have no 'Customer', which is airtable.key"
    assert told in said

    assert write_back(registry, airtable, said.append) == Sent(0, version, 0)
    assert said[-1] == told


def test_a_text_that_is_too_long_is_one_line(
    registry: Registry, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    table.write(next(iter(table.records.values())), {"Plan": "a" * 140_000})
    pull(registry, TRAINING, airtable, said.append)
    with pytest.raises(Refused, match=r"^line 2 of Airtable is no CSV: field larger than field limit \(131072\)$"):
        write_back(registry, airtable, said.append)


def test_a_record_that_was_deleted_meanwhile_stays_deleted(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    for record in list(table.records)[3:5]:
        del table.records[record]

    write_back(registry, airtable, said.append)

    assert len(written(table)) == len(table.records) == COUNT - 2
    assert write_back(registry, airtable, said.append).written == 0


def test_missing_fields_are_made_only_if_they_may_be(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    airtable = replace(airtable, label="Guess", probability="Sure", version="By", time="")
    table.fields = [field for field in table.fields if field["name"] not in UNUSED]
    with pytest.raises(Refused, match="no field 'Guess', 'Sure', 'By' to write predictions to"):
        write_back(registry, airtable, said.append)
    may = replace(airtable, create_fields=True)
    server.scopes.remove("schema.bases:write")
    with pytest.raises(Refused, match=r"the token may not do this: .* it needs the scope schema.bases:write"):
        write_back(registry, may, said.append)
    server.scopes.add("schema.bases:write")

    assert write_back(registry, may, said.append).written == COUNT

    made = {field["name"]: field["type"] for field in table.fields[-3:]}
    assert made == {"Guess": "singleLineText", "Sure": "percent", "By": "singleLineText"}
    assert not pull(registry, TRAINING, may, said.append).read.differs


@pytest.mark.parametrize("failure", ["lose", "done"])
def test_a_field_that_was_made_though_nobody_heard_is_not_made_twice(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    said: list[str],
    failure: str,
) -> None:
    airtable = replace(airtable, create_fields=True)
    table.fields = [field for field in table.fields if field["name"] not in UNUSED]
    server.failures = {len(server.asked) + 2: failure}
    with pytest.raises(Unreachable, match=r"does not answer|Airtable fails .503 .*; try again"):
        write_back(registry, airtable, said.append)
    assert write_back(registry, airtable, said.append).written == COUNT
    assert sorted(field["name"] for field in table.fields if field["name"] in UNUSED) == sorted(UNUSED)


def test_a_select_gets_new_choices_only_if_it_may(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    table.fields.append(make_field("Guess", "singleSelect", choices=["yes"]))
    airtable = replace(airtable, label="Guess")
    with pytest.raises(Refused, match="the field 'Guess' of Airtable has no choice 'no': add it"):
        write_back(registry, airtable, said.append)
    assert write_back(registry, replace(airtable, create_fields=True), said.append).written == COUNT
    assert {choice["name"] for choice in table.fields[-1]["options"]["choices"]} == {"yes", "no"}


def test_a_number_is_written_as_a_value_without_a_probability(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, said: list[str]
) -> None:
    training = briefly("Spend", id=("Customer",))
    airtable = replace(airtable, label="Expected", probability="Sure", create_fields=True)
    version = trained(registry, pull(registry, training, airtable, said.append).dataset, training)

    assert write_back(registry, airtable, said.append) == Sent(COUNT, version, 8)

    assert table.fields[-1]["type"] == "number"
    assert "Sure" not in [field["name"] for field in table.fields]
    record = next(iter(table.records.values()))
    instance = {name: record.fields.get(name) for name in ("Plan", "Member", "Renewed")}
    (answer,) = predict(load(registry, version), {"instances": [instance]}, None)
    assert record.fields["Expected"] == answer["value"] != float(format(answer["value"], ".6g"))


@pytest.mark.parametrize(("noise", "count"), [(1e-8, 0), (1e-5, COUNT)])
def test_a_value_is_written_again_only_if_more_than_noise_differs(
    registry: Registry, airtable: AirtableSettings, said: list[str], noise: float, count: int
) -> None:
    training = briefly("Spend", id=("Customer",))
    airtable = replace(airtable, label="Expected", probability="", create_fields=True)
    trained(registry, pull(registry, training, airtable, said.append).dataset, training)
    write_back(registry, airtable, said.append)
    records = Records(registry)
    records.state.written = {each: (value * (1 + noise), p) for each, (value, p) in records.state.written.items()}
    records.save()
    assert write_back(registry, airtable, said.append).written == count


def test_a_record_that_cannot_be_scored_loses_its_prediction(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    write_back(registry, airtable, said.append)
    record = next(iter(table.records.values()))
    table.write(record, {"Spend": None})  # which it never was when the model was trained
    pull(registry, TRAINING, airtable, said.append)

    assert write_back(registry, airtable, said.append).written == 1

    assert [record.fields[name] for name in ("Prediction", "Probability", "Model version")] == [None] * 3
    assert "  1 records get no prediction: Spend: a value is wanted: it was never missing in training" in said
    assert write_back(registry, airtable, said.append).written == 0


def test_predictions_of_the_past_are_no_features(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, said: list[str]
) -> None:
    write_back(registry, airtable, said.append)
    other = replace(airtable, label="Guess", probability="", version="", time="", create_fields=True)
    assert not pull(registry, TRAINING, other, said.append).read.differs


def test_without_a_version_or_a_field_nothing_is_written(
    server: FakeAirtable, airtable: AirtableSettings, said: list[str], tmp_path: Path
) -> None:
    registry = Registry(Store(str(tmp_path / "empty")), "model")
    assert write_back(registry, airtable, said.append) == Sent(0, "", 0)
    assert write_back(registry, replace(airtable, label=""), said.append) == Sent(0, "", 0)
    assert said == [
        "nothing is written back: no version serves yet",
        "nothing is written back: airtable.label is empty",
    ]
    assert not server.asked


def test_another_table_needs_a_key(registry: Registry, airtable: AirtableSettings, said: list[str]) -> None:
    with pytest.raises(Refused, match=r"airtable.predictions is another table, 'Customers': set airtable.key"):
        pull(registry, briefly("Renewed"), replace(airtable, predictions="Customers"), said.append)
