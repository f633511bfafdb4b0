import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.airtable.base import Table
from tests.support.airtable.customers import Pulled


@pytest.fixture
def table(copied: Pulled) -> Table:
    return copied[0]


@pytest.fixture
def registry(copied: Pulled) -> Registry:
    return Registry(Store(str(copied[1])), "model")


@pytest.fixture
def version(registry: Registry) -> str:
    """The version that serves, trained on the pulled dataset."""
    (version,) = registry.versions()
    return version
