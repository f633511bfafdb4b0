"""Fixtures that tests of several folders share, and the order and the choice of the cases."""

import gc
import importlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.areas import AREAS, area_of
from tests.support.durations import recorded_seconds
from tests.support.paths import ROOT
from tests.support.project import Project

# The fixtures that files of a cloud share; those named `project` and `settled` are of a case and of a file.
CLOUD_STACKS = {"as_it_comes", "with_every_option"}
CLOUD_FOLDERS = ("tests/aws/", "tests/azure/", "tests/contract/", "tests/gcp/")


def pytest_configure() -> None:
    gc.disable()  # nothing is garbage of what is imported to collect the cases
    # A process in the background ignores Ctrl-C, and so would the programs under test, which inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Before scikit-learn is: it has its threads wait as they do in a training.
    importlib.import_module("function_code.training")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--area", choices=AREAS, help="the cases of one area alone")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Group the cases that share what they set up: one worker runs the group."""
    if not item.get_closest_marker("xdist_group") and (group := sharing(item)):
        item.add_marker(pytest.mark.xdist_group(group))
    item.user_properties += [("area", area_of_item(item)), ("group", group_of(item))]  # for tests/durations.csv


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the area, and begin with the groups that take longest, so that no worker is left alone with one."""
    area = config.getoption("--area")
    if area:
        config.hook.pytest_deselected(items=[item for item in items if area_of_item(item) != area])
        items[:] = [item for item in items if area_of_item(item) == area]
    seconds = recorded_seconds()
    items.sort(key=lambda item: -seconds.get(group_of(item), 0))


def pytest_collection_finish() -> None:
    gc.freeze()  # nor will it be: tests are looked through for their own alone
    gc.enable()


def sharing(item: pytest.Item) -> str:
    """Name of what a case shares with others: a cloud's stack or the fixtures of its file. Empty for a stack alone."""
    file, fixtures = file_of(item), set(getattr(item, "fixturenames", ()))
    stacks = fixtures & CLOUD_STACKS
    if stacks:
        return f"{file.rpartition('/')[0]} {min(stacks)}"
    is_alone = file.startswith(CLOUD_FOLDERS) and "project" in fixtures and "settled" not in fixtures
    return "" if is_alone else file


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def group_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("xdist_group")
    return str(mark.args[0]) if mark else file_of(item)


def area_of_item(item: pytest.Item) -> str:
    return area_of(file_of(item), {mark.name for mark in item.iter_markers()})


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
