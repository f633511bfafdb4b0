"""Values that the training rows had, to name those that they never had: unknown categories, and numbers far outside.

They lie beside a model's tables, apart from them: only those who ask for unseen values read them. The document:
{"categories": {feature: [each of its categories]}, "ranges": {feature: [least, greatest]}}, of numbers and dates, and
"lists": {feature: {"separator": mark, "elements": [each element]}}.
"""

from __future__ import annotations

from function_code.dialects.lists import elements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from function_code.schema import Row, Schema

SEEN_VALUES = "seen_values.json"


class SeenValues:
    """The values of the training rows. Far outside is further from their range than it is wide."""

    __slots__ = ("_categories", "_lists", "_ranges")

    def __init__(self, document: dict[str, Any], schema: Schema) -> None:
        indices = {column.name: index for index, column in enumerate(schema.features)}
        self._categories = [
            (indices[name], name, frozenset(("", *listed))) for name, listed in document["categories"].items()
        ]
        self._lists = [
            (indices[name], name, seen["separator"], frozenset(seen["elements"]))
            for name, seen in document["lists"].items()
        ]
        self._ranges = [
            (indices[name], name, 2 * least - greatest, 2 * greatest - least)
            for name, (least, greatest) in document["ranges"].items()
        ]

    def unseen_in_row(self, row: Row) -> list[str]:
        """The features of a checked row whose value is unseen. A missing value is none."""
        return [
            *(name for index, name, seen in self._categories if row[index] not in seen),
            *(name for index, name, mark, seen in self._lists if not seen.issuperset(elements(row[index], mark))),
            *(name for index, name, low, high in self._ranges if row[index] < low or row[index] > high),
        ]

    def unseen_in_columns(self, columns: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[Any]]]:
        """Yields each feature that has unseen values in some rows, with one value of each of these.

        `columns` has a column for each feature.
        """
        for index, name, seen in self._categories:
            if unseen := set(columns[index]) - seen:
                yield name, [value for value in columns[index] if value in unseen]
        for index, name, mark, seen in self._lists:
            parts = {text: set(elements(text, mark)) - seen for text in set(columns[index])}
            if any(parts.values()):
                yield name, [min(parts[text]) for text in columns[index] if parts[text]]
        for index, name, low, high in self._ranges:
            values = columns[index]
            # Of NaN no comparison is true: where they lead astray, each value is looked at.
            if values and not (min(values) >= low and max(values) <= high):
                unseen_numbers = [value for value in values if value < low or value > high]
                if unseen_numbers:
                    yield name, unseen_numbers
