"""A table of customers as a base may have it, with what is to be predicted of them."""

import random
from pathlib import Path
from typing import Any

from function_code.airtable.settings import AirtableSettings
from function_code.registry import Registry
from function_code.training.run import train
from function_code.training.settings import Settings
from tests.support.airtable.base import Table, make_field
from tests.support.airtable.server import TOKEN, FakeAirtable
from tests.support.tables import briefly

LIKELY = {"Plan": "pro", "Spend": 99.5, "Member": True}
UNLIKELY = {"Plan": "basic", "Spend": 1.5, "Member": False}
PULLED_RECORDS = 60  # of the table that the fixture `pulled` has
TRAINING = briefly("Renewed", ids=("Customer",))

Pulled = tuple[Table, Path]


def customers(count: int, *more: dict[str, Any]) -> Table:
    """`count` records of which cells are empty here and there, whose target follows from them."""
    table = Table(
        "Customers",
        [
            make_field("Customer", "singleLineText"),
            make_field("Plan", "singleSelect", choices=["basic", "pro"]),
            make_field("Spend", "currency", precision=2, symbol="$"),
            make_field("Member", "checkbox", color="greenBright", icon="check"),
            make_field("Renewed", "singleSelect", choices=["yes", "no"]),
            make_field("Prediction", "singleLineText"),
            make_field("Probability", "percent", precision=1),
            make_field("Model version", "singleLineText"),
            make_field("Predicted at", "dateTime"),
            *more,
        ],
    )
    chance = random.Random(7)
    for number in range(count):
        table.add({name: value for name, value in customer(number, chance).items() if value is not None})
    watched = [field["id"] for field in table.fields[:5]]
    table.fields.append(make_field("Modified", "lastModifiedTime", isValid=True, referencedFieldIds=watched))
    return table


def customer(number: int, chance: random.Random) -> dict[str, Any]:
    spend, member = round(chance.uniform(1, 100), 2), chance.random() > 0.5
    plan = chance.choice(["basic", "pro", None])
    likely = spend / 100 + 0.3 * member + 0.3 * (plan == "pro") + chance.gauss(0, 0.1)
    return {
        "Customer": f"C{number}",
        "Plan": plan,
        "Spend": spend,
        "Member": member,
        "Renewed": "yes" if likely > 0.8 else "no",
    }


def change(table: Table, count: int, label: str = "no") -> list[str]:
    """A person writes into records that are predicted so, such that they come to the other label; their ids."""
    records = [record for record in table.records.values() if record.fields["Prediction"] == label][:count]
    for record in records:
        table.write(record, LIKELY if label == "no" else UNLIKELY)
    return [record.id for record in records]


def settings_for(server: FakeAirtable, path: Any, **more: Any) -> AirtableSettings:
    """The settings of a fake, with the token in a file under `path`."""
    token = path / "airtable-token"
    token.write_text(TOKEN)
    return AirtableSettings.of({**server.settings, "token": str(token), **more})


def trained(registry: Registry, key: str, training: Settings = TRAINING) -> str:
    """A version that was trained on a dataset of the store and serves; its name."""
    outcome = train(registry.store.get(key), key.rpartition("/")[2], training, registry, lambda line: None)
    registry.promote(outcome.version)
    return outcome.version
