"""`make package`: what it prints, and what it refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.archive_project import Project
from tests.support.paths import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose .venv need not be installed: its pip has nothing to do, the rest is this Python."""
    project = Project(tmp_path / "project", tmp_path / "index", tmp_path / "cache")
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, project.root)
    python = project.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ncase $* in *pip*) exit 0 ;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return project


def package(project: Project, *settings: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in project.environment(**environment).items() if not name.startswith("SET_")}
    return subprocess.run(
        ["make", "package", *settings], cwd=project.root, env=env, capture_output=True, text=True, timeout=60
    )


def test_it_prints_what_is_in_the_archives_and_what_they_weigh(project: Project) -> None:
    done = package(project, "CLOUD=aws", ARCH="of the environment, which is not asked")

    assert done.returncode == 0, done.stderr
    serving, code, libraries = done.stdout.strip().split("\n\n")
    for name, text in (("serving", serving), ("training_code", code)):
        assert text.startswith(f"{name} for python3.13-aarch64\n  function_code ")
        assert re.search(r"\n  store-client +0\.00 MB\n  unpacked +\d\.\d\d MB of at most 262\.14\n  zip ", text)
    assert libraries.startswith("training_libraries for python3.13-aarch64\n  frames ")
    assert re.search(r"\n  frames +0\.03 MB\n  unpacked +0\.03 MB of at most 800\.00\n  zip ", libraries)
    for text in (serving, code, libraries):
        digest, path = text.splitlines()[-2:]
        assert digest == f"  sha256 {sha256(Path(path.strip()).read_bytes()).hexdigest()}"


def test_for_another_processor_the_second_time_in_silence(project: Project) -> None:
    first, second = (package(project, "CLOUD=aws", "ARCH=x86_64") for _ in range(2))

    assert first.stdout.startswith("serving for python3.13-x86_64\n")
    assert "downloading the libraries of training for python3.13-x86_64" in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")


def test_what_google_builds_from_needs_no_library(project: Project) -> None:
    shutil.rmtree(project.index)
    done = package(project, "CLOUD=gcp")

    assert done.returncode == 0, done.stderr
    serving, training = done.stdout.strip().split("\n\n")
    assert re.match(r"serving for google\n  function_code ", serving)
    for text in (serving, training):
        assert re.search(
            r"\n  requirements\.txt +0\.00 MB\n  main\.py +0\.00 MB\n  unpacked +\d\.\d\d MB\n  zip ", text
        )
        digest, path = text.splitlines()[-2:]
        assert digest == f"  sha256 {sha256(Path(path.strip()).read_bytes()).hexdigest()}"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["CLOUD=gcp", "ARCH=arm64"], "ARCH=arm64 is no processor of gcp: x86_64"),
        ([], "CLOUD= is none that archives are made for; there is CLOUD=aws, CLOUD=gcp, CLOUD=azure"),
        (
            ["CLOUD=oracle"],
            "CLOUD=oracle is none that archives are made for; there is CLOUD=aws, CLOUD=gcp, CLOUD=azure",
        ),
        (["CLOUD=aws", "ARCH=sparc"], "ARCH=sparc is no processor of aws: arm64, x86_64"),
    ],
)
def test_there_is_no_such_platform(project: Project, settings: list[str], problem: str) -> None:
    done = package(project, *settings)

    assert f"error: {problem}\n" in done.stderr
    assert (done.returncode, done.stdout) == (2, "")


def test_what_can_not_be_made_is_one_line(project: Project) -> None:
    shutil.rmtree(project.index)
    done = package(project, "CLOUD=aws")

    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines() if "venv" not in line] == [
        "downloading the libraries of serving for python3.13-aarch64 (once for each lock; a minute or so)",
        "error",
        "make",
    ]
