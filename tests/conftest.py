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


def pytest_configure() -> None:
    # Whoever is started in the background inherits a deaf ear to Ctrl-C, and hands it on to the programs under test.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests of one file share what they set up, unless they name a group; those with local stacks share the ports."""
    if item.get_closest_marker("xdist_group"):
        return
    file = item.nodeid.partition("::")[0]
    with_stacks = file.startswith(("tests/local/", "tests/docs/test_readme"))
    item.add_marker(pytest.mark.xdist_group("stacks" if with_stacks else file))


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
