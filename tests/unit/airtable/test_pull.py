"""Pulls of a table: what becomes of its cells, and when there is a new dataset."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import kinds_of
from function_code.airtable.sync import look, pull
from function_code.registry import Registry
from tests.support.airtable.base import Table
from tests.support.airtable.customers import TRAINING, trained
from tests.support.airtable.datasets import dataset_rows, stored_objects
from tests.support.airtable.server import FakeAirtable


def test_a_table_becomes_a_dataset_that_trains(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    outcome = pull(registry, TRAINING, airtable, lines.append)

    assert (outcome.new, outcome.read.records, outcome.read.changed) == (True, 240, 240)
    rows = dataset_rows(registry, outcome.dataset)
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
    assert lines[0] == "reading 'Customers': up to 50,000 records, 500 requests at the most"
    assert lines[-1] == "240 records, 240 of them new or changed, 0 gone; 4 requests"


def test_nothing_is_written_if_nothing_changed(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    first = pull(registry, TRAINING, airtable, lines.append)
    before = stored_objects(registry)

    outcome = pull(registry, TRAINING, airtable, lines.append)

    assert stored_objects(registry) == before
    assert (outcome.new, outcome.dataset) == (False, first.dataset)
    assert not outcome.read.differs
    assert "reading 'Customers': some 240 records, 3 requests" in lines


def test_few_changes_make_no_dataset_and_many_do(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    first, table = pull(registry, TRAINING, airtable, lines.append), server.tables[0]
    records = list(table.records.values())
    for record in records[:10]:
        table.write(record, {"Spend": 3.5})
    few = pull(registry, TRAINING, airtable, lines.append)
    del table.records[records[-1].id]
    for record in records[10:23]:
        table.write(record, {"Spend": 3.5})
    enough = pull(registry, TRAINING, airtable, lines.append)

    assert (few.new, few.read.changed, few.dataset) == (False, 10, first.dataset)
    assert (enough.new, enough.read.changed, enough.read.removed) == (True, 13, 1)
    assert [row["Spend"] for row in dataset_rows(registry, enough.dataset)].count("3.5") == 23
    assert len(dataset_rows(registry, enough.dataset)) == 239
    assert {first.dataset, enough.dataset} == set(registry.store.list("datasets"))


@pytest.mark.parametrize(
    "other",
    [{"target": "Plan"}, {"ids": ()}, {"framework": "pytorch"}, {"budget": 9.0}, {"objective": "f1"}],
    ids=lambda other: next(iter(other)),
)
def test_another_training_gets_a_dataset_of_its_own(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str], other: dict[str, Any]
) -> None:
    for record in list(server.tables[0].records.values())[:40]:
        server.tables[0].write(record, {"Renewed": None})
    first = pull(registry, TRAINING, airtable, lines.append)
    registry.store.put("datasets/model/another.csv", b"")
    training = replace(TRAINING, **other)

    outcome = pull(registry, training, airtable, lines.append)

    assert (outcome.new, outcome.read.differs) == (True, False)
    assert registry.store.newest("datasets/model") == outcome.dataset  # its arrival is what trains in a cloud
    rows = dataset_rows(registry, outcome.dataset)
    assert all(row[training.target] for row in rows)
    assert (len(rows) == 200) == (training.target == "Renewed") == (outcome.dataset == first.dataset)
    assert not pull(registry, training, airtable, lines.append).new


def test_other_code_trains_again(registry: Registry, airtable: AirtableSettings, lines: list[str]) -> None:
    assert [pull(registry, TRAINING, airtable, lines.append, code=code).new for code in ("a", "a", "b")] == [
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
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    first, table = pull(registry, TRAINING, airtable, lines.append), server.tables[0]
    with spending(table, 30):
        second = pull(registry, TRAINING, airtable, lines.append)

    third = pull(registry, TRAINING, airtable, lines.append)

    assert (second.new, third.new) == (True, True)
    assert third.dataset == first.dataset == registry.store.newest("datasets/model")


def test_what_was_changed_back_before_a_training_asks_for_none(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    """Were it called new, a cloud would wait for a training before it writes predictions back."""
    first, table = pull(registry, TRAINING, airtable, lines.append), server.tables[0]
    with spending(table, 20):
        assert not pull(registry, TRAINING, airtable, lines.append).new
    for _ in range(10):
        table.add({"Customer": "C999", "Spend": 7}, 4e9)  # without a target

    outcome = pull(registry, TRAINING, airtable, lines.append)

    assert (outcome.new, outcome.dataset, outcome.read.changed) == (False, first.dataset, 30)


def test_a_look_writes_nothing(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    assert look(registry, TRAINING, airtable, lines.append).changed == 240
    assert not stored_objects(registry)


def test_rows_without_a_target_are_kept_for_scoring_alone(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    table = server.tables[0]
    for record in list(table.records.values())[:40]:
        table.write(record, {"Renewed": None})

    outcome = pull(registry, TRAINING, airtable, lines.append)

    assert outcome.read.records == 240
    assert len(dataset_rows(registry, outcome.dataset)) == 200


def test_a_dataset_that_is_gone_is_written_again(
    registry: Registry, airtable: AirtableSettings, lines: list[str], tmp_path: Path
) -> None:
    first = pull(registry, TRAINING, airtable, lines.append)
    (tmp_path / "store" / first.dataset).unlink()
    outcome = pull(registry, TRAINING, airtable, lines.append)
    assert (outcome.dataset, outcome.new) == (first.dataset, True)
    assert not outcome.read.differs
