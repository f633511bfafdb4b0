"""Results, for people and for scripts."""

import json
from typing import Any


def verdict(ratio: float, limit: float | None) -> bool | None:
    """Compares a ratio with its limit; None if it has none."""
    return None if limit is None else ratio <= limit


def show(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Prints rows that all have the same keys: a table, or JSON."""
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    table = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return {True: "yes", False: "NO"}[value] if isinstance(value, bool) else str(value)
