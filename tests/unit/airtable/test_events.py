"""Airtable and recommendations from events: a table of records is no file of events, and neither is done by halves."""

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import look, pull, write_back
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.settings import Settings
from tests.support import factories
from tests.support.airtable.datasets import stored_objects
from tests.support.airtable.server import FakeAirtable


def test_events_are_not_read_from_airtable(registry: Registry, airtable: AirtableSettings, lines: list[str]) -> None:
    training = Settings(user="Customer", item="Plan", when="Since")
    for act in (pull, look):
        with pytest.raises(Refused, match="learned from a file, not from Airtable"):
            act(registry, training, airtable, lines.append)
    assert not stored_objects(registry)


def test_a_recommender_writes_nothing_back(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, lines: list[str]
) -> None:
    version = factories.publish(registry, factories.SHOP)
    registry.promote(version)
    assert write_back(registry, airtable, lines.append).written == 0
    assert lines == [f"nothing is written back: version {version} recommends to users, not for each record"]
