"""`make up`: which Pulumi commands it runs, and that settings reach the stack as they were typed."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.tools.checkout import Checkout

NO_STACK = {"stack select": (6, "", "error: no stack named 'local' found\n")}


def commands(checkout: Checkout) -> list[str]:
    return [" ".join(call.arguments) for call in checkout.calls()]


def configured(checkout: Checkout) -> dict[str, dict[str, object]]:
    (call,) = [call for call in checkout.calls() if call.arguments[:2] == ["config", "set-all"]]
    found: dict[str, dict[str, object]] = json.loads(call.arguments[call.arguments.index("--json") + 1])
    return found


def test_a_first_run_creates_the_stack_and_prints_the_outputs(checkout: Checkout) -> None:
    outputs = {
        "certificate": "/x/ca.pem",
        "curl": "curl -d @/x/request.json https://localhost:8443/predict",
        "dataset": "sample (synthetic)",
        "metrics": {"roc_auc": 0.81234},
        "promoted": True,
        "token": "cat /x/token",
        "url": "https://localhost:8443",
        "version": "20261123-ab12",
    }
    checkout.pretend_pulumi({**NO_STACK, "stack output": (0, json.dumps(outputs), "")})

    done = checkout.run("make", "up")

    assert done.returncode == 0, done.stderr
    assert commands(checkout) == [
        "stack select local --non-interactive",
        "stack init local --non-interactive",
        "up --yes --skip-preview --suppress-outputs --stack local",
        "stack output --json --stack local",
    ]
    for text in (*map(str, (outputs[name] for name in ("certificate", "curl", "token", "url", "version"))), "0.8123"):
        assert text in done.stdout
    assert "synthetic" in done.stdout
    assert done.stdout.endswith("next: make predict, make test, make down\n")


def test_a_second_run_configures_nothing(checkout: Checkout) -> None:
    assert checkout.run("make", "up", "STACK=two").returncode == 0
    assert [command.split()[0:2] for command in commands(checkout)] == [
        ["stack", "select"],
        ["up", "--yes"],
        ["stack", "output"],
    ]
    assert all("two" in command for command in commands(checkout))


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a.b",
        "it's",
        'say "so"',
        "a=b",
        "größe €",
        "$HOME $(x ${y} $$ `z`",
        "100%",
        "a#b",
        "a\\b",
        "*",
        "-x",
        "a;b|c&d",
    ],
)
def test_a_column_name_arrives_as_it_was_typed(checkout: Checkout, text: str) -> None:
    done = checkout.run("make", "up", f"TARGET={text}", f"ID={text}")

    assert done.returncode == 0, done.stderr
    assert configured(checkout) == {"target": {"value": text}, "id": {"value": text}}


def test_kinds_become_an_object(checkout: Checkout) -> None:
    assert checkout.run("make", "up", 'KINDS=zip=category,"odd, a=b"=number').returncode == 0

    assert configured(checkout)["kinds"]["objectValue"] == {"zip": "category", "odd, a=b": "number"}


def test_a_dataset_is_found_from_where_make_was_called(checkout: Checkout) -> None:
    where = checkout.base / "somewhere else"
    where.mkdir()
    (where / "my data.csv").write_text("a\n1\n")

    done = checkout.run("make", "-C", checkout.root, "up", "DATASET=my data.csv", cwd=where)

    assert done.returncode == 0, done.stderr
    assert configured(checkout) == {"dataset": {"value": "../somewhere else/my data.csv"}}


def test_a_dataset_may_be_named_from_the_project_or_from_the_root(checkout: Checkout) -> None:
    inside = checkout.root / "in.csv"
    inside.write_text("a\n1\n")

    for dataset in ("in.csv", str(inside)):
        checkout.base.joinpath("calls").unlink(missing_ok=True)
        assert checkout.run("make", "-C", checkout.root, "up", f"DATASET={dataset}", cwd=checkout.home).returncode == 0
        assert configured(checkout) == {"dataset": {"value": dataset}}


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("DATASET=nowhere.csv", "DATASET=nowhere.csv is not a file"),
        ("PORT=http", "PORT=http is not a port number"),
        ("PORT=70000", "PORT=70000 is not a port number"),
        ("KINDS=zip", "'zip' is not column=kind"),
        ("KINDS=zip=postcode", "'zip=postcode' is not column=kind"),
    ],
)
def test_a_setting_that_cannot_be_meant_changes_nothing(checkout: Checkout, setting: str, told: str) -> None:
    done = checkout.run("make", "up", setting, "TARGET=x")

    assert done.returncode != 0
    assert told in done.stderr
    assert done.stderr.count("error: ") == 1
    assert commands(checkout) == []


def test_an_empty_setting_goes_back_to_the_default(checkout: Checkout) -> None:
    assert checkout.run("make", "up", "DATASET=", "TARGET=x").returncode == 0

    assert configured(checkout) == {"target": {"value": "x"}}
    assert "config rm-all --stack local dataset" in commands(checkout)


def test_the_environment_sets_nothing_by_accident(checkout: Checkout) -> None:
    assert checkout.run("make", "up", environment={"PORT": "3000", "ID": "7", "TARGET": "x"}).returncode == 0
    assert not [command for command in commands(checkout) if command.startswith("config")]


def test_a_failed_update_is_a_failure(checkout: Checkout) -> None:
    checkout.pretend_pulumi({"up": (1, "", "error: no\n")})

    assert checkout.run("make", "up").returncode != 0
    assert not [command for command in commands(checkout) if command.startswith("stack output")]


def test_the_salt_of_a_lost_passphrase_is_dropped(checkout: Checkout) -> None:
    checkout.pretend_pulumi(NO_STACK)
    settings = checkout.root / "stacks/Pulumi.local.yaml"
    settings.write_text("encryptionsalt: v1:abc\nconfig:\n  serverless-ml:target: price\n")

    assert checkout.run("make", "up").returncode == 0
    assert settings.read_text() == "config:\n  serverless-ml:target: price\n"


@pytest.mark.parametrize("alive", [True, False])
def test_the_lock_of_a_killed_update_is_released_and_no_other(checkout: Checkout, alive: bool) -> None:
    lock = checkout.root / ".state/.pulumi/locks/organization/serverless-ml/local/1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": os.getpid() if alive else unused_pid(), "hostname": socket.gethostname()}))

    assert checkout.run("make", "up").returncode == 0
    assert ("cancel --yes --stack local" in commands(checkout)) is not alive


def unused_pid() -> int:
    pid = os.posix_spawn("/bin/true" if Path("/bin/true").exists() else "/usr/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return pid
