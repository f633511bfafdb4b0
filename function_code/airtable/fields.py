"""Airtable's field types: what a cell is as the text of a CSV file, and what kind of column it makes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from function_code.data.text_kinds import kind_of_texts

NUMBERS = frozenset(("number", "percent", "currency", "rating", "duration", "count"))
DATES = frozenset(("date", "dateTime", "createdTime"))
TEXTS = frozenset(
    (
        "singleLineText", "multilineText", "richText", "email", "url", "phoneNumber", "barcode", "singleSelect",
        "multipleSelects", "singleCollaborator", "multipleCollaborators", "createdBy", "externalSyncSource", "aiText",
    )
)  # fmt: skip
COUNTED = frozenset(("multipleRecordLinks", "multipleAttachments"))
COMPUTED = frozenset(("formula", "rollup", "lookup", "multipleLookupValues"))
# Nothing can be learned from these: buttons and a view's order are no data, and the last two show our own writes.
USELESS = frozenset(("button", "manualSort", "lastModifiedTime", "lastModifiedBy"))
TYPES = NUMBERS | DATES | TEXTS | COUNTED | COMPUTED | USELESS | {"checkbox", "autoNumber"}
SEPARATOR = ";"  # between the values of a cell that has several; what `owned` splits, too
NAME_KEYS = ("name", "email", "text", "value", "id")  # keys of an object that name it, the best one first


@dataclass(frozen=True)
class Field:
    """A field as the schema describes it; `options` as Airtable writes them."""

    id: str
    name: str
    type: str
    options: dict[str, Any]

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Field":
        """The field of a schema's JSON."""
        return cls(content["id"], content["name"], content["type"], content.get("options") or {})

    @property
    def column(self) -> str:
        """Its name in a CSV file, which has no spaces around names."""
        return self.name.strip()

    @property
    def result(self) -> "Field":
        """The result of a computed field, described as a field; any other field itself."""
        if self.type not in COMPUTED:
            return self
        result = self.options.get("result") or {}
        return Field(self.id, self.name, result.get("type", ""), result.get("options") or {})

    @property
    def references(self) -> set[str]:
        """The ids of the fields that this one is computed from, of this table or another one."""
        ids = set(self.options.get("referencedFieldIds") or ())
        return ids | {
            self.options[name] for name in ("fieldIdInLinkedTable", "recordLinkFieldId") if self.options.get(name)
        }

    @property
    def useful(self) -> bool:
        """True if it holds data that this code knows."""
        if self.type in COMPUTED and "LAST_MODIFIED" in str(self.options.get("formula", "")).upper():
            return False
        return self.type not in USELESS and self.result.type in TYPES - USELESS - COMPUTED

    @property
    def single(self) -> bool:
        """True if it links to one record only."""
        return bool(self.options.get("prefersSingleRecordLink"))


def text(field: Field, value: Any) -> str:
    """A cell as text; `value` is None where Airtable leaves it out, which it does with whatever is empty."""
    result = field.result
    if value is None:
        if field.type == "checkbox":
            return "false"
        return "0" if field.type in COUNTED and not field.single else ""
    if result.type in COUNTED and not result.single and isinstance(value, list):
        return str(len(value))
    return _text(value)


def kind(field: Field, texts: Iterable[str]) -> str:
    """The kind of the column with these texts, as the setting kinds has it.

    A text is a text, though it looks like a number; one that hardly ever repeats is an id.
    """
    cells = list(texts)
    if field.type == "autoNumber":
        return "id"
    by_type = _kind(field.result)
    if by_type == "category" or any(SEPARATOR in text for text in cells):  # a lookup may find several values
        of_texts, form = kind_of_texts(Counter(filter(None, cells)))
        return f"{of_texts}:{form}" if form else of_texts
    return by_type


def _kind(result: Field) -> str:
    if result.type in NUMBERS or (result.type in COUNTED and not result.single):
        return "number"
    if result.type in DATES:
        return "date"
    return "boolean" if result.type == "checkbox" else "category"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return SEPARATOR.join(filter(None, map(_text, value)))
    if isinstance(value, dict):  # what a formula could not compute, {"specialValue": "NaN"} or {"error": ...}, has none
        return next((str(value[name]) for name in NAME_KEYS if value.get(name)), "")
    return "" if value is None else str(value)
