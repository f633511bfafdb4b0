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
from tests.support.azure.azurite import ACCOUNT, Azurite, Queue
from tests.support.azure.runtime import App, Start
from tests.support.cloud_project import AzureProject
from tests.support.fault_proxy import Front, fronting

# As Blob Storage answers to somebody who may not, or not any more; its XML begins with a mark of the order of bytes.
DENIED = (
    403,
    (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthorizationPermissionMismatch</Code>'
        "<Message>This request is not authorized to perform this operation using this permission.</Message></Error>"
    ).encode(),
)

if sys.platform != "linux":
    collect_ignore_glob = ["test_*"]  # the packages are for Linux alone


@pytest.fixture(scope="session")
def python() -> str:
    return archives.python()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.library(tmp_path_factory.mktemp("worker") / "library")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("packages")
    return {package: archives.unpack_package(package, home / package) for package in ("serving", "training")}


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    with azurite.serving(tmp_path_factory.mktemp("azurite")) as found:
        yield found


numbers = count()


@pytest.fixture
def front(storage: Azurite) -> Iterator[Front]:
    with fronting(storage.blobs, DENIED) as made:
        yield made


@pytest.fixture
def container(storage: Azurite) -> str:
    """A new one's name."""
    name = f"store-{next(numbers)}"
    storage.ask(storage.blobs, "PUT", f"/{name}?restype=container")
    return name


@pytest.fixture
def url(container: str) -> str:
    """The store's."""
    return f"https://{ACCOUNT}.blob.core.windows.net/{container}"


@pytest.fixture
def queue(storage: Azurite) -> Queue:
    return Queue(storage, f"trainings-{next(numbers)}")


@pytest.fixture
def surroundings(front: Front) -> dict[str, str]:
    """By which a client finds the container, with everybody's key."""
    return {
        "AZURE_STORAGE_USE_EMULATOR": "true",
        "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{front.server_port}",
    }


@pytest.fixture
def registry(surroundings: dict[str, str], url: str) -> Registry:
    """The registry in the container, as somebody at a desk sees it."""
    with patch.dict(os.environ, surroundings):
        return Registry(Store(url), "model")


@pytest.fixture
def start(
    surroundings: dict[str, str], url: str, python: str, library: Path, packages: dict[str, Path], tmp_path: Path
) -> Iterator[Start]:
    """Starts an app: `start(package)`, with more of an environment if need be."""
    with ExitStack() as stack:

        def begin(package: str, **more: str) -> App:
            home = tmp_path / f"app-{next(numbers)}"
            environment = {**surroundings, "STORE": url, "MODEL": "model", **more}
            return stack.enter_context(App(python, packages[package], library, home, environment))

        yield begin


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AzureProject]:
    """A checkout with a stack that is not up yet, on a fake cloud of its own."""
    yield from AzureProject.create(tmp_path)


@pytest.fixture(scope="session")
def as_it_comes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    """A settled stack with the settings of the checkout: no test changes it, but for what it is configured to be."""
    for project in AzureProject.create(tmp_path_factory.mktemp("as-it-comes")):
        project.up()
        yield project
