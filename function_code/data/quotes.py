"""Quotes that a CSV file opens by mistake: what comes behind them, to the next quote, would vanish in one field."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_SPANNING_SHARE, MAX_SPANNING_RECORDS = 0.01, 3  # of the records: more of them mean it, as texts of several lines


@dataclass(frozen=True)
class SpanningRecord:
    """A record of several lines, each of which could be one: from `first` to `last`, counted from 1."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"line {self.first} opens a quote that is closed in line {self.last}, so that their rows would be one"


class LineKeeper:
    """Lines on their way to a reader, which keeps those of the record that is being read."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0
        self.pending: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """The lines."""
        for line in self._lines:
            self.number += 1
            self.pending.append(line)
            yield line

    def swallowed(self, delimiter: str, width: int) -> SpanningRecord | None:
        """The record that has just been read, if it has swallowed others. The next one begins."""
        lines, self.pending = self.pending, []
        whole = lines[:-1] if lines and '"' not in lines[-1] else lines
        if len(lines) < 2 or any(line.count(delimiter) < width - 1 for line in whole):
            return None
        return SpanningRecord(self.number - len(lines) + 1, self.number)


def swallowing(records: Iterable[list[str]], lines: LineKeeper, delimiter: str, width: int) -> list[SpanningRecord]:
    """The records that have swallowed others, where few records have several lines."""
    count = spanning = 0
    swallowed = []
    for _ in records:
        count += 1
        spanning += len(lines.pending) > 1
        if record := lines.swallowed(delimiter, width):
            swallowed.append(record)
    return swallowed if spanning <= max(MAX_SPANNING_RECORDS, MAX_SPANNING_SHARE * count) else []
