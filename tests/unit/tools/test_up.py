"""`make up`: which Pulumi commands it runs, and that settings reach the stack as they were typed."""

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


def commands(checkout: Checkout) -> list[str]:
    return [" ".join(call.arguments) for call in checkout.calls()]


def configured(checkout: Checkout) -> dict[str, dict[str, object]]:
    (call,) = [call for call in checkout.calls() if call.arguments[:2] == ["config", "set-all"]]
    found: dict[str, dict[str, object]] = json.loads(call.arguments[call.arguments.index("--json") + 1])
    return found


@pytest.fixture
def outputs(tmp_path: Path) -> dict[str, Any]:
    """Those of a stack whose only version serves."""
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
    assert commands(checkout) == [
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
        ("SOURCE=oracle", "SOURCE=oracle is no source of data; it can be airtable"),
        ("AIRTABLE=app", "AIRTABLE=app: 'app' is not setting=value"),
        ("AIRTABLE=table=x", "AIRTABLE=table=x: airtable.base is not set"),
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


def test_the_sdk_of_a_cloud_is_installed_for_the_stacks_that_need_it(checkout: Checkout) -> None:
    stamp = checkout.root / ".venv/.installed-requirements-aws.txt"
    (checkout.root / "stacks/Pulumi.aws-dev.yaml").write_text("config:\n  serverless-ml:cloud: aws\n")

    assert checkout.run("make", "up").returncode == 0
    assert not stamp.exists()
    assert checkout.run("make", "up", "STACK=aws-dev").returncode == 0
    assert stamp.exists()


@pytest.mark.parametrize("setting", ["TARGTE=price", "target=price", "BUDGET_=3"])
def test_a_misspelt_setting_is_refused(checkout: Checkout, setting: str) -> None:
    done = checkout.run("make", "up", setting)

    assert done.returncode != 0
    assert f"{setting.partition('=')[0]} is no setting of `make up`; there are CLOUD DATASET" in done.stderr
    assert commands(checkout) == []


def test_a_failed_update_is_a_failure_that_says_where_settings_are(checkout: Checkout) -> None:
    checkout.pretend_pulumi({"up": (1, "", "error: no\n")})

    done = checkout.run("make", "up", "TARGET=price")
    assert done.returncode != 0
    assert "stacks/Pulumi.local.yaml" in done.stderr
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


TABLE = {"base": "appFAKE0000000000", "table": "Customers", "fields": "Age,Plan"}
AIRTABLE = 'AIRTABLE=base=appFAKE0000000000,table=Customers,"fields=Age,Plan"'
SET_TOKEN = ["config", "set", "--secret", "airtable_token", "--stack", "local"]


def with_source(checkout: Checkout, more: str = "") -> None:
    text = f"config:\n  serverless-ml:source: airtable\n{more}"
    (checkout.root / "stacks/Pulumi.local.yaml").write_text(text)


def test_a_table_of_airtable_becomes_an_object(checkout: Checkout) -> None:
    with_source(checkout)
    assert (
        checkout.run("make", "up", "SOURCE=airtable", AIRTABLE, environment={"AIRTABLE_TOKEN": "patX"}).returncode == 0
    )
    assert configured(checkout)["airtable"]["objectValue"] == TABLE
    assert configured(checkout)["source"] == {"value": "airtable"}


def test_a_token_is_stored_through_standard_input_and_seen_nowhere_else(checkout: Checkout) -> None:
    with_source(checkout)
    lines = (
        "#!/bin/sh",
        '[ "$1 $2" = "config set" ] && cat > "$HOME/stdin"',
        '[ "$1" = version ] || env > "$HOME/env-$$"',
        'exec "$0.real" "$@"',
    )
    (checkout.programs / "pulumi").rename(checkout.programs / "pulumi.real")
    (checkout.programs / "pulumi.json").rename(checkout.programs / "pulumi.real.json")
    checkout.write_program(checkout.programs / "pulumi", "\n".join(lines))

    done = checkout.run("make", "up", environment={"AIRTABLE_TOKEN": "patSECRET"})

    assert done.returncode == 0, done.stderr
    assert SET_TOKEN in [call.arguments for call in checkout.calls("pulumi.real")]
    assert (checkout.home / "stdin").read_text() == "patSECRET"
    assert "patSECRET" not in done.stdout + done.stderr
    seen = [path.read_text() for path in checkout.home.glob("env-*")]
    assert len(seen) > 2
    assert "patSECRET" not in "".join(seen)


def test_without_a_token_nothing_is_begun(checkout: Checkout) -> None:
    with_source(checkout)
    done = checkout.run("make", "up")
    assert done.returncode != 0
    assert "error: there is no token of Airtable yet: AIRTABLE_TOKEN=pat... make up" in done.stderr
    assert not [command for command in commands(checkout) if command.startswith("up")]


def test_a_token_that_is_there_is_kept_and_a_stack_without_a_table_gets_none(checkout: Checkout) -> None:
    with_source(checkout, "  serverless-ml:airtable_token:\n    secure: v1:abc\n")
    assert checkout.run("make", "up").returncode == 0
    assert checkout.run("make", "up", "STACK=two", environment={"AIRTABLE_TOKEN": "patX"}).returncode == 0
    assert not [command for command in commands(checkout) if "airtable_token" in command]
