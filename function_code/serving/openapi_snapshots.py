"""The schema of the OpenAPI document for a user's history, of which features are made."""

from __future__ import annotations

from function_code.history_checks import HISTORY, ITEM, WHEN
from function_code.history_features import AT
from function_code.serving import openapi_schemas
from function_code.serving.openapi_recommendations import LABEL
from function_code.serving.openapi_schemas import feature, ids_of
from function_code.snapshot_checks import AMOUNT, snapshots_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Schema

    Json = dict[str, Any]


def instance(schema: Schema) -> Json:
    """The schema of a row of a request: a history, or the features that are made of one."""
    when, *amounts = snapshots_of(schema).events.features
    values = {ITEM: LABEL, WHEN: feature(when)} | ({AMOUNT: feature(amounts[0])} if amounts else {})
    event = {
        "type": "object",
        "required": [ITEM, WHEN],
        "additionalProperties": False,
        "properties": values,
    }
    history = {"type": "array", "minItems": 1, "items": event, "description": "what the user did, in any order"}
    at = {**feature(when), "description": "the moment to look at: events after it don't count; now without it"}
    properties = {**ids_of(schema), HISTORY: history, AT: at}
    of_history = {"type": "object", "required": [HISTORY], "additionalProperties": False, "properties": properties}
    return {"anyOf": [of_history, openapi_schemas.instance(schema)]}
