"""The fields that predictions are written to: those that exist, those to be created, and what each of them takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from function_code.airtable.client import Airtable
from function_code.airtable.fields import NUMBERS, Field
from function_code.airtable.schema import Base
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Refused

TEXT_TYPES = frozenset(("singleLineText", "multilineText"))
SELECT_TYPE, CHECKBOX_TYPE = "singleSelect", "checkbox"
LABEL_TYPES = TEXT_TYPES | NUMBERS - {"count"} | {SELECT_TYPE, CHECKBOX_TYPE}
ALLOWED_TYPES = {
    "label": LABEL_TYPES,
    "probability": frozenset(("number", "percent")),
    "version": TEXT_TYPES,
    "time": TEXT_TYPES | {"dateTime"},
}
DATETIME_OPTIONS = {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "utc"}
NEW_FIELDS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "label": ("singleLineText", None),
    "probability": ("percent", {"precision": 1}),
    "version": ("singleLineText", None),
    "time": ("dateTime", DATETIME_OPTIONS),
}
DECIMALS = 8  # of a value, as many as Airtable shows
# Types that Airtable finds rows by, but for selects, whose choices each new row would add to.
KEY_TYPES = TEXT_TYPES | {"number", "date"}


@dataclass(frozen=True)
class Targets:
    """The fields to write to. `fields` are by what goes into them; `missing` are those that are not there yet."""

    table: str
    fields: Mapping[str, Field]
    missing: Mapping[str, str]
    key: Field | None

    @classmethod
    def of(cls, base: Base, airtable: AirtableSettings) -> "Targets":
        """Looks up the fields of the settings. Raises Refused if one is missing and may not be created, or unfit."""
        table = base.sink
        existing = {field.column: field for field in table.fields}
        missing = {part: name for part, name in airtable.written.items() if name not in existing}
        where = f"base {airtable.base}, table {table.name!r}"
        if missing and not airtable.create_fields:
            raise Refused(
                f"{where} has no field {', '.join(map(repr, missing.values()))} to write predictions to: add it, name "
                f"another by airtable.{next(iter(missing))}, or set airtable.create_fields to true"
            )
        fields = {part: existing[name] for part, name in airtable.written.items() if name in existing}
        for part, field in fields.items():
            if field.type not in ALLOWED_TYPES[part]:
                raise Refused(
                    f"{where}: the field {field.name!r} is a {field.type}, which airtable.{part} can't be written to; "
                    f"it takes {', '.join(sorted(ALLOWED_TYPES[part]))}"
                )
        key = base.field(table, airtable.key, "airtable.key") if airtable.key else None
        if key and key.type not in KEY_TYPES:
            raise Refused(
                f"{where}: the field {key.name!r} is a {key.type}, by which rows can't be found: make it, or a copy "
                f"of it that airtable.key names, a single line text; it can be {', '.join(sorted(KEY_TYPES))}"
            )
        return cls(table.id, fields, missing, key)

    def create_missing(self, client: Airtable, classes: tuple[Any, ...]) -> list[str]:
        """Adds the missing fields, for labels of these classes or, without any, for values; returns their ids."""
        ids = []
        for part, name in self.missing.items():
            kind, options = NEW_FIELDS[part]
            if part == "label" and all(isinstance(label, int) for label in classes):
                kind, options = "number", {"precision": 0 if classes else DECIMALS}
            if classes or part != "probability":
                ids.append(client.create_field(self.table, name, kind, options))
        return ids

    def check_classes(self, classes: tuple[Any, ...], create: bool) -> bool:
        """True if the write is to create choices of a select. Raises Refused if it would have to and may not."""
        label = self.fields.get("label")
        if label is None or label.type != SELECT_TYPE:
            return False
        choices = {choice["name"] for choice in label.options.get("choices", ())}
        missing = [str(name) for name in classes if str(name) not in choices]
        if missing and not create:
            raise Refused(
                f"the field {label.name!r} of Airtable has no choice {', '.join(map(repr, missing))}: add it, or set "
                "airtable.create_fields to true"
            )
        return bool(missing)

    def cells(self, values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        """A record's fields, from what goes into each; None empties one. Raises Refused if a label does not fit."""
        return {
            self.fields[part].name if part in self.fields else name: self._cell(part, values[part])
            for part, name in names.items()
            if part in values
        }

    def _cell(self, part: str, value: Any) -> Any:
        field = self.fields.get(part)
        if value is None or field is None or part != "label":
            return value
        convert: Callable[[Any], Any] = str
        if field.type in NUMBERS:
            convert = float
        elif field.type == CHECKBOX_TYPE:
            convert = _truth
        try:
            return convert(value)
        except ValueError:
            raise Refused(
                f"the field {field.name!r} of Airtable is a {field.type}, and a prediction is {value!r}: "
                "name a text by airtable.label"
            ) from None


def key_cell(field: Field, text: str) -> Any:
    """A key as Airtable compares it: numbers as numbers. Raises Refused if it is none."""
    if field.type not in NUMBERS:
        return text
    try:
        number = float(text)
    except ValueError:
        number = nan
    if not isfinite(number):
        raise Refused(
            f"the field {field.name!r} of Airtable, which airtable.key names, is a {field.type} where predictions are "
            f"written to, and {text!r} is no number: make it a text there, or name another field"
        )
    return number


def _truth(label: Any) -> bool:
    truth = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}.get(str(label).casefold())
    if truth is None:
        raise ValueError(label)
    return truth
