"""Promises of the locked requirements."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

LOCKED = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "policy" / "requirements.txt"]


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_everything_is_pinned_with_hashes_and_from_no_particular_place(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    pins = re.split(r"\n(?=[a-z])", re.sub(r"^#.*\n", "", content, flags=re.MULTILINE).strip())

    assert len(pins) > 1
    for pin in pins:
        assert re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin, re.DOTALL), pin
    assert not re.search(r"https?://|--index-url|--find-links", content)


@pytest.mark.parametrize("requirements", ["requirements/local.txt", "policy/requirements.txt"])
def test_the_sdk_and_the_cli_are_the_same_release(requirements: str) -> None:
    engine = (ROOT / "tools/engine/go.mod").read_text()
    release = re.search(r"pulumi/pkg/v3 v(\S+)", engine)

    assert release
    assert f"\npulumi=={release[1]} \\" in (ROOT / requirements).read_text()


@pytest.mark.parametrize("name", ["serving.txt", "training.txt"])
def test_a_clouds_function_runs_the_releases_that_the_local_stack_runs(name: str) -> None:
    assert pins(name) - pins("local.txt") == set()
    for cloud in ("gcp", "azure"):
        assert pins(name) - pins(f"{cloud}_{name}") == set()


def pins(file: str) -> set[str]:
    return set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / "requirements" / file).read_text(), re.MULTILINE))
