"""What tests of several folders share."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.paths import ROOT
from tests.support.project import Project

# The fixtures of a cloud's conftest.py that files share.
CLOUD_STACKS = {"as_it_comes", "with_every_option"}
CLOUD_FOLDERS = ("tests/aws/", "tests/azure/", "tests/contract/", "tests/gcp/")


def pytest_configure() -> None:
    # Whoever is started in the background inherits a deaf ear to Ctrl-C, and hands it on to the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Puts tests that share what they set up into one group, whose tests run in one process."""
    group = _group(item)
    if group:
        item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    file, fixtures = item.nodeid.partition("::")[0], set(getattr(item, "fixturenames", ()))
    if file.startswith(("tests/local/", "tests/docs/test_readme")):
        return "stacks"  # they share the ports of this machine
    for name in fixtures & CLOUD_STACKS:
        return f"{file.rpartition('/')[0]} {name}"
    if file.startswith(CLOUD_FOLDERS) and "project" in fixtures and "settled" not in fixtures:
        return ""  # it has a stack of its own
    return file


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


@pytest.fixture
def registry(store: Store) -> Registry:
    return Registry(store, "model")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real customer tables, kept beside a checkout but not in it; REAL_DATA names another folder."""
    folder = Path(os.environ.get("REAL_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "user_data_train.csv").exists():
        pytest.skip(f"the real data is not in {folder}")
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Project]:
    """A checkout in which nothing was done yet."""
    project = Project(tmp_path)
    try:
        yield project
    finally:
        project.close()
