"""Settings that cannot be, and ports that others have."""

import socket

import pytest

from tests.engine.project import Project, errors, free_port


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("target", "traget", "target names the column 'traget'"),
        ("dataset", "/nowhere/at-all.csv", "dataset is '/nowhere/at-all.csv', which is not a file"),
        ("model", "My Model", "model is 'My Model'"),
        ("port", "80", "port is 80"),
        ("task", "guess", "task is 'guess'"),
        ("cloud", "moon", "cloud is 'moon'"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_happens(
    project: Project, setting: str, value: str, words: str
) -> None:
    old = project.pulumi("config", "get", setting, code=None).stdout.strip()
    before = project.servers()
    project.config(**{setting: value})
    try:
        done = project.pulumi("preview", code=None)
    finally:
        if old:
            project.config(**{setting: old})
        else:
            project.pulumi("config", "rm", setting)
    assert done.returncode != 0
    (error,) = errors(done.stdout + done.stderr)
    assert words in error
    assert "pulumi config set" in error
    assert "Traceback" not in done.stdout + done.stderr
    assert project.servers() == before


def test_a_busy_port_is_named_before_anything_is_stopped(project: Project) -> None:
    before = project.servers()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        project.config(port=str(port))
        try:
            for command in ("preview", "up --yes --skip-preview"):
                done = project.pulumi(*command.split(), code=None)
                assert done.returncode != 0
                assert f"port {port} is in use by another program" in done.stdout + done.stderr
            assert project.servers() == before
            project.predict()
        finally:
            project.pulumi("config", "rm", "port")
    assert project.is_settled()


def test_a_port_that_is_set_is_had_and_kept(project: Project) -> None:
    port = free_port()
    project.config(port=str(port))
    project.up()
    assert project.outputs()["url"] == f"https://localhost:{port}"
    project.predict()
    assert len(project.servers()) == 1
    project.pulumi("config", "rm", "port")
    assert project.is_settled()
