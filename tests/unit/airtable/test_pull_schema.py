"""Pulling a table: fields that are no features, and names that are not there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull
from function_code.errors import Refused
from function_code.registry import Registry
from tests.support.airtable.base import make_field
from tests.support.airtable.customers import TRAINING, customers, settings_for
from tests.support.airtable.datasets import dataset_rows, stored_objects
from tests.support.airtable.server import FakeAirtable, serving


def test_what_is_computed_from_predictions_is_no_feature(registry: Registry, tmp_path: Path, lines: list[str]) -> None:
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
        outcome = pull(registry, TRAINING, settings_for(server, tmp_path), lines.append)
        assert list(dataset_rows(registry, outcome.dataset)[0])[-1] == "Fine"
        with pytest.raises(Refused, match=r"airtable.fields names the field 'Echo' .* is computed from what we write"):
            pull(registry, TRAINING, settings_for(server, tmp_path, fields=["Echo"]), lines.append)


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
    registry: Registry, airtable: AirtableSettings, lines: list[str], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        pull(registry, TRAINING, replace(airtable, **change), lines.append)
    assert "\n" not in str(refused.value)
    assert not stored_objects(registry)


def test_a_renamed_field_and_table_are_recognised(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    pull(registry, TRAINING, airtable, lines.append)
    table = server.tables[0]
    table.find("Renewed")["name"] = "Stayed"
    with pytest.raises(Refused, match="no field 'Renewed', which target names; it is called 'Stayed' now"):
        pull(registry, TRAINING, airtable, lines.append)
    table.name = "Clients"
    with pytest.raises(Refused, match=r"no table 'Customers', .*; it is called 'Clients' now"):
        pull(registry, TRAINING, airtable, lines.append)
