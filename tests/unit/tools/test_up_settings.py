"""`make up NAME=value`: settings reach the stack as they were typed, or are refused before anything happens."""

from __future__ import annotations

import pytest

from tests.support.checkout import Checkout


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
    assert checkout.configured() == {"target": {"value": text}, "id": {"value": text}}


def test_kinds_become_an_object(checkout: Checkout) -> None:
    assert checkout.run("make", "up", 'KINDS=zip=category,"odd, a=b"=number').returncode == 0

    assert checkout.configured()["kinds"]["objectValue"] == {"zip": "category", "odd, a=b": "number"}


def test_kinds_and_missing_values_add_to_what_is_set(checkout: Checkout) -> None:
    """Found by a newcomer: the setting that a warning named took all others back, that of the target among them."""
    (checkout.root / "stacks/Pulumi.local.yaml").write_text(
        "config:\n  serverless-ml:kinds:\n    price: number:us £\n    zip: category\n    since: date\n"
        "  serverless-ml:missing:\n    age: '-999'\n"
    )
    done = checkout.run("make", "up", "KINDS=note=text,since=,zip=id", "MISSING=x=0")

    assert done.returncode == 0, done.stderr
    configured = checkout.configured()
    assert configured["kinds"]["objectValue"] == {"price": "number:us £", "zip": "id", "note": "text"}
    assert configured["missing"]["objectValue"] == {"age": "-999", "x": "0"}


def test_values_that_stand_for_missing_become_an_object(checkout: Checkout) -> None:
    assert checkout.run("make", "up", 'MISSING=age=-999,"odd, a=b"=9999|8888').returncode == 0

    assert checkout.configured()["missing"]["objectValue"] == {"age": "-999", "odd, a=b": "9999|8888"}


def test_a_dataset_is_found_from_where_make_was_called(checkout: Checkout) -> None:
    where = checkout.base / "somewhere else"
    where.mkdir()
    (where / "my data.csv").write_text("a\n1\n")

    done = checkout.run("make", "-C", checkout.root, "up", "DATASET=my data.csv", cwd=where)

    assert done.returncode == 0, done.stderr
    assert checkout.configured() == {"dataset": {"value": "../somewhere else/my data.csv"}}


def test_a_dataset_may_be_named_from_the_project_or_from_the_root(checkout: Checkout) -> None:
    inside = checkout.root / "in.csv"
    inside.write_text("a\n1\n")

    for dataset in ("in.csv", str(inside)):
        checkout.base.joinpath("calls").unlink(missing_ok=True)
        assert checkout.run("make", "-C", checkout.root, "up", f"DATASET={dataset}", cwd=checkout.home).returncode == 0
        assert checkout.configured() == {"dataset": {"value": dataset}}


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("DATASET=nowhere.csv", "DATASET=nowhere.csv is not a file"),
        ("PORT=http", "PORT=http is not a port number"),
        ("PORT=70000", "PORT=70000 is not a port number"),
        ("MISSING=-999", "'-999' is not column=value"),
        ("KINDS=zip", "'zip' is not column=kind"),
        ("KINDS=zip=postcode", "'zip=postcode' is not column=kind"),
        ("SOURCE=oracle", "SOURCE=oracle is no source of data; it can be airtable"),
        ("AIRTABLE=app", "AIRTABLE=app: 'app' is not setting=value"),
        ("AIRTABLE=table=x", "AIRTABLE=table=x: airtable.base is not set"),
    ],
)
def test_a_setting_that_cannot_be_meant_changes_nothing(checkout: Checkout, setting: str, problem: str) -> None:
    done = checkout.run("make", "up", setting, "TARGET=x")

    assert done.returncode != 0
    assert problem in done.stderr
    assert done.stderr.count("error: ") == 1
    assert checkout.commands() == []


def test_an_empty_setting_goes_back_to_the_default(checkout: Checkout) -> None:
    assert checkout.run("make", "up", "DATASET=", "TARGET=x").returncode == 0

    assert checkout.configured() == {"target": {"value": "x"}}
    assert "config rm-all --stack local dataset" in checkout.commands()


def test_the_environment_sets_nothing_by_accident(checkout: Checkout) -> None:
    assert checkout.run("make", "up", environment={"PORT": "3000", "USER": "root", "TARGET": "x"}).returncode == 0
    assert not [command for command in checkout.commands() if command.startswith("config")]


def test_the_name_of_a_setting_in_the_environment_stays_there(checkout: Checkout) -> None:
    """Pulumi asks $USER who it is where the system has no entry for the user's number."""
    done = checkout.run("make", "up", "USER=customer", "ITEM=product", environment={"USER": "root", "WHEN": "now"})
    assert done.returncode == 0, done.stderr
    assert checkout.configured() == {"user": {"value": "customer"}, "item": {"value": "product"}}
    assert {call.environment.get("USER") for call in checkout.calls()} == {None}
    assert checkout.run("make", "up", environment={"USER": "root"}).returncode == 0
    assert checkout.calls()[-1].environment["USER"] == "root"


@pytest.mark.parametrize("setting", ["TARGTE=price", "target=price", "BUDGET_=3"])
def test_a_misspelt_setting_is_refused(checkout: Checkout, setting: str) -> None:
    done = checkout.run("make", "up", setting)

    assert done.returncode != 0
    assert f"{setting.partition('=')[0]} is no setting of `make up`; there are CLOUD DATASET" in done.stderr
    assert checkout.commands() == []
