"""tools/venv: what it installs when."""

from __future__ import annotations

import sys

import pytest

from tests.support.checkout import Checkout

# A Python whose venvs are made at once, and whose pip does what a test wants.
PYTHON = """#!/bin/sh
case $* in
"-m venv "*)
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    ;;
*"-m pip install"*)
    echo "$*" >>"{log}"
    {pip}
    ;;
*) exec "{python}" "$@" ;;
esac
"""


@pytest.fixture
def clone(bare: Checkout) -> Checkout:
    bare.environment["PYTHON"] = str(bare.programs / "python3.99")
    pip_does(bare, ":")
    return bare


def pip_does(clone: Checkout, command: str) -> None:
    text = PYTHON.format(log=clone.base / "pip", pip=command, python=sys.executable)
    clone.write_program(clone.programs / "python3.99", text)


def installed(clone: Checkout) -> list[str]:
    log = clone.base / "pip"
    return [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []


def test_the_second_run_does_nothing(clone: Checkout) -> None:
    first, second = (clone.run("tools/venv") for _ in range(2))

    assert (first.returncode, second.returncode) == (0, 0)
    assert "making .venv with" in first.stderr
    assert (second.stdout, second.stderr) == ("", "")
    assert installed(clone) == ["requirements.txt"]


def test_changed_requirements_are_installed(clone: Checkout) -> None:
    clone.run("tools/venv", "requirements.txt", "requirements/dev.txt")
    with (clone.root / "requirements/local.txt").open("a") as file:
        file.write("# changed\n")
    clone.run("tools/venv")

    assert installed(clone) == ["requirements.txt", "requirements/dev.txt", "requirements.txt"]


def test_a_folder_has_an_environment_of_its_own(clone: Checkout) -> None:
    first, second = (clone.run("tools/venv", "-C", "policy") for _ in range(2))
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")
    assert (clone.root / "policy/.venv/bin/python").exists()
    assert not (clone.root / ".venv").exists()
    with (clone.root / "policy/requirements.txt").open("a") as file:
        file.write("# changed\n")
    clone.run("tools/venv", "-C", "policy")

    assert installed(clone) == ["requirements.txt", "requirements.txt"]


def test_an_interrupted_one_is_made_afresh(clone: Checkout) -> None:
    pip_does(clone, "kill -9 $PPID")
    assert clone.run("tools/venv").returncode != 0
    (clone.root / ".venv/half").touch()
    pip_does(clone, ":")

    assert clone.run("tools/venv").returncode == 0
    assert not (clone.root / ".venv/half").exists()
    assert clone.run("tools/venv").stderr == ""


def test_pips_error_is_shown(clone: Checkout) -> None:
    pip_does(clone, "echo 'ERROR: no matching distribution'; exit 1")

    done = clone.run("tools/venv")

    assert done.returncode == 1
    assert "ERROR: no matching distribution" in done.stderr
    assert "error: pip could not install requirements.txt" in done.stderr


@pytest.mark.parametrize("python", ["/nowhere/python3", "/bin/false"])
def test_an_unsuitable_python_is_named(bare: Checkout, python: str) -> None:
    done = bare.run("tools/venv", environment={"PYTHON": python})

    assert done.returncode == 1
    assert done.stderr == f"venv: error: PYTHON={python} is not a Python 3.11 or newer with venv and ensurepip\n"


def test_a_moved_checkout_gets_a_new_one(clone: Checkout) -> None:
    clone.run("tools/venv")
    moved = clone.root.rename(clone.base / "moved")

    assert "making .venv" in clone.run("tools/venv", cwd=moved).stderr
