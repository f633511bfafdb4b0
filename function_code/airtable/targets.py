"""The fields that predictions are written to: which there are, which are to be made, and what each of them takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from function_code.airtable.client import Airtable
from function_code.airtable.fields import NUMBERS, Field
from function_code.airtable.schema import Base
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Refused

PLAIN = frozenset(("singleLineText", "multilineText"))
SELECT, CHECKBOX = "singleSelect", "checkbox"
LABELS = PLAIN | NUMBERS - {"count"} | {SELECT, CHECKBOX}
TAKES = {
    "label": LABELS,
    "probability": frozenset(("number", "percent")),
    "version": PLAIN,
    "time": PLAIN | {"dateTime"},
}
CLOCK = {"dateFormat": {"name": "iso"}, "timeFormat": {"name": "24hour"}, "timeZone": "utc"}
MADE: dict[str, tuple[str, dict[str, Any] | None]] = {
    "label": ("singleLineText", None),
    "probability": ("percent", {"precision": 1}),
    "version": ("singleLineText", None),
    "time": ("dateTime", CLOCK),
}
DECIMALS = 8  # of a value, as many as Airtable shows
# What Airtable finds rows by, but for selects, whose choices each new row would add to.
KEYS = PLAIN | {"number", "date"}


@dataclass(frozen=True)
class Targets:
    """Where to write. `fields` are by what goes into them; `missing` are those that are not there yet."""

    table: str
    fields: Mapping[str, Field]
    missing: Mapping[str, str]
    key: Field | None

    @classmethod
    def of(cls, base: Base, airtable: AirtableSettings) -> "Targets":
        """What the settings name, looked up. Raises Refused if a field is missing and may not be made, or unfit."""
        table = base.sink
        there = {field.column: field for field in table.fields}
        missing = {part: name for part, name in airtable.written.items() if name not in there}
        where = f"base {airtable.base}, table {table.name!r}"
        if missing and not airtable.create_fields:
            raise Refused(
                f"{where} has no field {', '.join(map(repr, missing.values()))} to write predictions to: add it, name "
                f"another by airtable.{next(iter(missing))}, or set airtable.create_fields to true"
            )
        fields = {part: there[name] for part, name in airtable.written.items() if name in there}
        for part, field in fields.items():
            if field.type not in TAKES[part]:
                raise Refused(
                    f"{where}: the field {field.name!r} is a {field.type}, which airtable.{part} can't be written to; "
                    f"it takes {', '.join(sorted(TAKES[part]))}"
                )
        key = base.field(table, airtable.key, "airtable.key") if airtable.key else None
        if key and key.type not in KEYS:
            raise Refused(
                f"{where}: the field {key.name!r} is a {key.type}, by which rows can't be found: make it, or a copy "
                f"of it that airtable.key names, a single line text; it can be {', '.join(sorted(KEYS))}"
            )
        return cls(table.id, fields, missing, key)

    def make(self, client: Airtable, classes: tuple[Any, ...]) -> list[str]:
        """Adds the missing fields, for labels of these classes or, without any, for values; returns their ids."""
        made = []
        for part, name in self.missing.items():
            kind, options = MADE[part]
            if part == "label" and all(isinstance(label, int) for label in classes):
                kind, options = "number", {"precision": 0 if classes else DECIMALS}
            if classes or part != "probability":
                made.append(client.create_field(self.table, name, kind, options))
        return made

    def check_classes(self, classes: tuple[Any, ...], create: bool) -> bool:
        """Whether choices of a select are to be made on the way. Raises Refused if some are missing and may not be."""
        label = self.fields.get("label")
        if label is None or label.type != SELECT:
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
        elif field.type == CHECKBOX:
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
    found = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}.get(str(label).casefold())
    if found is None:
        raise ValueError(label)
    return found
