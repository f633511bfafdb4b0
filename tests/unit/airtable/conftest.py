import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.sync import pull
from function_code.registry import Registry
from function_code.store import Store
from tests.support.airtable.base import Table
from tests.support.airtable.customers import PULLED_RECORDS, TRAINING, Pulled, customers, settings_for, trained
from tests.support.airtable.server import FakeAirtable, serving


@pytest.fixture
def table() -> Table:
    """240 customers."""
    return customers(240)


@pytest.fixture
def server(table: Table) -> Iterator[FakeAirtable]:
    """Airtable with that table."""
    with serving([table]) as server:
        yield server


@pytest.fixture
def airtable(server: FakeAirtable, tmp_path: Path) -> AirtableSettings:
    return settings_for(server, tmp_path)


@pytest.fixture
def lines() -> list[str]:
    """The lines of progress; its `append` is the callback."""
    return []


@pytest.fixture(scope="session")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    """A table of 60 customers, and a store with what was pulled of it and a version trained on that; to be copied."""
    table, place = customers(PULLED_RECORDS), tmp_path_factory.mktemp("pulled")
    registry = Registry(Store(str(place / "store")), "model")
    with serving([table]) as server:
        outcome = pull(registry, TRAINING, settings_for(server, place), lambda line: None)
    trained(registry, outcome.dataset)
    return table, place / "store"


@pytest.fixture
def copied(pulled: Pulled, tmp_path: Path) -> Pulled:
    """A copy of `pulled`, for one test to change."""
    shutil.copytree(pulled[1], tmp_path / "store")
    return deepcopy(pulled[0]), tmp_path / "store"
