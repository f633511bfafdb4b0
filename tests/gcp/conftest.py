"""Functions as Google runs them, and the bucket they share."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from components.gcp.source_package import ENTRY_POINTS
from function_code.registry import Registry
from function_code.store import Store
from tests.support.cloud_project import GcpProject
from tests.support.fault_proxy import Front, fronting
from tests.support.gcp import archives
from tests.support.gcp.cloud_storage import DENIED, serving
from tests.support.gcp.runtime import URL, Function, Start, environment_of

if sys.platform != "linux":
    collect_ignore_glob = ["test_*"]  # Google's framework has its production server on Linux alone


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Folders that Google's builder makes of the archives, by entry point."""
    home = tmp_path_factory.mktemp("built")
    return {ENTRY_POINTS[package]: archives.built(package, home / package) for package in ENTRY_POINTS}


@pytest.fixture
def front() -> Iterator[Front]:
    with serving() as address, fronting(address, DENIED) as storage_front:
        yield storage_front


@pytest.fixture
def registry(front: Front) -> Registry:
    """The registry in the bucket, as a user's machine opens it."""
    with patch.dict(os.environ, environment_of(front)):
        return Registry(Store(URL), "model")


@pytest.fixture
def start(front: Front, built: dict[str, tuple[Path, Path]], tmp_path: Path) -> Iterator[Start]:
    """Starts a function: `start(entry_point)`, with further variables of the environment if need be."""
    numbers = count()
    with ExitStack() as stack:

        def begin(entry_point: str, **more: str) -> Function:
            environment = {**environment_of(front), "STORE": URL, "MODEL": "model", **more}
            home = tmp_path / f"function-{next(numbers)}"
            return stack.enter_context(Function(entry_point, *built[entry_point], home, environment))

        yield begin


@pytest.fixture
def project(tmp_path: Path) -> Iterator[GcpProject]:
    """A checkout with a stack that is not up yet, on a fake cloud of its own."""
    yield from GcpProject.create(tmp_path)


@pytest.fixture(scope="session")
def as_it_comes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpProject]:
    """A settled stack with the settings of the checkout. Tests may configure it, but change nothing of it."""
    for project in GcpProject.create(tmp_path_factory.mktemp("as-it-comes")):
        project.up()
        yield project


@pytest.fixture(scope="session")
def with_every_option(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpProject]:
    """A settled stack with every option on, for tests that change nothing."""
    for project in GcpProject.create(tmp_path_factory.mktemp("with-every-option")):
        project.set(project.everything)
        project.up()
        yield project
