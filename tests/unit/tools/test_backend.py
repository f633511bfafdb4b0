"""The place of the state, and its passphrase."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from tests.support.checkout import Checkout

SERVICE = "https://api.pulumi.com"


def test_the_state_lives_in_the_checkout_with_a_passphrase_of_its_own(checkout: Checkout) -> None:
    for _ in range(2):
        assert checkout.run("tools/pulumi", "preview").returncode == 0

    first, second = checkout.calls()
    assert first.environment == second.environment
    url = first.environment["PULUMI_BACKEND_URL"]
    assert " " not in url
    assert unquote(url) == f"file://{checkout.root}/.state"
    assert first.environment["PULUMI_CONFIG_PASSPHRASE_FILE"] == f"{checkout.root}/.state/passphrase"
    assert checkout.mode(".state") == 0o700
    assert checkout.mode(".state/passphrase") == 0o600
    assert len((checkout.root / ".state/passphrase").read_text()) == 64
    assert [path.name for path in (checkout.root / ".state").iterdir()] == ["passphrase"]


@pytest.mark.parametrize("command", ["version", "login", "logout", "--help"])
def test_commands_without_a_project_get_no_backend(checkout: Checkout, command: str) -> None:
    assert checkout.run("tools/pulumi", command).returncode == 0
    assert not (checkout.root / ".state").exists()


@pytest.mark.parametrize(
    "choice", [{"PULUMI_BACKEND_URL": "s3://states"}, {"PULUMI_ACCESS_TOKEN": "pul-123"}], ids=["url", "token"]
)
def test_a_backend_named_by_the_environment_is_left_alone(checkout: Checkout, choice: dict[str, str]) -> None:
    assert checkout.run("tools/pulumi", "preview", environment=choice).returncode == 0
    assert_untouched(checkout, choice.get("PULUMI_BACKEND_URL"))


@pytest.mark.parametrize("place", ["~/.pulumi", "PULUMI_HOME", "PULUMI_CREDENTIALS_PATH", "cache"])
@pytest.mark.parametrize(
    "credentials",
    [{"current": SERVICE, "accounts": {}}, {"$pulumiSecureStore": 1, "data": "x"}],
    ids=["plain", "sealed"],
)
def test_a_login_is_left_alone(checkout: Checkout, place: str, credentials: dict[str, object]) -> None:
    elsewhere = checkout.base / "elsewhere"
    folder = {"~/.pulumi": checkout.home / ".pulumi", "cache": checkout.cache / "pulumi-home"}.get(place, elsewhere)
    folder.mkdir(parents=True)
    (folder / "credentials.json").write_text(json.dumps(credentials, indent=4))

    done = checkout.run("tools/pulumi", "preview", environment={place: str(folder)} if folder == elsewhere else {})

    assert done.returncode == 0
    assert_untouched(checkout, None)


def test_a_backend_named_by_the_project_is_left_alone(checkout: Checkout) -> None:
    (checkout.root / "Pulumi.yaml").write_text("name: x\nbackend:\n  url: gs://states\n")

    assert checkout.run("tools/pulumi", "preview").returncode == 0
    assert_untouched(checkout, None)


def assert_untouched(checkout: Checkout, url: str | None) -> None:
    (call,) = checkout.calls()
    assert call.environment.get("PULUMI_BACKEND_URL") == url
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in call.environment
    assert not (checkout.root / ".state").exists()


def test_somebody_logged_out_has_the_local_backend(checkout: Checkout) -> None:
    (checkout.home / ".pulumi").mkdir()
    (checkout.home / ".pulumi/credentials.json").write_text('{\n    "accounts": {}\n}')

    assert checkout.run("tools/pulumi", "preview").returncode == 0
    assert checkout.calls()[0].environment["PULUMI_BACKEND_URL"].startswith("file://")


@pytest.mark.parametrize("name", ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"])
def test_a_passphrase_of_the_user_stays(checkout: Checkout, name: str) -> None:
    assert checkout.run("tools/pulumi", "preview", environment={name: "mine"}).returncode == 0

    passphrases = {key: value for key, value in checkout.calls()[0].environment.items() if "PASSPHRASE" in key}
    assert passphrases == {name: "mine"}
