"""`make down`: nothing stays that nobody needs, and nothing goes that somebody does."""

from __future__ import annotations

import pytest

from tests.support.checkout import Checkout

SALT = "encryptionsalt: v1:abc\n"
NO_STACKS = {"stack ls": (0, "[]", "")}


@pytest.fixture
def up(checkout: Checkout) -> Checkout:
    """A checkout with a stack."""
    checkout.pretend_pulumi(NO_STACKS)
    assert checkout.run("make", "up").returncode == 0
    (checkout.root / ".local").mkdir()
    return checkout


def test_a_fresh_clone_has_nothing_to_destroy_and_installs_nothing(bare: Checkout) -> None:
    done = bare.run("make", "down")

    assert done.returncode == 0
    assert "nothing to destroy" in done.stderr
    assert not (bare.root / ".venv").exists()
    assert not bare.cache.exists()


def test_the_stack_its_state_and_its_passphrase_go(up: Checkout) -> None:
    settings = up.root / "stacks/Pulumi.local.yaml"
    settings.write_text(SALT)

    done = up.run("make", "down")

    assert done.returncode == 0, done.stderr
    run = [" ".join(call.arguments) for call in up.calls()]
    assert "destroy --yes --skip-preview --suppress-outputs --stack local" in run
    assert "stack rm --yes --preserve-config --stack local" in run
    for name in (".state", ".local", "stacks/Pulumi.local.yaml"):
        assert not (up.root / name).exists()
    assert "nothing to destroy" in up.run("make", "down").stderr


def test_settings_stay(up: Checkout) -> None:
    settings = up.root / "stacks/Pulumi.local.yaml"
    settings.write_text(f"# mine\nconfig:\n  serverless-ml:target: price\n{SALT}")

    assert up.run("make", "down").returncode == 0
    assert settings.read_text() == "# mine\nconfig:\n  serverless-ml:target: price\n"
    assert not (up.root / ".state").exists()


def test_secrets_keep_their_passphrase(up: Checkout) -> None:
    text = f"{SALT}config:\n  serverless-ml:key:\n    secure: v1:xyz\n"
    settings = up.root / "stacks/Pulumi.local.yaml"
    settings.write_text(text)

    done = up.run("make", "down")

    assert done.returncode == 0
    assert settings.read_text() == text
    assert (up.root / ".state/passphrase").exists()
    assert ".state/passphrase" in done.stdout


def test_another_stack_keeps_the_state(up: Checkout) -> None:
    up.pretend_pulumi({"stack ls": (0, '[{"name": "two"}]', "")})
    (up.root / ".local/two").mkdir()

    assert up.run("make", "down").returncode == 0
    assert (up.root / ".state/passphrase").exists()
    assert (up.root / ".local/two").exists()


def test_a_stack_that_does_not_exist_is_no_failure(up: Checkout) -> None:
    up.pretend_pulumi({"stack select": (6, "", "error: no stack\n"), **NO_STACKS})

    done = up.run("make", "down", "STACK=typo")

    assert done.returncode == 0
    assert "no stack typo" in done.stdout
    assert not any(call.arguments[0] == "destroy" for call in up.calls())


def test_what_could_not_be_destroyed_keeps_everything(up: Checkout) -> None:
    up.pretend_pulumi({"destroy": (1, "", "error: no\n"), **NO_STACKS})

    assert up.run("make", "down").returncode != 0
    assert (up.root / ".state/passphrase").exists()
    assert not any(call.arguments[:2] == ["stack", "rm"] for call in up.calls())
