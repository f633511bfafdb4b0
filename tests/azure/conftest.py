"""Function apps as Azure runs them, and the container and the queue that they share."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.azure import archives, azurite
from tests.support.azure.azurite import ACCOUNT, DENIED, Azurite, Queue
from tests.support.azure.runtime import App, Start
from tests.support.cloud_project import AzureProject
from tests.support.fault_proxy import Front, fronting

if sys.platform != "linux":
    collect_ignore_glob = ["test_*"]  # the packages are for Linux alone


@pytest.fixture(scope="session")
def python() -> str:
    return archives.python()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.library(tmp_path_factory.mktemp("worker") / "library")


@pytest.fixture(scope="session")
def serving_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.unpack_package("serving", tmp_path_factory.mktemp("packages") / "serving")


@pytest.fixture(scope="session")
def training_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.unpack_package("training", tmp_path_factory.mktemp("packages") / "training")


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with azurite.serving(tmp_path_factory.mktemp("azurite")) as azurite_services:
        yield azurite_services


numbers = count()


@pytest.fixture
def front(storage: Azurite) -> Iterator[Front]:
    with fronting(storage.blobs, DENIED) as storage_front:
        yield storage_front


@pytest.fixture
def container(storage: Azurite) -> str:
    """The name of a new container."""
    name = f"store-{next(numbers)}"
    storage.ask(storage.blobs, "PUT", f"/{name}?restype=container")
    return name


@pytest.fixture
def url(container: str) -> str:
    """The URL of the store in the container."""
    return f"https://{ACCOUNT}.blob.core.windows.net/{container}"


@pytest.fixture
def queue(storage: Azurite) -> Queue:
    return Queue(storage, f"trainings-{next(numbers)}")


@pytest.fixture
def surroundings(front: Front) -> dict[str, str]:
    """Variables of the environment by which a client reaches the container, with Azurite's well-known key."""
    return azurite.environment_of(front)


@pytest.fixture
def registry(surroundings: dict[str, str], url: str) -> Registry:
    """The registry in the container, as a user's machine opens it."""
    with patch.dict(os.environ, surroundings):
        return Registry(Store(url), "model")


@pytest.fixture
def start(
    surroundings: dict[str, str], url: str, python: str, library: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Start]:
    """Starts an app: `start(package)`, with further variables of the environment if need be."""
    with ExitStack() as stack:

        def begin(package: str, **more: str) -> App:
            home = tmp_path / f"app-{next(numbers)}"
            environment = {**surroundings, "STORE": url, "MODEL": "model", **more}
            folder: Path = request.getfixturevalue(f"{package}_package")
            return stack.enter_context(App(python, folder, library, home, environment))

        yield begin


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AzureProject]:
    """A checkout with a stack that is not up yet, on a fake cloud of its own."""
    yield from AzureProject.create(tmp_path)


@pytest.fixture(scope="session")
def as_it_comes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    """A settled stack with the settings of the checkout. Tests may configure it, but change nothing of it."""
    for project in AzureProject.create(tmp_path_factory.mktemp("as-it-comes")):
        project.up()
        yield project
