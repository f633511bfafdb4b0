"""Pulling a table: what becomes of its cells, when there is a dataset, and what is read again."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import kinds_of
from function_code.airtable.sync import look, pull
from function_code.errors import Refused
from function_code.registry import Registry
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.customers import TRAINING, customers, settings_for, trained
from tests.support.airtable.server import FakeAirtable, serving


def rows_of(registry: Registry, key: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(registry.store.get(key).decode())))


def objects(registry: Registry) -> dict[str, bytes]:
    return {key: registry.store.get(key) for key in registry.store.list("")}


def test_a_table_becomes_a_dataset_that_trains(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    outcome = pull(registry, TRAINING, airtable, said.append)

    assert (outcome.new, outcome.read.records, outcome.read.changed) == (True, 240, 240)
    rows = rows_of(registry, outcome.dataset)
    assert len(rows) == 240
    assert list(rows[0]) == ["Customer", "Plan", "Spend", "Member", "Renewed"]
    assert {row["Member"] for row in rows} == {"true", "false"}
    assert "" in {row["Plan"] for row in rows}
    assert kinds_of(registry, outcome.dataset) == {
        "Customer": "id",
        "Plan": "category",
        "Spend": "number",
        "Member": "boolean",
        "Renewed": "category",
    }
    assert registry.manifest(trained(registry, outcome.dataset))["dataset"]["rows"] == 240
    assert said[0] == "reading 'Customers': up to 50,000 records, 500 requests at the most"
    assert said[-1] == "240 records, 240 of them new or changed, 0 gone; 4 requests"


def test_nothing_is_written_if_nothing_changed(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    first = pull(registry, TRAINING, airtable, said.append)
    before = objects(registry)

    outcome = pull(registry, TRAINING, airtable, said.append)

    assert objects(registry) == before
    assert (outcome.new, outcome.dataset) == (False, first.dataset)
    assert not outcome.read.differs
    assert "reading 'Customers': some 240 records, 3 requests" in said


def test_few_changes_make_no_dataset_and_many_do(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    first, table = pull(registry, TRAINING, airtable, said.append), server.tables[0]
    records = list(table.records.values())
    for record in records[:10]:
        table.write(record, {"Spend": 3.5})
    few = pull(registry, TRAINING, airtable, said.append)
    del table.records[records[-1].id]
    for record in records[10:23]:
        table.write(record, {"Spend": 3.5})
    many = pull(registry, TRAINING, airtable, said.append)

    assert (few.new, few.read.changed, few.dataset) == (False, 10, first.dataset)
    assert (many.new, many.read.changed, many.read.removed) == (True, 13, 1)
    assert [row["Spend"] for row in rows_of(registry, many.dataset)].count("3.5") == 23
    assert len(rows_of(registry, many.dataset)) == 239
    assert {first.dataset, many.dataset} == set(registry.store.list("datasets"))


@pytest.mark.parametrize(
    "other",
    [{"target": "Plan"}, {"id": ()}, {"framework": "pytorch"}, {"budget": 9.0}, {"objective": "f1"}],
    ids=lambda other: next(iter(other)),
)
def test_another_training_gets_a_dataset_of_its_own(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str], other: dict[str, Any]
) -> None:
    for record in list(server.tables[0].records.values())[:40]:
        server.tables[0].write(record, {"Renewed": None})
    first = pull(registry, TRAINING, airtable, said.append)
    registry.store.put("datasets/model/another.csv", b"")
    training = replace(TRAINING, **other)

    outcome = pull(registry, training, airtable, said.append)

    assert (outcome.new, outcome.read.differs) == (True, False)
    assert registry.store.newest("datasets/model") == outcome.dataset  # its arrival is what trains in a cloud
    rows = rows_of(registry, outcome.dataset)
    assert all(row[training.target] for row in rows)
    assert (len(rows) == 200) == (training.target == "Renewed") == (outcome.dataset == first.dataset)
    assert not pull(registry, training, airtable, said.append).new


def test_other_code_trains_again(registry: Registry, airtable: AirtableSettings, said: list[str]) -> None:
    assert [pull(registry, TRAINING, airtable, said.append, code=code).new for code in ("a", "a", "b")] == [
        True,
        False,
        True,
    ]


@contextmanager
def spending(table: Table, count: int) -> Iterator[None]:
    """So many records have another value for a while."""
    records = list(table.records.values())[:count]
    before = [record.fields["Spend"] for record in records]
    for record in records:
        table.write(record, {"Spend": 3.5})
    yield
    for record, spend in zip(records, before, strict=True):
        table.write(record, {"Spend": spend})


def test_a_table_that_is_as_it_was_once_is_trained_on_again(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    first, table = pull(registry, TRAINING, airtable, said.append), server.tables[0]
    with spending(table, 30):
        second = pull(registry, TRAINING, airtable, said.append)

    third = pull(registry, TRAINING, airtable, said.append)

    assert (second.new, third.new) == (True, True)
    assert third.dataset == first.dataset == registry.store.newest("datasets/model")


def test_what_was_changed_back_before_a_training_asks_for_none(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    """Were it called new, a cloud would wait for a training before it writes predictions back."""
    first, table = pull(registry, TRAINING, airtable, said.append), server.tables[0]
    with spending(table, 20):
        assert not pull(registry, TRAINING, airtable, said.append).new
    for _ in range(10):
        table.add({"Customer": "C999", "Spend": 7}, 4e9)  # without a target

    outcome = pull(registry, TRAINING, airtable, said.append)

    assert (outcome.new, outcome.dataset, outcome.read.changed) == (False, first.dataset, 30)


def test_with_a_time_of_modification_only_what_changed_is_read(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified"), server.tables[0]
    pull(registry, TRAINING, airtable, said.append)
    records = list(table.records.values())
    table.write(records[0], {"Spend": 1.25})
    table.write(records[1], {"Prediction": "yes"})  # which is not what the field watches
    table.add({"Customer": "C240", "Spend": 7}, 4_000_000_000)
    del table.records[records[2].id]
    asked = len(server.asked)

    outcome = pull(registry, TRAINING, airtable, said.append)

    assert (outcome.read.records, outcome.read.changed, outcome.read.removed) == (241, 2, 0)
    listing = [content for _, path, content in server.asked[asked:] if "meta" not in path]
    assert len(listing) == 1
    assert listing[0]["filterByFormula"].startswith("OR(IS_AFTER({Modified}, ")
    later = pull(registry, TRAINING, replace(airtable, full_days=0), said.append)
    assert (later.read.records, later.read.removed) == (240, 1)


def test_another_choice_of_fields_reads_everything(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    airtable = replace(airtable, modified="Modified")
    pull(registry, TRAINING, airtable, said.append)

    outcome = pull(registry, TRAINING, replace(airtable, fields=("Spend",)), said.append)

    assert (outcome.new, outcome.read.changed) == (True, 240)
    assert list(rows_of(registry, outcome.dataset)[0]) == ["Customer", "Spend", "Renewed"]


def test_a_view_and_a_cap_say_how_much_is_read(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    server.tables[0].views["Active"] = set(list(server.tables[0].records)[:200])
    with pytest.raises(Refused, match=r"'Customers' has more records than airtable.cap, which is 200; nothing was"):
        pull(registry, TRAINING, replace(airtable, cap=200), said.append)
    assert not objects(registry)

    assert pull(registry, TRAINING, replace(airtable, cap=200, view="Active"), said.append).read.records == 200
    asked, before = len(server.asked), objects(registry)
    with pytest.raises(Refused, match=r"has more records than airtable.cap, which is 150"):
        pull(registry, TRAINING, replace(airtable, cap=150, view="Active"), said.append)
    assert len(server.asked) == asked + 3  # the schema, and as much as it takes to know
    assert objects(registry) == before


def test_records_that_come_one_by_one_do_not_pass_the_cap(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified", cap=245), server.tables[0]
    pull(registry, TRAINING, airtable, said.append)
    for number in range(240, 250):
        table.add({"Customer": f"C{number}", "Spend": 7}, 4e9)
    before = objects(registry)
    with pytest.raises(Refused, match=r"has more records than airtable.cap, which is 245; nothing was written"):
        pull(registry, TRAINING, airtable, said.append)
    assert objects(registry) == before

    for record in list(table.records)[:10]:
        del table.records[record]

    outcome = pull(registry, TRAINING, airtable, said.append)
    assert (outcome.read.records, outcome.read.removed) == (240, 10)


def test_a_cap_below_what_is_known_asks_how_many_are_left(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified"), server.tables[0]
    pull(registry, TRAINING, airtable, said.append)
    for record in list(table.records)[:100]:
        del table.records[record]
    assert pull(registry, TRAINING, replace(airtable, cap=150), said.append).read.records == 140


def test_what_is_computed_from_predictions_is_no_feature(registry: Registry, tmp_path: Path, said: list[str]) -> None:
    table = customers(30)
    prediction = table.find("Prediction")["id"]
    text = {"type": "singleLineText"}
    shout = make_field("Shout", "formula", isValid=True, formula="x", referencedFieldIds=[prediction], result=text)
    echo = make_field("Echo", "formula", isValid=True, formula="y", referencedFieldIds=[shout["id"]], result=text)
    when = make_field("When", "formula", isValid=True, formula="LAST_MODIFIED_TIME()", result={"type": "dateTime"})
    fine = make_field("Fine", "formula", isValid=True, formula="z", referencedFieldIds=[], result={"type": "number"})
    who = make_field("Who", "lastModifiedBy")
    table.fields += [shout, echo, when, fine, who]
    with serving([table]) as server:
        outcome = pull(registry, TRAINING, settings_for(server, tmp_path), said.append)
        assert list(rows_of(registry, outcome.dataset)[0])[-1] == "Fine"
        with pytest.raises(Refused, match=r"airtable.fields names the field 'Echo' .* is computed from what we write"):
            pull(registry, TRAINING, settings_for(server, tmp_path, fields=["Echo"]), said.append)


def test_a_look_writes_nothing(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    assert look(registry, TRAINING, airtable, said.append).changed == 240
    assert not objects(registry)


def test_rows_without_a_target_are_kept_for_scoring_alone(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    table = server.tables[0]
    for record in list(table.records.values())[:40]:
        table.write(record, {"Renewed": None})

    outcome = pull(registry, TRAINING, airtable, said.append)

    assert outcome.read.records == 240
    assert len(rows_of(registry, outcome.dataset)) == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"table": "Custmers"}, r"base appFAKE0000000000 has no table 'Custmers', .*; did you mean 'Customers'\?"),
        ({"fields": ("Spent",)}, r"has no field 'Spent', which airtable.fields names; did you mean 'Spend'\?"),
        ({"modified": "Spend"}, "airtable.modified names the field 'Spend', which is a currency"),
        ({"label": "Guess"}, r"'Customers' has no field 'Guess' to write predictions to: add it, .*create_fields"),
        ({"label": "Member", "probability": "Plan"}, "'Plan' is a singleSelect, which airtable.probability can't be"),
        ({"view": "Nope"}, "Airtable refuses: VIEW_NAME_NOT_FOUND View Nope not found"),
        ({"predictions": "Customers", "key": "Member"}, "'Member' is a checkbox, by which rows can't be found: make"),
    ],
)
def test_what_is_not_there_is_named(
    registry: Registry, airtable: AirtableSettings, said: list[str], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        pull(registry, TRAINING, replace(airtable, **change), said.append)
    assert "\n" not in str(refused.value)
    assert not objects(registry)


def test_a_renamed_field_and_table_are_recognised(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    pull(registry, TRAINING, airtable, said.append)
    table = server.tables[0]
    table.find("Renewed")["name"] = "Stayed"
    with pytest.raises(Refused, match="no field 'Renewed', which target names; it is called 'Stayed' now"):
        pull(registry, TRAINING, airtable, said.append)
    table.name = "Clients"
    with pytest.raises(Refused, match=r"no table 'Customers', .*; it is called 'Clients' now"):
        pull(registry, TRAINING, airtable, said.append)


def test_a_dataset_that_is_gone_is_written_again(
    registry: Registry, airtable: AirtableSettings, said: list[str], tmp_path: Path
) -> None:
    first = pull(registry, TRAINING, airtable, said.append)
    (tmp_path / "store" / first.dataset).unlink()
    outcome = pull(registry, TRAINING, airtable, said.append)
    assert (outcome.dataset, outcome.new) == (first.dataset, True)
    assert not outcome.read.differs


def test_the_clock_is_airtables(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, said: list[str]
) -> None:
    """Ours may be minutes fast, and then what is changed within these would never be read."""
    airtable = replace(airtable, modified="Modified")
    server.clock = lambda: 1_750_000_000.0
    pull(registry, TRAINING, airtable, said.append)
    pull(registry, TRAINING, airtable, said.append)
    assert "DATETIME_PARSE('2025-06-15T15:04:40.000Z')" in server.asked[-1][2]["filterByFormula"]


def test_a_state_of_another_release_is_refused(registry: Registry, airtable: AirtableSettings, said: list[str]) -> None:
    registry.store.put("airtable/model/records.json.gz", json.dumps({"format": 9}).encode())
    with pytest.raises(Refused, match=r"records.json.gz in .* remove it, and all is read again"):
        pull(registry, TRAINING, airtable, said.append)
