"""Blocks of a file's rows, each as columns of what stands in the file: texts, or values with types of their own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from function_code.data.typed_values import texts_of

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


class Blocks(Protocol):
    """The blocks of a file, read one at a time."""

    header: list[str]
    decimal_comma: bool
    """True if numbers in texts may be written as 3,14."""
    notes: list[str]
    """Sentences on what was assumed of the file."""

    def __iter__(self) -> Iterator[Block]:
        """Raises Refused if the file turns out to be broken."""
