"""`make up`: the Pulumi commands that it runs, and the lines that it prints."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support import factories
from tests.support.checkout import Checkout

NO_STACK = {"stack select": (6, "", "error: no stack named 'local' found\n")}


@pytest.fixture
def outputs(tmp_path: Path) -> dict[str, Any]:
    """Outputs of a stack whose only version serves."""
    registry = Registry(Store(str(tmp_path / "store")), "model")
    registry.promote(factories.publish(registry))
    return {
        "certificate": "/x/ca.pem",
        "curl": "curl -d @/x/request.json https://localhost:8443/predict",
        "dataset": "sample (synthetic)",
        "metrics": {"roc_auc": 0.81234},
        "model": "model",
        "promoted": True,
        "store": (tmp_path / "store").as_uri(),
        "token": "cat /x/token",
        "url": "https://localhost:8443",
        "version": registry.versions()[0],
    }


def test_a_first_run_creates_the_stack_and_prints_the_outputs(checkout: Checkout, outputs: dict[str, Any]) -> None:
    checkout.pretend_pulumi({**NO_STACK, "stack output": (0, json.dumps(outputs), "")})

    done = checkout.run("make", "up")

    assert done.returncode == 0, done.stderr
    assert checkout.commands() == [
        "stack select local --non-interactive",
        "stack init local --non-interactive",
        "up --yes --skip-preview --suppress-outputs --stack local",
        "stack output --json --stack local",
    ]
    for text in (*map(str, (outputs[name] for name in ("certificate", "curl", "token", "url", "version"))), "0.8123"):
        assert text in done.stdout
    assert "synthetic" in done.stdout
    assert "serving" not in done.stdout
    assert done.stdout.endswith("next: make predict, make test, make down\n")


def test_what_serves_is_told_if_it_is_not_what_was_trained(checkout: Checkout, outputs: dict[str, Any]) -> None:
    """Found in use: after a rollback the trained version's metrics stood there as those of what answers."""
    registry, trained = Registry(Store(outputs["store"]), "model"), outputs["version"]
    other = factories.publish(registry, slope=0.3)
    registry.promote(other)
    registry.promote(trained, canary=0.1)
    checkout.pretend_pulumi({"stack output": (0, json.dumps(outputs), "")})
    canary = checkout.run("make", "up").stdout
    registry.rollback()
    back = checkout.run("make", "up").stdout

    assert f"serving {other}, and {trained} for 10% of the requests" in canary
    assert f"model {trained}\n" in canary
    assert f"serving {other}\n" in back
    assert f"model {trained}  does not serve: another was chosen since" in back
    assert "make predict" in back


def test_where_nothing_serves_there_is_no_request_to_send(checkout: Checkout, outputs: dict[str, Any]) -> None:
    Path(outputs["store"].removeprefix("file://"), "models/model/serving.json").unlink()
    checkout.pretend_pulumi({"stack output": (0, json.dumps({**outputs, "promoted": False}), "")})

    done = checkout.run("make", "up")

    assert f"model {outputs['version']}  does not serve: it failed its gates" in done.stdout
    assert f"versions/{outputs['version']}/report.html" in done.stdout
    assert "curl" not in done.stdout
    assert "make predict" not in done.stdout


def test_a_stack_in_a_cloud_promises_nothing_of_this_machine(checkout: Checkout) -> None:
    outputs = {"url": "https://x.example", "curl": "curl https://x.example/v1/models/model", "store": "s3://b"}
    checkout.pretend_pulumi({"stack output": (0, json.dumps(outputs), "")})

    printed = checkout.run("make", "up", "STACK=aws-dev").stdout

    assert outputs["curl"] in printed
    assert "browser" not in printed
    assert "next: make predict STACK=aws-dev" in printed


def test_a_second_run_configures_nothing(checkout: Checkout) -> None:
    assert checkout.run("make", "up", "STACK=two").returncode == 0
    assert [command.split()[0:2] for command in checkout.commands()] == [
        ["stack", "select"],
        ["up", "--yes"],
        ["stack", "output"],
    ]
    assert all("two" in command for command in checkout.commands())


def test_the_sdk_of_a_cloud_is_installed_for_the_stacks_that_need_it(checkout: Checkout) -> None:
    stamp = checkout.root / ".venv/.installed-requirements-aws.txt"
    (checkout.root / "stacks/Pulumi.aws-dev.yaml").write_text("config:\n  serverless-ml:cloud: aws\n")

    assert checkout.run("make", "up").returncode == 0
    assert not stamp.exists()
    assert checkout.run("make", "up", "STACK=aws-dev").returncode == 0
    assert stamp.exists()


def test_a_failed_update_is_a_failure_that_says_where_settings_are(checkout: Checkout) -> None:
    checkout.pretend_pulumi({"up": (1, "", "error: no\n")})

    done = checkout.run("make", "up", "TARGET=price")
    assert done.returncode != 0
    assert "stacks/Pulumi.local.yaml" in done.stderr
    assert not [command for command in checkout.commands() if command.startswith("stack output")]


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
    assert ("cancel --yes --stack local" in checkout.commands()) is not alive


def unused_pid() -> int:
    pid = os.posix_spawn("/bin/true" if Path("/bin/true").exists() else "/usr/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    return pid
