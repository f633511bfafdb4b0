"""Predictions in another table, whose rows are found by a key."""

from dataclasses import replace

import pytest

from function_code.airtable import targets
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import WriteBackResult, pull, write_back
from function_code.errors import Refused
from function_code.registry import Registry
from tests.support.airtable.base import Table
from tests.support.airtable.customers import PULLED_RECORDS, TRAINING
from tests.support.airtable.predictions import scores_table
from tests.support.airtable.server import FakeAirtable
from tests.support.tables import briefly


def test_another_table_gets_a_row_for_each_key(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    sink = scores_table(table)
    mine = sink.add({"Customer": "C3"})
    server.tables.append(sink)
    airtable = replace(airtable, predictions="Scores")

    assert write_back(registry, airtable, lines.append).written == PULLED_RECORDS

    assert len(sink.records) == PULLED_RECORDS
    assert mine.fields["Prediction"] in ("yes", "no")
    first, second, *_ = table.records.values()
    table.write(first, {"Customer": second.fields["Customer"], "Spend": 99})
    pull(registry, TRAINING, airtable, lines.append)
    with pytest.raises(Refused, match=r"airtable.key is 'Customer', of which two records of 'Customers' have 'C1'"):
        write_back(registry, airtable, lines.append)


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
    lines: list[str],
    first: str,
    second: str,
    words: str,
) -> None:
    server.tables.append(scores_table(table, "number", precision=0))
    for number, record in enumerate(table.records.values(), 100):
        table.write(record, {"Customer": {100: first, 101: second}.get(number, str(number))})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, lines.append)
    with pytest.raises(Refused, match=words):
        write_back(registry, airtable, lines.append)
    assert not server.writes()


@pytest.mark.parametrize("kind", ["email", "url", "phoneNumber", "currency", "percent", "rating", "duration"])
def test_fields_that_airtable_does_not_merge_on_are_no_keys(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    server.tables.append(scores_table(table, kind))
    for number, record in enumerate(table.records.values()):
        table.write(record, {"Customer": str(number)})
    airtable = replace(airtable, predictions="Scores")
    with pytest.raises(Refused, match=f"'Customer' is a {kind}, by which rows can't be found: make it, or a copy"):
        pull(registry, TRAINING, airtable, lines.append)
    monkeypatch.setattr(targets, "KEY_TYPES", {kind})
    pull(registry, TRAINING, airtable, lines.append)
    with pytest.raises(Refused, match=f"Cannot merge on a field of the type {kind}"):
        write_back(registry, airtable, lines.append)


@pytest.mark.parametrize("kind", ["multilineText", "number", "date"])
def test_fields_that_airtable_merges_on_are_keys(
    registry: Registry,
    server: FakeAirtable,
    table: Table,
    airtable: AirtableSettings,
    version: str,
    lines: list[str],
    kind: str,
) -> None:
    server.tables.append(scores_table(table, kind))
    for number, record in enumerate(table.records.values()):
        table.write(record, {"Customer": f"{2000 + number}-01-01" if kind == "date" else str(number)})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, lines.append)
    for _ in range(2):
        write_back(registry, airtable, lines.append)
    assert len(server.tables[1].records) == PULLED_RECORDS


def test_records_without_a_key_are_told_of_and_cost_nothing(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    server.tables.append(scores_table(table))
    for record in list(table.records.values())[:3]:
        table.write(record, {"Customer": None})
    airtable = replace(airtable, predictions="Scores")
    pull(registry, TRAINING, airtable, lines.append)
    assert write_back(registry, airtable, lines.append).written == PULLED_RECORDS - 3
    warning = "  3 records get no prediction: they have no 'Customer', which is airtable.key"
    assert warning in lines

    assert write_back(registry, airtable, lines.append) == WriteBackResult(0, version, 0)
    assert lines[-1] == warning


def test_another_table_needs_a_key(registry: Registry, airtable: AirtableSettings, lines: list[str]) -> None:
    with pytest.raises(Refused, match=r"airtable.predictions is another table, 'Customers': set airtable.key"):
        pull(registry, briefly("Renewed"), replace(airtable, predictions="Customers"), lines.append)
