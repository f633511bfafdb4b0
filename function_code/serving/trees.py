"""Tree ensembles from packed tables.

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
from itertools import chain, islice

from function_code.serving.sums import in_parts, parts, total_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

WARM = 32  # rows after which it pays to prepare `quick`, which takes as long as some hundred rows
CODE = 8  # binary digits of leaves' numbers up to which neighbouring trees share a table in `many`
AT_ONCE = 2048  # rows for `many`: as many bits in each of its integers


class Trees:
    """Called with an input vector, the outputs of the ensemble: one number for each."""

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
        self._values: Callable[[list[float]], Iterable[float]] = self._walk
        self._many: Callable[[list[Sequence[float]]], list[list[float]]] | None = None
        self._seen = 0
        self.begins = [parts(digits, CODE) for digits in self._digits()]
        """For each output, and for each of its trees, whether a part of the sum begins with it (`sums.in_parts`)."""

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        self._seen += 1
        if self._seen == WARM:
            self._warm()
        values = self._values(vector)
        if self.shares is not None:
            return self._shared(list(map(int, values)), self.shares)
        outputs = len(self.base)
        if outputs == 1:
            totals = [in_parts(self.begins[0], values, self.base[0])]
        else:
            found = list(values)
            totals = [
                in_parts(begins, islice(found, k, None, outputs), base)
                for k, (begins, base) in enumerate(zip(self.begins, self.base, strict=True))
            ]
        return [total / len(self.roots) for total in totals] if self.average else totals

    def many(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        if self._many is None:
            # Imported here, as below: a process that answers once and goes has no time for it.
            from function_code.serving.many import many

            self._many = many(self) or (lambda columns: [self(list(row)) for row in zip(*columns, strict=True)])
        parts = (
            [column[start : start + AT_ONCE] for column in columns] for start in range(0, len(columns[0]), AT_ONCE)
        )
        return list(chain.from_iterable(map(self._many, parts)))

    def _warm(self) -> None:
        from function_code.serving.quick import quick

        found = quick(self)
        if found:
            self._values = found
        else:
            # Lists take more memory, and half the time.
            self.feature, self.threshold, self.skip = list(self.feature), list(self.threshold), list(self.skip)

    def _digits(self) -> list[list[int]]:
        """For each output the binary digits of the number of a leaf, tree by tree."""
        if self.shares is not None:
            return []
        # Of two nodes more than before one is a leaf.
        digits = [((end - root) // 2).bit_length() for root, end in self.bounds()]
        return [digits[k :: len(self.base)] for k in range(len(self.base))]

    def bounds(self) -> list[tuple[int, int]]:
        """For each tree its first node and the one after its last."""
        return list(zip(self.roots, [*self.roots[1:], len(self.feature)], strict=True))

    def leaves(self, vector: list[float]) -> list[int]:
        """The node of each tree that the vector ends in."""
        feature, threshold, skip, left_if_missing = self.feature, self.threshold, self.skip, self.left_if_missing
        found = []
        for node in self.roots:
            position = feature[node]
            while position >= 0:
                value = vector[position]
                if value <= threshold[node] or (value != value and left_if_missing[node]):
                    node += 1
                else:
                    node += skip[node]
                position = feature[node]
            found.append(node)
        return found

    def _walk(self, vector: list[float]) -> list[float]:
        return list(map(self.threshold.__getitem__, self.leaves(vector)))

    def _shared(self, leaves: list[int], shares: Sequence[float]) -> list[float]:
        outputs = len(self.base)
        return [
            total_of([shares[leaf * outputs + k] for leaf in leaves], base) / len(self.roots)
            for k, base in enumerate(self.base)
        ]


def unpack(kinds: str, text: str, count: int = 0) -> Sequence[Any]:
    """Numbers from base64: of one of the kinds that `memoryview` knows, or the wider one of two if `count` says so.

    The bytes are little-endian, as every machine is that functions run on.
    """
    numbers = memoryview(a2b_base64(text)).cast(kinds[0])  # type: ignore[call-overload]
    if count and len(numbers) > count:
        numbers = numbers.cast("B").cast(kinds[1])
    return numbers  # type: ignore[no-any-return]
