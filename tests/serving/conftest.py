from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.models import Models
from tests.serving import made
from tests.serving.running import Server


@pytest.fixture
def app_for(registry: Registry) -> Callable[..., App]:
    """Makes the app of a published model of a given schema."""

    def make(schema: Schema, slope: float = 0.1) -> App:
        registry.promote(made.publish(registry, schema, slope))
        models = Models(registry)
        models.refresh()
        assert models.problem is None
        return App(models, "model")

    return make


@pytest.fixture
def app(app_for: Callable[[Schema], App]) -> App:
    return app_for(made.BINARY)


@pytest.fixture
def empty_app(registry: Registry) -> App:
    """An app whose model has no version yet."""
    models = Models(registry)
    models.refresh()
    return App(models, "model")


@pytest.fixture
def instance() -> dict[str, Any]:
    return {"age": 30, "plan": "pro", "new": None, "since": "2025-06-01", "user_id": "u-1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that the tests of a file share, for those that only send requests."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.registry.promote(made.publish(server.registry))
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()
    assert not server.events("error"), server.log()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not started yet and may come to harm."""
    server = Server(tmp_path)
    server.registry.promote(made.publish(server.registry))
    yield server
    if server.process and server.process.poll() is None:
        server.process.kill()
        server.process.wait()
