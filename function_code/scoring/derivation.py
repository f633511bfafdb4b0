"""Numbers derived from one feature: parts of a date, the cycle of a time of day, what is in a list or in a text.

A derivation comes as a JSON table: `index`, that of the feature in a row; `kind`; `width`, how many numbers it gives;
and what its kind needs. Training derives by the very functions that serve, so both have the same numbers.
"""

from __future__ import annotations

from math import log1p, sqrt

from function_code.scoring.summation import ordered_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Derive = Callable[[Any], list[float]]


def _list(table: dict[str, Any]) -> Derive:
    """The number of different elements of a list with `separator`, and a 1 for each of `elements` that is one."""
    from function_code.dialects.lists import elements

    separator, width = table["separator"], table["width"]
    positions = {element: position for position, element in enumerate(table["elements"], 1)}

    def derive(text: str) -> list[float]:
        own = set(elements(text, separator))
        numbers = [0.0] * width
        numbers[0] = float(len(own))
        for position in map(positions.get, own):
            if position:
                numbers[position] = 1.0
        return numbers

    return derive


def _categories(table: dict[str, Any]) -> Derive:
    """The `numbers` of a category, or `other` for those that are not listed."""
    numbers, other = table["numbers"], table["other"]
    return lambda category: numbers.get(category, other)


def _text(table: dict[str, Any]) -> Derive:
    """The scores of a text, each the sum of its grams' weights over the norm of their idf, and how many are listed.

    `grams` has of each gram the idf and, for each output, the weight; `intercepts` are added.
    """
    from function_code.scoring.grams import grams

    weights, intercepts = table["grams"], table["intercepts"]

    def derive(text: str) -> list[float]:
        rows = [row for row in map(weights.get, grams(text)) if row]
        norm = sqrt(ordered_sum([row[0] * row[0] for row in rows])) or 1.0
        scores = [b + ordered_sum([row[i] for row in rows]) / norm for i, b in enumerate(intercepts, 1)]
        return [*scores, log1p(len(rows))]

    return derive


def derivation(table: dict[str, Any]) -> Derive:
    """The function that derives a list of numbers from a value of the feature. Raises ValueError for another kind."""
    match table["kind"]:
        case "categories":
            return _categories(table)
        case "list":
            return _list(table)
        case "text":
            return _text(table)
        case "date" | "time" as kind:
            # Imported here, as is what lists and texts need: models of categories alone start without it.
            from function_code.scoring.dates import derive_date, derive_time

            return derive_date(table) if kind == "date" else derive_time(table)
        case kind:
            raise ValueError(f"this code derives nothing of the kind {kind!r}")
