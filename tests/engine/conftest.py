from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.project import Project
from tests.training.tables import YES_NO, csv_bytes, rows, yes_no


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


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Project]:
    """A checkout in which nothing was done yet."""
    project = Project(tmp_path)
    try:
        yield project
    finally:
        project.close()
