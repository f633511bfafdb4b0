"""Previews, refreshes and updates, by what they leave."""

import stat
from pathlib import Path

import pytest

from tests.support.project import Project


def test_a_refresh_finds_everything_as_it_was(project: Project) -> None:
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_a_preview_makes_nothing(fresh: Project) -> None:
    fresh.run("tools/pulumi", "stack", "init", "local")
    shown = fresh.pulumi("preview").stdout
    assert "11 to create" in shown
    assert not fresh.home.exists()


def test_a_synthetic_sample_says_that_it_is_one(fresh: Project) -> None:
    done = fresh.run("make", "up", "STACK=try", "BUDGET=1")
    fresh.stack = "try"
    assert "making a synthetic sample" in done.stdout
    assert "trained on a synthetic sample" in done.stdout
    fresh.wait_for_version(fresh.outputs()["version"])
    fresh.predict()
    assert fresh.ask("GET", "/v1/models/model")[1]["dataset"]["synthetic"] is True
    assert "synthetic" in fresh.run("make", "predict", "STACK=try").stdout
    fresh.run("make", "down", "STACK=try")


def test_everything_in_the_home_is_private(project: Project) -> None:
    for path in (project.home, *project.home.iterdir()):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_the_server_inherits_no_secret(project: Project) -> None:
    (pid,) = project.servers()
    inherited = Path(f"/proc/{pid}/environ")
    if not inherited.exists():
        pytest.skip("only Linux shows a process's environment as a file")
    names = {entry.partition("=")[0] for entry in inherited.read_text().split("\0")}
    assert "PATH" in names
    assert not [name for name in names if name.startswith(("PULUMI", "AWS", "GOOGLE", "AZURE"))]
