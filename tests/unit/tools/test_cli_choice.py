"""The Pulumi CLI that tools/pulumi takes, and its PATH."""

from __future__ import annotations

import pytest

from tests.support.checkout import Checkout


def test_a_new_enough_pulumi_on_path_is_taken_with_the_venv_in_front(checkout: Checkout) -> None:
    done = checkout.run("tools/pulumi", "preview", "--json", cwd=checkout.root)

    assert (done.returncode, done.stderr) == (0, "")
    (call,) = checkout.calls()
    assert call.arguments == ["preview", "--json"]
    first, second = call.environment["PATH"].split(":")[:2]
    assert first == f"{checkout.root}/.venv/bin"
    assert second == str(checkout.programs)
    assert call.environment["VIRTUAL_ENV"] == f"{checkout.root}/.venv"
    assert "PULUMI_HOME" not in call.environment


@pytest.mark.parametrize("version", ["3.9.400", "3.258.9", "2.300.0"])
def test_a_too_old_one_is_passed_over_for_the_cached_one(checkout: Checkout, version: str) -> None:
    checkout.pretend_pulumi(version=version)
    checkout.pretend(checkout.cache / f"pulumi-{checkout.version}/bin/pulumi")

    done = checkout.run("tools/pulumi", "preview")

    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert f"is {version}; this project needs {checkout.version} or newer" in done.stderr
    (call,) = checkout.calls()
    assert call.environment["PULUMI_HOME"] == str(checkout.cache / "pulumi-home")


@pytest.mark.parametrize("version", ["3.1000.0", "4.0.0", "3.259.0-alpha.1+dirty"])
def test_newer_ones_are_taken(checkout: Checkout, version: str) -> None:
    checkout.pretend_pulumi(version=version)

    assert checkout.run("tools/pulumi", "preview").returncode == 0
    assert len(checkout.calls()) == 1


def test_the_official_place_is_looked_into(checkout: Checkout) -> None:
    (checkout.programs / "pulumi").unlink()
    checkout.pretend(checkout.home / ".pulumi/bin/pulumi", {"version": (0, "v3.999.0\n", "")})

    assert checkout.run("tools/pulumi", "preview").returncode == 0
    assert len(checkout.calls()) == 1


def test_it_finds_neither_itself_nor_another_checkouts_script(checkout: Checkout) -> None:
    (checkout.programs / "pulumi").unlink()
    other = checkout.base / "other/tools"
    other.parent.mkdir()
    other.symlink_to(checkout.root / "tools")
    copy = Checkout(checkout.base / "copy").root / "tools"
    checkout.pretend(checkout.cache / f"pulumi-{checkout.version}/bin/pulumi")

    path = f"{checkout.root}/tools:{other}:{copy}:{checkout.environment['PATH']}"
    done = checkout.run("tools/pulumi", "preview", environment={"PATH": path})

    assert done.returncode == 0, done.stderr
    assert len(checkout.calls()) == 1


def test_one_that_does_not_run_is_passed_over(checkout: Checkout) -> None:
    checkout.pretend(checkout.programs / "pulumi", {"version": (1, "", "broken\n")})
    checkout.pretend(checkout.cache / f"pulumi-{checkout.version}/bin/pulumi")

    done = checkout.run("tools/pulumi", "preview")

    assert done.returncode == 0
    assert "does not tell its version" in done.stderr
    assert len(checkout.calls()) == 1


def test_without_a_home_it_says_so(checkout: Checkout) -> None:
    checkout.environment.pop("HOME")

    done = checkout.run("tools/pulumi", "preview")

    assert done.returncode == 1
    assert done.stderr.startswith("pulumi: error: neither HOME nor XDG_CACHE_HOME is set")
