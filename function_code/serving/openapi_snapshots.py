"""The schema of the OpenAPI document for a user's history, of which features are made."""

from __future__ import annotations

from function_code.history_checks import AMOUNT, HISTORY, ITEM, WHEN
from function_code.history_features import AT
from function_code.serving import openapi_schemas
from function_code.serving.openapi_recommendations import LABEL
from function_code.serving.openapi_schemas import feature, ids_of
from function_code.snapshot_checks import snapshots_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Schema

    Json = dict[str, Any]


def instance(schema: Schema, keeps_histories: bool) -> Json:
    """The schema of a row of a request: a history, or the features that are made of one."""
    when, *amounts = snapshots_of(schema).events.features
    values = {ITEM: LABEL, WHEN: feature(when)} | ({AMOUNT: feature(amounts[0])} if amounts else {})
    event = {
        "type": "object",
        "required": [ITEM, WHEN],
        "additionalProperties": False,
        "properties": values,
    }
    text = "what the user did, in any order"
    if keeps_histories:
        text += f"; without it, or with null, what is kept of {schema.ids[0]!r}"
    kinds = ["array", "null"] if keeps_histories else "array"
    history = {"type": kinds, "minItems": 1, "items": event, "description": text}
    at = {**feature(when), "description": "the moment to look at: events after it don't count; now without it"}
    properties = {**ids_of(schema), HISTORY: history, AT: at}
    of_history = {
        "type": "object",
        "required": list(schema.ids) if keeps_histories else [HISTORY],
        "additionalProperties": False,
        "properties": properties,
    }
    return {"anyOf": [of_history, openapi_schemas.instance(schema)]}
