"""The schemas of the OpenAPI document, of an instance and of what comes back for it."""

from __future__ import annotations

from function_code.column import FALSE_WORDS, MAX_WHOLE_NUMBER, TRUE_WORDS
from function_code.schema import SEPARATORS
from function_code.serving.explanations import EXPLANATION_KEYS
from function_code.serving.predictions import PREDICTION_KEYS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.column import Column
    from function_code.schema import Schema
    from function_code.scoring.loaded_model import LoadedModel

    Json = dict[str, Any]

MAX_LISTED_VALUES = 20
TYPES = {
    "number": "number",
    "boolean": "boolean",
    "category": "string",
    "date": "string",
    "list": "string",
    "text": "string",
}
NOTES = {
    "boolean": "true or false; the words are understood in capitals as well",
    "date": "an ISO 8601 date or time, such as 2025-12-31 or 2025-12-31T23:59:59Z; UTC if it has no offset",
}
UNSEEN: Json = {
    "type": "array",
    "items": {"type": "string"},
    "description": "with ?unseen=true: the features, or the items of the history, whose value training never saw",
}


def instance(schema: Schema) -> Json:
    """The schema of one row of a request."""
    properties: Json = {column.name: feature(column) for column in schema.features}
    properties |= ids_of(schema)
    for name in (*schema.ignored, schema.target):
        properties[name] = {"description": "accepted and not used"}
    if schema.owned:
        labels = {"type": "array", "items": {"type": ["string", "integer"]}}
        text = f"classes that are not to be answered: a list of labels, or a text with any of {SEPARATORS} between them"
        properties[schema.owned] = {"anyOf": [labels, {"type": ["string", "null"]}], "description": text}
    required = [column.name for column in schema.features if not column.nullable]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def ids_of(schema: Schema) -> Json:
    """The schema of each id column."""
    types = ["string", "number", "boolean", "null"]
    text = "an id: echoed beside the prediction, not used for it"
    return {name: {"type": types, "description": text} for name in schema.ids}


def _type(column: Column) -> Json:
    kind = TYPES[column.kind]
    kinds = [kind, *(["integer"] if column.has_whole_categories else []), *(["null"] if column.nullable else [])]
    content: Json = {"type": kinds if len(kinds) > 1 else kind}
    if column.has_whole_categories:
        content |= {"minimum": -MAX_WHOLE_NUMBER, "maximum": MAX_WHOLE_NUMBER}
    # An empty text is a missing value.
    if kind == "string" and not column.nullable:
        content["minLength"] = 1
    if kind == "number" and column.nullable:
        content |= {"type": [*kinds, "string"], "maxLength": 0}
    return content


def feature(column: Column) -> Json:
    """The schema of a column's value."""
    content = _type(column)
    if column.kind == "boolean":
        words = sorted({*TRUE_WORDS, *FALSE_WORDS, *filter(None, column.form.split("/"))})
        content = {"enum": [True, False, *words, *([None, ""] if column.nullable else [])]}
    if column.kind == "date":
        content = {"anyOf": [{"type": "string", "format": form} for form in ("date", "date-time")]}
        content["anyOf"] += [{"type": ["null", "string"], "maxLength": 0}] if column.nullable else []
    if column.kind == "list":
        listed = {"type": "array", "items": {"type": ["string", "number"]}}
        content = {"anyOf": [content, listed]}
    elif column.form and column.kind in ("number", "date"):
        number = "integer" if column.has_dotted_times else "number"
        content = {"type": ["string", number, *(["null"] if column.nullable else [])]}
        content["description"] = f"as in the file that was learned from ({column.form}), or as JSON has it"
    if column.kind in NOTES and not column.form:
        content["description"] = NOTES[column.kind]
    if column.values:
        # Not an enum: a category never seen in training is scored too.
        content["description"] = f"{_known(column)}: " + ", ".join(column.values[:MAX_LISTED_VALUES])
        if len(column.values) > MAX_LISTED_VALUES:
            content["description"] += f" and {len(column.values) - MAX_LISTED_VALUES} more"
    if column.example is not None:
        content["examples"] = [column.example]
    return content


def _known(column: Column) -> str:
    return "known" if column.kind == "category" else f"a list, or a text with {column.form} between elements; known"


def prediction(loaded: LoadedModel) -> Json:
    """The answer to an instance."""
    own = _answer(loaded)
    if loaded.schema.classes:
        own["probabilities"] = {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        }
        if loaded.schema.owned:
            own["probabilities"]["description"] = "without what is owned; the others are not rescaled"
    return with_ids(loaded.schema, own, PREDICTION_KEYS)


def explanation(loaded: LoadedModel) -> Json:
    """The explanation of the answer to an instance."""
    schema = loaded.schema
    number: Json = {"type": ["number", "null"] if schema.owned else "number"}
    own = {
        **_answer(loaded),
        "scale": {"type": "string", "description": "what the score is a number of, such as log-odds"},
        "base": {**number, "description": "the score before any feature is looked at"},
        "contributions": {"type": "object", "additionalProperties": {"type": "number"}},
        "score": {**number, "description": "the base and all contributions, added up"},
    }
    if schema.classes:
        own["class"] = {
            "enum": [*schema.classes, *([None] if schema.owned else [])],
            "description": "whose score it is",
        }
    return with_ids(schema, own, EXPLANATION_KEYS)


def _answer(loaded: LoadedModel) -> Json:
    schema, threshold = loaded.schema, loaded.scorer.threshold
    if not schema.classes:
        return {"value": {"type": "number", "description": f"the predicted {schema.target}"}}
    if threshold is not None:
        positive = loaded.scorer.positive
        label, other = schema.classes[positive], schema.classes[1 - positive]
        text = f"{label}, the positive class, from a probability of {threshold:.6g} on, otherwise {other}"
    else:
        text = "the most probable class"
    if schema.owned:
        text += " that is not owned; null if all are"
    return {"label": {"enum": [*schema.classes, *([None] if schema.owned else [])], "description": text}}


def with_ids(schema: Schema, own: Json, reserved: frozenset[str]) -> Json:
    """The schema of an answer, with the ids of its instance."""
    ids: Json = {name: {"description": "as in the instance"} for name in schema.ids}
    if not reserved.isdisjoint(ids):
        ids = {"ids": {"type": "object", "properties": ids}}
    return {"type": "object", "required": list(own), "properties": {**ids, **own, "unseen": UNSEEN}}


PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["instance", "field", "problem"],
                "properties": {
                    "instance": {"type": "integer", "minimum": 0},
                    "field": {"type": ["string", "null"]},
                    "problem": {"type": "string"},
                },
            },
        },
    },
}
