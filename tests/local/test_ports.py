"""The port of the endpoint, and what becomes of it."""

import socket
from collections.abc import Iterator

import pytest

from tests.support.project import Project, free_port
from tests.support.updates import configured, errors


@pytest.fixture
def busy() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_busy_port_is_named_before_anything_is_stopped(project: Project, busy: int) -> None:
    before = project.servers(), project.resources()
    with configured(project, port=str(busy)):
        for command in ("preview", "up --yes --skip-preview"):
            done = project.pulumi(*command.split(), code=None)
            assert done.returncode != 0
            assert f"port {busy} is in use by another program" in done.stdout + done.stderr
        assert (project.servers(), project.resources()) == before
        project.predict()
    assert project.is_settled()


def test_a_port_that_is_set_is_had_and_kept(project: Project) -> None:
    (old,), port = project.servers(), free_port()
    with configured(project, port=str(port)):
        project.up()
        assert project.outputs()["url"] == f"https://localhost:{port}"
        project.predict()
        (new,) = project.servers()
        assert new != old
    assert project.is_settled()
    assert project.outputs()["url"] == f"https://localhost:{port}"


def test_a_port_that_is_no_number_is_refused(project: Project) -> None:
    with configured(project, port="https"):
        done = project.pulumi("preview", code=None)
    assert done.returncode != 0
    (error,) = errors(done.stdout + done.stderr)
    assert "'port' must be of type 'integer'" in error
