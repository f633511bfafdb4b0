"""`make up SOURCE=airtable`: the table's settings, and the token, which nobody else sees."""

from __future__ import annotations

from tests.support.checkout import Checkout

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
    assert checkout.configured()["airtable"]["objectValue"] == TABLE
    assert checkout.configured()["source"] == {"value": "airtable"}


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
    assert not [command for command in checkout.commands() if command.startswith("up")]


def test_a_token_that_is_there_is_kept_and_a_stack_without_a_table_gets_none(checkout: Checkout) -> None:
    with_source(checkout, "  serverless-ml:airtable_token:\n    secure: v1:abc\n")
    assert checkout.run("make", "up").returncode == 0
    assert checkout.run("make", "up", "STACK=two", environment={"AIRTABLE_TOKEN": "patX"}).returncode == 0
    assert not [command for command in checkout.commands() if "airtable_token" in command]
