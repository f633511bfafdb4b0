"""Tables of a tree ensemble, packed as base64 texts.

Nodes stand in one row for all trees, each tree in preorder: the left child of a node is the next one. Tables (base64 of
little-endian arrays): `feature` (int8 or int16, the input's position, or -1 for a leaf), `threshold` (float64; of a
leaf its value), `skip` (uint16 or uint32, how many nodes further the right child is), `left_if_missing` (a byte, 1 or
0), `roots` (int32) and `count` (uint16 or float32, for each leaf, in their order, how many training rows made it). As
plain JSON stand `base`, one number for each output, and `average`, whether the trees' values are averaged, not added.

Tree t belongs to output t modulo the number of outputs. With `shares` (float64, one for each output and leaf), the
value of a leaf is the number of its row there, and every tree belongs to all outputs.
"""

from __future__ import annotations

from binascii import a2b_base64

from function_code.scoring.summation import group_starts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence
    from typing import Any

CODE_DIGITS = 8  # binary digits of leaves' numbers up to which neighbouring trees share a table in `trees_bitset`


class TreeTables:
    """The unpacked tables of an ensemble."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self.base: list[float] = tables["base"]
        self.left_if_missing = a2b_base64(tables["left_if_missing"])
        nodes = len(self.left_if_missing)
        self.feature = unpack("bh", tables["feature"], nodes)
        self.threshold = unpack("d", tables["threshold"])
        self.skip = unpack("HI", tables["skip"], nodes)
        self.roots = unpack("i", tables["roots"])
        self.shares = unpack("d", tables["shares"]) if tables.get("shares") else None
        self.average: bool = tables["average"]
        # For explanations, which decode the one and fill the other: whoever only predicts pays for neither.
        self.count: str = tables["count"]
        self.means: dict[int, array[float]] = {}
        self.group_starts = [group_starts(digits, CODE_DIGITS) for digits in self._leaf_digits()]
        """Flags by output and tree: true if a group of the sum begins with that tree (`summation.grouped_sum`)."""

    def _leaf_digits(self) -> list[list[int]]:
        """The binary digits of a leaf's number, by output and tree."""
        if self.shares is not None:
            return []
        # Of two nodes more than before one is a leaf.
        digits = [((end - root) // 2).bit_length() for root, end in self.bounds()]
        return [digits[k :: len(self.base)] for k in range(len(self.base))]

    def bounds(self) -> list[tuple[int, int]]:
        """The first node of each tree and the one after its last."""
        return list(zip(self.roots, [*self.roots[1:], len(self.feature)], strict=True))


def unpack(formats: str, text: str, count: int = 0) -> Sequence[Any]:
    """Numbers from base64: in one of the formats that `memoryview` knows, or the wider of two if `count` says so.

    The bytes are little-endian, as every machine is that functions run on.
    """
    numbers = memoryview(a2b_base64(text)).cast(formats[0])  # type: ignore[call-overload]
    if count and len(numbers) > count:
        numbers = numbers.cast("B").cast(formats[1])
    return numbers  # type: ignore[no-any-return]
