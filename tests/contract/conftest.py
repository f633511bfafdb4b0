"""Runtimes, and endpoints in them, for tests that send the same requests to each."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support import factories
from tests.support.fault_proxy import Front
from tests.support.runtime_parameters import OPENERS, RUNTIMES
from tests.support.runtimes import Endpoint, OpenRuntime, Runtime, RuntimeStore, Start


@pytest.fixture(scope="session")
def open_runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenRuntime]:
    """Gives a runtime by its name, which it opens once."""
    with ExitStack() as stack:

        @cache
        def opened(name: str) -> Runtime:
            if name != "local" and sys.platform != "linux":
                pytest.skip("the clouds' own runtimes are for Linux alone")
            return stack.enter_context(OPENERS[name](tmp_path_factory.mktemp(name)))

        yield opened


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(request: pytest.FixtureRequest, open_runtime: OpenRuntime) -> Runtime:
    return open_runtime(request.param)


@pytest.fixture(scope="module")
def shared(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """An endpoint with a version that serves, for tests that only send requests."""
    with runtime.new_store() as store:
        store.registry.promote(factories.publish(store.registry, report=b"<p>fine</p>"))
        environment = {**store.environment, "STORE": store.url, "MODEL": "model"}
        with runtime.endpoint(tmp_path_factory.mktemp("shared") / "function", environment) as endpoint:
            yield endpoint


@pytest.fixture
def runtime_store(runtime: Runtime) -> Iterator[RuntimeStore]:
    with runtime.new_store() as store:
        yield store


@pytest.fixture
def registry(runtime_store: RuntimeStore) -> Registry:
    return runtime_store.registry


@pytest.fixture
def front(runtime_store: RuntimeStore) -> Front:
    """The network before a cloud's store."""
    assert runtime_store.front
    return runtime_store.front


@pytest.fixture
def start(runtime: Runtime, runtime_store: RuntimeStore, tmp_path: Path) -> Iterator[Start]:
    """Starts an endpoint, which reads the pointer for each request: `start()`, with another environment if need be."""
    numbers = count()
    with ExitStack() as stack:

        def started(**more: str) -> Endpoint:
            environment = {
                **runtime_store.environment,
                "STORE": runtime_store.url,
                "MODEL": "model",
                "REFRESH_SECONDS": "0",
                **more,
            }
            return stack.enter_context(runtime.endpoint(tmp_path / f"function-{next(numbers)}", environment))

        yield started
