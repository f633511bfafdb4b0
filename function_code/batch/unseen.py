"""Counts of the values in a file that training never saw."""

from collections.abc import Sequence
from typing import Any

from function_code.dialects.iso_dates import write_iso
from function_code.schema import Schema
from function_code.scoring.seen_values import SeenValues

MAX_LISTED_COLUMNS = 5


class UnseenValues:
    """The unseen values of one block after the other, counted by column."""

    def __init__(self, seen: SeenValues, schema: Schema) -> None:
        self._seen = seen
        self._dates = {column.name for column in schema.features if column.kind == "date"}
        self._counts: dict[str, dict[str, Any]] = {}

    def update(self, features: Sequence[Sequence[Any]]) -> None:
        """Counts those of rows, given as a column for each feature."""
        for name, values in self._seen.unseen_in_columns(features):
            example = write_iso(values[0]) if name in self._dates else values[0]
            self._counts.setdefault(name, {"rows": 0, "example": example})["rows"] += len(values)

    def summary(self) -> dict[str, Any]:
        """The number of rows with one, and an example, by column; the columns with most of them first."""
        by_rows = sorted(self._counts.items(), key=lambda item: -item[1]["rows"])
        return {"unseen": dict(by_rows)}


def outcome_line(summary: dict[str, Any], results: str) -> str:
    """The outcome of a scoring in one line; `results` is the folder, as it is to be shown."""
    counts = f"{summary['scored']:,} rows scored, {summary['rejected']:,} rejected: {results}/"
    unseen = list(summary["unseen"].items())
    if not unseen:
        return counts
    listed = [f"{name} {_shown(**count)}" for name, count in unseen[:MAX_LISTED_COLUMNS]]
    more = f", and in {len(unseen) - len(listed)} more columns" if len(unseen) > len(listed) else ""
    return f"{counts}; values that training never saw, such as {', '.join(listed)}{more}"


def _shown(rows: int, example: Any) -> str:
    return f"{example!r} ({rows:,} {'row' if rows == 1 else 'rows'})"
