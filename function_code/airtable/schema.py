"""The tables of a base: the fields that are columns of the dataset, and hints for a name that is not there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from function_code.airtable.fields import Field
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import State
from function_code.errors import Refused
from function_code.training.settings import Settings

MAX_LISTED = 12  # names in a message


@dataclass(frozen=True)
class Table:
    """A table as the schema describes it."""

    id: str
    name: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> dict[str, str]:
        """The names of its fields, by their ids, and of the table itself."""
        return {self.id: self.name, **{field.id: field.name for field in self.fields}}

    def field(self, name: str, setting: str, base: str, known: Mapping[str, str]) -> Field:
        """The field of this name. Raises Refused; `known` are the names that ids had before."""
        for field in self.fields:
            if name in (field.name, field.column):
                return field
        existing = {field.id: field.name for field in self.fields}
        raise Refused(
            f"base {base}, table {self.name!r} has no field {name!r}, which {setting} names; "
            f"{_hint(name, existing, known)}"
        )


class Base:
    """The tables of a base, as they are and as far as `state` knows what they were."""

    def __init__(self, settings: AirtableSettings, tables: list[dict[str, Any]], state: State) -> None:
        self._settings, self._known, self._written = settings, state.names, state.ours
        self.tables = [
            Table(table["id"], table["name"], tuple(map(Field.of, table.get("fields", ())))) for table in tables
        ]

    def table(self, name: str, setting: str) -> Table:
        """The table of this name or id. Raises Refused."""
        for table in self.tables:
            if name in (table.id, table.name):
                return table
        existing = {table.id: table.name for table in self.tables}
        raise Refused(
            f"base {self._settings.base} has no table {name!r}, which airtable.{setting} names; "
            f"{_hint(name, existing, self._known)}"
        )

    @property
    def source(self) -> Table:
        """The table that is read."""
        return self.table(self._settings.table, "table")

    @property
    def sink(self) -> Table:
        """The table that is written to."""
        return self.table(self._settings.sink, "predictions" if self._settings.predictions else "table")

    def field(self, table: Table, name: str, setting: str) -> Field:
        """A field of a table by its name. Raises Refused."""
        return table.field(name, setting, self._settings.base, self._known)

    def columns(self, training: Settings) -> list[Field]:
        """The fields of the dataset, in the table's order. Raises Refused if one that is named is none.

        What we write, and whatever is computed from it, is no feature: it would change by each prediction.
        """
        table = self.source
        ours = self._ours()
        named = dict.fromkeys(self._settings.fields, "airtable.fields")
        named |= dict.fromkeys(training.ids, "id") | {training.target: "target"}
        named |= {name: what for what, name in (("group", training.group), ("time", training.time)) if name}
        named |= {training.owned: "owned"} if training.owned else {}
        chosen = {self.field(table, name, setting).id: setting for name, setting in named.items()}
        for field in table.fields:
            if field.id in chosen and (field.id in ours or not field.useful):
                why = "is computed from what we write" if field.id in ours else f"is a {field.type}"
                raise Refused(f"{chosen[field.id]} names the field {field.name!r} of {table.name!r}, which {why}")
        return [
            field
            for field in table.fields
            if field.id in chosen or (not self._settings.fields and field.useful and field.id not in ours)
        ]

    def _ours(self) -> set[str]:
        """The ids of the fields of predictions, and of what is computed from them, in any table."""
        names = self._settings.written.values()
        ids = {*self._written, *(field.id for field in self.sink.fields if field.column in names)}
        everything = [field for table in self.tables for field in table.fields]
        while more := {field.id for field in everything if field.id not in ids and field.references & ids}:
            ids |= more
        return ids


def _hint(name: str, existing: Mapping[str, str], known: Mapping[str, str]) -> str:
    renamed = [existing[identity] for identity, before in known.items() if before == name and identity in existing]
    if renamed:
        return f"it is called {renamed[0]!r} now"
    close = get_close_matches(name, existing.values(), 1, 0.6)
    return f"did you mean {close[0]!r}?" if close else f"there are {_listed(existing.values())}"


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MAX_LISTED} more" if len(listed) > MAX_LISTED else ""
    return ", ".join(map(repr, listed[:MAX_LISTED])) + more
