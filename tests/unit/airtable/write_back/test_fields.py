"""Fields and choices for predictions: created only if the settings allow it."""

from dataclasses import replace

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull, write_back
from function_code.errors import Refused
from function_code.registry import Registry
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.customers import PULLED_RECORDS, TRAINING
from tests.support.airtable.predictions import PREDICTION_FIELDS
from tests.support.airtable.server import FakeAirtable


def test_missing_fields_are_made_only_if_they_may_be(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    airtable = replace(airtable, label="Guess", probability="Sure", version="By", time="")
    table.fields = [field for field in table.fields if field["name"] not in PREDICTION_FIELDS]
    with pytest.raises(Refused, match="no field 'Guess', 'Sure', 'By' to write predictions to"):
        write_back(registry, airtable, lines.append)
    creating = replace(airtable, create_fields=True)
    server.scopes.remove("schema.bases:write")
    with pytest.raises(Refused, match=r"the token may not do this: .* it needs the scope schema.bases:write"):
        write_back(registry, creating, lines.append)
    server.scopes.add("schema.bases:write")

    assert write_back(registry, creating, lines.append).written == PULLED_RECORDS

    created = {field["name"]: field["type"] for field in table.fields[-3:]}
    assert created == {"Guess": "singleLineText", "Sure": "percent", "By": "singleLineText"}
    assert not pull(registry, TRAINING, creating, lines.append).read.differs


def test_a_select_gets_new_choices_only_if_it_may(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    table.fields.append(make_field("Guess", "singleSelect", choices=["yes"]))
    airtable = replace(airtable, label="Guess")
    with pytest.raises(Refused, match="the field 'Guess' of Airtable has no choice 'no': add it"):
        write_back(registry, airtable, lines.append)
    assert write_back(registry, replace(airtable, create_fields=True), lines.append).written == PULLED_RECORDS
    assert {choice["name"] for choice in table.fields[-1]["options"]["choices"]} == {"yes", "no"}
