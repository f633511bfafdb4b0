from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import factories
from tests.support.local_server import Server
from tests.support.project import Project
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset; no test changes it."""
    path = tmp_path_factory.mktemp("data") / "table.csv"
    path.write_bytes(csv_bytes(YES_NO, rows(400, yes_no)))
    return path


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, table: Path) -> Iterator[Project]:
    """A checkout with its local stack up, shared by the tests: each finds it settled, and leaves it so."""
    project = Project(tmp_path_factory.mktemp("engine"))
    try:
        project.run("make", "up", f"DATASET={table}", "TARGET=target", "BUDGET=1")
        yield project
    finally:
        project.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that the tests of a file share, for those that only send requests."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.registry.promote(factories.publish(server.registry))
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()
    assert not server.events("error"), server.log()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that is not started yet and may come to harm."""
    server = Server(tmp_path)
    server.registry.promote(factories.publish(server.registry))
    yield server
    if server.process and server.process.poll() is None:
        server.process.kill()
        server.process.wait()
