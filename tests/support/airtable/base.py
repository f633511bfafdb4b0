"""A base of Airtable in memory: fields with types, records whose empty cells are left out, and the few formulas known.

https://airtable.com/developers/web/api has what the real one does.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

NUMBERS = ("number", "percent", "currency", "rating", "duration")
TEXTS = ("singleLineText", "multilineText", "email", "url", "phoneNumber", "dateTime", "date")
COMPUTED = ("lastModifiedTime", "createdTime", "formula", "autoNumber", "multipleLookupValues", "rollup", "count")
CREATED_SECONDS = 1_700_000_000.0

_ids = count(1)


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, kind: str, message: str = "") -> None:
        super().__init__(kind)
        self.status = status
        self.content: Any = {"error": {"type": kind, "message": message}}


def new_id(prefix: str) -> str:
    return f"{prefix}{next(_ids):014d}"


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Record:
    """`changed` has when each field was written last, by its id."""

    id: str
    fields: dict[str, Any]
    created: float
    changed: dict[str, float] = field(default_factory=dict)


@dataclass
class Table:
    name: str
    fields: list[dict[str, Any]]
    id: str = field(default_factory=lambda: new_id("tbl"))
    records: dict[str, Record] = field(default_factory=dict)
    views: dict[str, set[str]] = field(default_factory=dict)

    def find(self, name: str) -> dict[str, Any]:
        for each in self.fields:
            if name in (each["name"], each["id"]):
                return each
        raise Refusal(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')

    def add(self, fields: Mapping[str, Any], created: float = CREATED_SECONDS) -> Record:
        record = Record(new_id("rec"), {}, created)
        self.records[record.id] = record
        self.write(record, fields, created)
        return record

    def write(self, record: Record, fields: Mapping[str, Any], now: float | None = None) -> None:
        """Writes as a person does, or a request that was checked."""
        for name, value in fields.items():
            record.fields[name] = value
            record.changed[self.find(name)["id"]] = time.time() if now is None else now

    def filled_cells(self, record: Record, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Its cells but for those that are empty, as the API leaves them out."""
        fields = [self.find(name) for name in names] if names else self.fields
        cells = {field["name"]: self._cell(record, field) for field in fields}
        return {name: value for name, value in cells.items() if value not in (None, "", [], False)}

    def _cell(self, record: Record, field: dict[str, Any]) -> Any:
        if field["type"] == "lastModifiedTime":
            return moment(self.modified(record, field)) if self.modified(record, field) else None
        if field["type"] == "createdTime":
            return moment(record.created)
        return record.fields.get(field["name"])

    def modified(self, record: Record, field: dict[str, Any]) -> float:
        """The time of the last write to a field that it watches: to any one, if it names none."""
        watched = (field.get("options") or {}).get("referencedFieldIds")
        return max([at for name, at in record.changed.items() if not watched or name in watched], default=0.0)

    def check(self, fields: Mapping[str, Any], typecast: bool) -> None:
        """Raises Refusal if a value can't be written."""
        for name, value in fields.items():
            field = self.find(name)
            kind = field["type"]
            if kind in COMPUTED:
                raise Refusal(422, "INVALID_VALUE_FOR_COLUMN", f'Field "{name}" cannot accept a value: it is computed')
            if value is None:
                continue
            if kind == "singleSelect":
                self._choose(field, value, typecast)
                continue
            fits = isinstance(value, bool) if kind == "checkbox" else isinstance(value, int | float | str)
            if kind in NUMBERS:
                fits = isinstance(value, int | float) and not isinstance(value, bool)
            if kind in TEXTS:
                fits = isinstance(value, str)
            if not fits:
                raise Refusal(422, "INVALID_VALUE_FOR_COLUMN", f'Field "{name}" cannot accept the provided value')

    def _choose(self, field: dict[str, Any], value: str, typecast: bool) -> None:
        choices = field["options"]["choices"]
        if value not in [choice["name"] for choice in choices]:
            if not typecast:
                why = f'Insufficient permissions to create new select option "{value}"'
                raise Refusal(422, "INVALID_MULTIPLE_CHOICE_OPTIONS", why)
            choices.append({"id": new_id("sel"), "name": value})

    def matching(self, formula: str) -> list[Record]:
        """The records of a formula; an unknown one is refused, as Airtable refuses what is no formula."""
        terms = re.fullmatch(r"OR\((.*)\)", formula)
        if not terms:
            raise Refusal(422, "INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {formula}")
        ids = re.fullmatch(r"RECORD_ID\(\)='rec\w{14}'(, RECORD_ID\(\)='rec\w{14}')*", terms[1])
        if ids:
            return [record for record in self.records.values() if record.id in terms[1]]
        after = r"DATETIME_PARSE\('([^']+)'\)\)"
        since = re.fullmatch(r"IS_AFTER\(\{(.+)\}, " + after + r", IS_AFTER\(CREATED_TIME\(\), " + after, terms[1])
        if not since:
            raise Refusal(422, "INVALID_FILTER_BY_FORMULA", f"The formula for filtering records is invalid: {formula}")
        name, *moments = since.groups()
        changed, created = (datetime.fromisoformat(text).timestamp() for text in moments)
        field = self.find(name)
        return [r for r in self.records.values() if self.modified(r, field) > changed or r.created > created]


def make_field(name: str, kind: str, **options: Any) -> dict[str, Any]:
    """A field of a schema; choices may be given by their names."""
    if "choices" in options:
        options["choices"] = [{"id": new_id("sel"), "name": choice} for choice in options["choices"]]
    return {"id": new_id("fld"), "name": name, "type": kind, **({"options": options} if options else {})}
