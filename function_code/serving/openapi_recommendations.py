"""The schemas of the OpenAPI document for recommendations: of a history, and of the items that come back for it."""

from __future__ import annotations

from function_code.history_checks import EXCLUDE, HISTORY, ITEM, WHEN
from function_code.scoring.neighbours import TOP
from function_code.serving.openapi_schemas import MAX_LISTED_VALUES, feature, ids_of, with_ids
from function_code.serving.predictions import FLAGS
from function_code.serving.recommendations import RECOMMENDATION_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Schema

    Json = dict[str, Any]

LABEL: Json = {"type": ["string", "integer"], "pattern": r"\S"}
PARAMETERS: list[Json] = [
    {
        "name": "top",
        "in": "query",
        "description": f"how many items to recommend, {TOP} without it",
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    },
    {
        "name": "because",
        "in": "query",
        "description": FLAGS["because"],
        "schema": {"type": "boolean"},
    },
]


def instance(schema: Schema) -> Json:
    """The schema of a user's history, and of what is not to be recommended."""
    known = ", ".join(map(str, schema.classes[:MAX_LISTED_VALUES]))
    more = len(schema.classes) - MAX_LISTED_VALUES
    item = {**LABEL, "description": f"known: {known}" + (f" and {more} more" if more > 0 else "")}
    when = feature(schema.features[0])
    event = {
        "type": "object",
        "required": [ITEM],
        "additionalProperties": False,
        "properties": {ITEM: item, WHEN: when},
    }
    history = {
        "type": "array",
        "items": {"anyOf": [item, event]},
        "description": f'what the user took; either all events have a "{WHEN}" or none, where the latest stands last',
    }
    excluded = {"type": "array", "items": LABEL, "description": "items that are not to be recommended"}
    properties = {**ids_of(schema), HISTORY: history, EXCLUDE: excluded}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def recommendation(schema: Schema) -> Json:
    """The answer to an instance."""
    label: Json = {"type": ["string", "integer"]}
    because = {"type": ["string", "integer", "null"], "description": "with ?because=true: the item of the history"}
    item = {
        "type": "object",
        "required": ["item", "score"],
        "properties": {"item": label, "score": {"type": "number"}, "because": because},
    }
    text = "the best first; none of the history or of what is excluded"
    return with_ids(schema, {"items": {"type": "array", "items": item, "description": text}}, RECOMMENDATION_KEYS)
