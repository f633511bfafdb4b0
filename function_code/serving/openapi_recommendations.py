"""The schemas of the OpenAPI document for recommendations: of a history, and of the items that come back for it."""

from __future__ import annotations

from function_code.history_checks import EXCLUDE, HISTORY, ITEM, WHEN
from function_code.scoring.neighbours import TOP
from function_code.serving.openapi_schemas import MAX_LISTED_VALUES, feature, ids_of, with_ids
from function_code.serving.predictions import FLAGS
from function_code.serving.recommendations import RECOMMENDATION_KEYS, SOURCES

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


def instance(schema: Schema, keeps_histories: bool) -> Json:
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
    text = f'what the user took; either all events have a "{WHEN}" or none, where the latest stands last'
    if keeps_histories:
        text += f"; without it, or with null, what is kept of {schema.ids[0]!r}; [] for a new user"
    history = {
        "type": ["array", "null"] if keeps_histories else "array",
        "items": {"anyOf": [item, event]},
        "description": text,
    }
    excluded = {"type": "array", "items": LABEL, "description": "items that are not to be recommended"}
    properties = {**ids_of(schema), HISTORY: history, EXCLUDE: excluded}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def recommendation(schema: Schema, keeps_histories: bool) -> Json:
    """The answer to an instance."""
    label: Json = {"type": ["string", "integer"]}
    because = {"type": ["string", "integer", "null"], "description": "with ?because=true: the item of the history"}
    item = {
        "type": "object",
        "required": ["item", "score"],
        "properties": {"item": label, "score": {"type": "number"}, "because": because},
    }
    text = "the best first; none of the history or of what is excluded"
    answer: Json = {"items": {"type": "array", "items": item, "description": text}}
    if keeps_histories:
        answer[HISTORY] = {"enum": list(SOURCES), "description": "where the history is from"}
    return with_ids(schema, answer, RECOMMENDATION_KEYS)
