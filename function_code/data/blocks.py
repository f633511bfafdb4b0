"""Blocks of a file's rows, each as columns of what stands in the file: texts, or values with types of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from function_code.data.header import are_names_again, is_rule
from function_code.data.typed_values import text_of, texts_of

BLOCK_ROWS = 8_192
NUMBERS = frozenset((int, float, Decimal))


@dataclass
class Block:
    """Rows by column, `count` of them; `first` is the number of the first one, from 1.

    `broken` has the reasons why some are no rows, by their index.
    """

    first: int
    count: int
    columns: Mapping[str, Sequence[Any]]
    broken: dict[int, str] = field(default_factory=dict)

    def texts(self, column: str) -> list[str]:
        """The texts that a CSV file has for the values of a column, "" where they are missing."""
        return texts_of(self.columns[column])

    def holds_numbers(self, column: str) -> bool:
        """Says whether a column has numbers, and not texts of them."""
        return not NUMBERS.isdisjoint(map(type, self.columns[column]))

    def repeated_headers(self) -> dict[int, str]:
        """The reasons why rows are a part of the header, by their index: its names again, or a line below it."""
        header = list(self.columns)

        def row(index: int) -> list[str]:
            return [text_of(self.columns[name][index]) for name in header]

        first = self.columns[header[0]]
        likely = [index for index, value in enumerate(first) if isinstance(value, str) and header[0] in value]
        reasons = {
            index: "it has the names of the columns again" for index in likely if are_names_again(row(index), header)
        }
        return reasons | (
            {0: "it is a line below the header"} if self.first == 1 and self.count and is_rule(row(0)) else {}
        )


class Blocks(Protocol):
    """The blocks of a file, read one at a time."""

    header: list[str]
    decimal_comma: bool
    """True if numbers in texts may be written as 3,14."""
    notes: list[str]
    """Sentences on what was assumed of the file."""

    def __iter__(self) -> Iterator[Block]:
        """Raises Refused if the file turns out to be broken."""
