"""Predictions in a table of customers, and a second table for predictions alone."""

import json
from dataclasses import asdict
from typing import Any

from function_code.airtable.settings import AirtableSettings
from tests.support.airtable.base import Table, make_field

PREDICTION_FIELDS = ("Prediction", "Probability", "Model version", "Predicted at")


def predictions_in(table: Table) -> dict[str, dict[str, Any]]:
    """The predictions in the table, by customer, without their time."""
    parts = ("Prediction", "Probability", "Model version")
    return {
        record.fields["Customer"]: {part: record.fields[part] for part in parts}
        for record in table.records.values()
        if record.fields.get("Prediction") is not None
    }


def scores_table(table: Table, kind: str = "singleLineText", **options: Any) -> Table:
    """A table for predictions alone, whose key is of such a kind."""
    return Table("Scores", [make_field("Customer", kind, **options), *table.fields[5:9]])


def settings_json(airtable: AirtableSettings) -> str:
    return json.dumps(asdict(airtable))
