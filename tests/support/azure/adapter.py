"""Azure's own worker library as one of the runtimes in which the same tests ask an endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.support.azure import archives, azurite
from tests.support.azure.azurite import ACCOUNT, DENIED, Azurite
from tests.support.azure.runtime import App
from tests.support.fault_proxy import fronting
from tests.support.runtimes import Endpoint, RuntimeStore

# What App Service adds to a caller's own.
HEADERS = {
    "X-Forwarded-For": "205.255.255.176",
    "X-Forwarded-Proto": "https",
    "X-Original-URL": "/predict",
    "x-functions-key": "the key of this app",
}


class AzureRuntime:
    """The worker library, and Azurite with a container for each store."""

    caller_headers = HEADERS
    request_id = ""
    refusal = "AuthorizationPermissionMismatch: This request is not"

    def __init__(self, python: str, package: Path, library: Path, storage: Azurite) -> None:
        self._python, self._package, self._library, self._storage = python, package, library, storage
        self._numbers = count()

    @contextmanager
    def new_store(self) -> Iterator[RuntimeStore]:
        container = f"contract-{next(self._numbers)}"
        self._storage.ask(self._storage.blobs, "PUT", f"/{container}?restype=container")
        with fronting(self._storage.blobs, DENIED) as front:
            environment = azurite.environment_of(front)
            yield RuntimeStore(f"https://{ACCOUNT}.blob.core.windows.net/{container}", environment, front)

    @contextmanager
    def endpoint(self, home: Path, environment: dict[str, str]) -> Iterator[Endpoint]:
        with App(self._python, self._package, self._library, home, environment) as app:
            yield app


@contextmanager
def open_runtime(folder: Path) -> Iterator[AzureRuntime]:
    """The runtime, with what it needs in `folder`, for as long as the context lasts. Skips the test without it."""
    python = archives.python()
    with azurite.serving(folder) as storage:
        package = archives.unpack_package("serving", folder / "package")
        yield AzureRuntime(python, package, archives.library(folder / "worker" / "library"), storage)
