"""The source that Google builds a function from: its contents, and that it is the same everywhere."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.archive_project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project", tmp_path / "index", tmp_path / "cache")


def package(project: Project, **environment: str) -> dict[str, Path]:
    """Makes the archives; the newest of each package."""
    done = project.package(SET_CLOUD="gcp", **environment)
    assert done.returncode == 0, done.stderr
    paths = [Path(line.strip()) for line in done.stdout.splitlines() if line.endswith(".zip")]
    return {path.name.split("-")[0]: path for path in paths}


def names(path: Path) -> set[str]:
    with ZipFile(path) as file:
        assert file.testzip() is None
        return set(file.namelist())


def test_it_holds_our_code_the_lock_and_what_google_starts(project: Project) -> None:
    archives = package(project)
    for name, entry_point in (("serving", "predict"), ("training", "train")):
        with ZipFile(archives[name]) as file:
            assert file.read("requirements.txt") == (project.root / f"requirements/gcp_{name}.txt").read_bytes()
            assert file.read("main.py").decode().endswith(f" import {entry_point} as {entry_point}\n")
            for member in file.namelist():
                if member not in ("main.py", "requirements.txt"):
                    assert member.startswith("function_code/")
                    assert file.read(member) == (project.root / member).read_bytes()
    assert not any(name.startswith("function_code/training/") for name in names(archives["serving"]))
    assert {"function_code/training/run.py", "function_code/scoring/scorer.py"} <= names(archives["training"])


def test_the_same_bytes_from_another_place_at_another_time_under_another_umask(
    project: Project, tmp_path: Path
) -> None:
    one = package(project, TZ="UTC", PYTHONHASHSEED="1")
    other = Project(tmp_path / "elsewhere" / "deeper", tmp_path / "index", tmp_path / "another cache")
    for path in other.root.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (10**9, 10**9))
    before = os.umask(0o077)
    try:
        two = package(other, TZ="Pacific/Kiritimati", PYTHONHASHSEED="2", LC_ALL="C")
    finally:
        os.umask(before)
    contents = [{name: path.read_bytes() for name, path in archives.items()} for archives in (one, two)]
    assert contents[0] == contents[1]
    assert {name: path.name for name, path in one.items()} == {name: path.name for name, path in two.items()}


def test_another_line_of_code_or_lock_is_another_name_of_those_it_is_in(project: Project) -> None:
    first = package(project)
    split = project.root / "function_code/training/split.py"
    split.write_text(split.read_text() + "\n")
    second = package(project)
    assert (first["serving"] == second["serving"], first["training"] == second["training"]) == (True, False)
    lock = project.root / "requirements/gcp_serving.txt"
    lock.write_text(lock.read_text() + "# another\n")
    third = package(project)
    assert (second["serving"] == third["serving"], second["training"] == third["training"]) == (False, True)
