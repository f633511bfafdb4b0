"""Pulling a table: the records that are read, and read again."""

import json
from dataclasses import replace

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull
from function_code.errors import Refused
from function_code.registry import Registry
from tests.support.airtable.customers import TRAINING
from tests.support.airtable.datasets import dataset_rows, stored_objects
from tests.support.airtable.server import FakeAirtable


def test_with_a_time_of_modification_only_what_changed_is_read(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified"), server.tables[0]
    pull(registry, TRAINING, airtable, lines.append)
    records = list(table.records.values())
    table.write(records[0], {"Spend": 1.25})
    table.write(records[1], {"Prediction": "yes"})  # which is not what the field watches
    table.add({"Customer": "C240", "Spend": 7}, 4_000_000_000)
    del table.records[records[2].id]
    requests = len(server.requests)

    outcome = pull(registry, TRAINING, airtable, lines.append)

    assert (outcome.read.records, outcome.read.changed, outcome.read.removed) == (241, 2, 0)
    listing = [content for _, path, content in server.requests[requests:] if "meta" not in path]
    assert len(listing) == 1
    assert listing[0]["filterByFormula"].startswith("OR(IS_AFTER({Modified}, ")
    later = pull(registry, TRAINING, replace(airtable, full_days=0), lines.append)
    assert (later.read.records, later.read.removed) == (240, 1)


def test_another_choice_of_fields_reads_everything(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    airtable = replace(airtable, modified="Modified")
    pull(registry, TRAINING, airtable, lines.append)

    outcome = pull(registry, TRAINING, replace(airtable, fields=("Spend",)), lines.append)

    assert (outcome.new, outcome.read.changed) == (True, 240)
    assert list(dataset_rows(registry, outcome.dataset)[0]) == ["Customer", "Spend", "Renewed"]


def test_a_view_and_a_cap_say_how_much_is_read(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    server.tables[0].views["Active"] = set(list(server.tables[0].records)[:200])
    with pytest.raises(Refused, match=r"'Customers' has more records than airtable.cap, which is 200; nothing was"):
        pull(registry, TRAINING, replace(airtable, cap=200), lines.append)
    assert not stored_objects(registry)

    assert pull(registry, TRAINING, replace(airtable, cap=200, view="Active"), lines.append).read.records == 200
    requests, before = len(server.requests), stored_objects(registry)
    with pytest.raises(Refused, match=r"has more records than airtable.cap, which is 150"):
        pull(registry, TRAINING, replace(airtable, cap=150, view="Active"), lines.append)
    assert len(server.requests) == requests + 3  # the schema, and as much as it takes to know
    assert stored_objects(registry) == before


def test_records_that_come_one_by_one_do_not_pass_the_cap(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified", cap=245), server.tables[0]
    pull(registry, TRAINING, airtable, lines.append)
    for number in range(240, 250):
        table.add({"Customer": f"C{number}", "Spend": 7}, 4e9)
    before = stored_objects(registry)
    with pytest.raises(Refused, match=r"has more records than airtable.cap, which is 245; nothing was written"):
        pull(registry, TRAINING, airtable, lines.append)
    assert stored_objects(registry) == before

    for record in list(table.records)[:10]:
        del table.records[record]

    outcome = pull(registry, TRAINING, airtable, lines.append)
    assert (outcome.read.records, outcome.read.removed) == (240, 10)


def test_a_cap_below_what_is_known_asks_how_many_are_left(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    airtable, table = replace(airtable, modified="Modified"), server.tables[0]
    pull(registry, TRAINING, airtable, lines.append)
    for record in list(table.records)[:100]:
        del table.records[record]
    assert pull(registry, TRAINING, replace(airtable, cap=150), lines.append).read.records == 140


def test_the_clock_is_airtables(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    """Ours may be minutes fast, and then what is changed within these would never be read."""
    airtable = replace(airtable, modified="Modified")
    server.clock = lambda: 1_750_000_000.0
    pull(registry, TRAINING, airtable, lines.append)
    pull(registry, TRAINING, airtable, lines.append)
    assert "DATETIME_PARSE('2025-06-15T15:04:40.000Z')" in server.requests[-1][2]["filterByFormula"]


def test_a_state_of_another_release_is_refused(
    registry: Registry, airtable: AirtableSettings, lines: list[str]
) -> None:
    registry.store.put("airtable/model/records.json.gz", json.dumps({"format": 9}).encode())
    with pytest.raises(Refused, match=r"records.json.gz in .* remove it, and all is read again"):
        pull(registry, TRAINING, airtable, lines.append)
