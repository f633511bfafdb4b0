"""Tree ensembles: a prediction walks from node to node until it pays to prepare something faster."""

from __future__ import annotations

from itertools import chain, islice

from function_code.scoring.summation import in_parts, total_of
from function_code.scoring.tree_tables import TreeTables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

WARM = 32  # rows after which it pays to prepare `quick`, which takes as long as some hundred rows
AT_ONCE = 2048  # rows for `many`: as many bits in each of its integers


class Trees(TreeTables):
    """Called with an input vector, the outputs of the ensemble: one number for each."""

    def __init__(self, tables: dict[str, Any]) -> None:
        super().__init__(tables)
        self._values: Callable[[list[float]], Iterable[float]] = self._walk
        self._many: Callable[[list[Sequence[float]]], list[list[float]]] | None = None
        self._seen = 0

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
            from function_code.scoring.trees_bitset import many

            self._many = many(self) or (lambda columns: [self(list(row)) for row in zip(*columns, strict=True)])
        parts = (
            [column[start : start + AT_ONCE] for column in columns] for start in range(0, len(columns[0]), AT_ONCE)
        )
        return list(chain.from_iterable(map(self._many, parts)))

    def _warm(self) -> None:
        from function_code.scoring.trees_quickscorer import quick

        found = quick(self)
        if found:
            self._values = found
        else:
            # Lists take more memory, and half the time.
            self.feature, self.threshold, self.skip = list(self.feature), list(self.threshold), list(self.skip)

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
