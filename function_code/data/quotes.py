"""Quotes that a CSV file opens by mistake: what comes behind them, to the next quote, would vanish in one field."""

import csv
from collections.abc import Iterable, Iterator


class LineKeeper:
    """Lines on their way to a reader, behind the `skipped` first ones; it keeps those of the record being read."""

    def __init__(self, lines: Iterable[str], skipped: int) -> None:
        self._lines = lines
        self.number = skipped
        self._pending: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """The lines."""
        for line in self._lines:
            self.number += 1
            self._pending.append(line)
            yield line

    def swallowed(self, delimiter: str) -> str:
        """The reason why the record that has just been read is none, if it has swallowed others. The next one begins.

        A quote that is meant stands at the end of its field; what ends one that was opened by mistake doesn't.
        """
        lines, self._pending = self._pending, []
        if len(lines) < 2 or _is_quoted_well(lines, delimiter):
            return ""
        first = self.number - len(lines) + 1
        return f"line {first} opens a quote that is closed in line {self.number}, so that their rows would be one"


def _is_quoted_well(lines: list[str], delimiter: str) -> bool:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True):
            pass
    except csv.Error:
        return False
    return True
