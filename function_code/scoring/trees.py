"""Tree ensembles: a prediction walks from node to node until it pays to prepare something faster."""

from __future__ import annotations

from itertools import chain, islice

from function_code.scoring.summation import grouped_sum, ordered_sum
from function_code.scoring.tree_tables import TreeTables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

WARM_UP_ROWS = 32  # after which it pays to prepare a quickscorer, which takes as long as some hundred rows
BATCH_ROWS = 2048  # for the ensemble of bitsets: as many bits in each of its integers


class Trees(TreeTables):
    """An ensemble. Called with an input vector it gives the outputs, one number for each."""

    def __init__(self, tables: dict[str, Any]) -> None:
        super().__init__(tables)
        self._leaf_values: Callable[[list[float]], Iterable[float]] = self._walk
        self._ensemble: Callable[[list[Sequence[float]]], list[list[float]]] | None = None
        self._scored_rows = 0

    def __call__(self, vector: list[float]) -> list[float]:
        """The outputs for one input vector."""
        self._scored_rows += 1
        if self._scored_rows == WARM_UP_ROWS:
            self._warm_up()
        values = self._leaf_values(vector)
        if self.shares is not None:
            return self._sum_shares(list(map(int, values)), self.shares)
        outputs = len(self.base)
        if outputs == 1:
            totals = [grouped_sum(self.group_starts[0], values, self.base[0])]
        else:
            in_order = list(values)
            totals = [
                grouped_sum(starts, islice(in_order, k, None, outputs), base)
                for k, (starts, base) in enumerate(zip(self.group_starts, self.base, strict=True))
            ]
        return [total / len(self.roots) for total in totals] if self.average else totals

    def predict_batch(self, columns: list[Sequence[float]]) -> list[list[float]]:
        """The outputs for each row, from the input vectors' columns."""
        if self._ensemble is None:
            # Imported here, as below: a process that answers once and goes has no time for it.
            from function_code.scoring.trees_bitset import build_ensemble

            self._ensemble = build_ensemble(self) or self._walk_rows
        slices = (
            [column[start : start + BATCH_ROWS] for column in columns]
            for start in range(0, len(columns[0]), BATCH_ROWS)
        )
        return list(chain.from_iterable(map(self._ensemble, slices)))

    def _warm_up(self) -> None:
        from function_code.scoring.trees_quickscorer import build_quickscorer

        quickscorer = build_quickscorer(self)
        if quickscorer:
            self._leaf_values = quickscorer
        else:
            # Lists take more memory, and half the time.
            self.feature, self.threshold, self.skip = list(self.feature), list(self.threshold), list(self.skip)

    def leaves(self, vector: list[float]) -> list[int]:
        """The node of each tree that the vector ends in."""
        feature, threshold, skip, left_if_missing = self.feature, self.threshold, self.skip, self.left_if_missing
        nodes = []
        for node in self.roots:
            position = feature[node]
            while position >= 0:
                value = vector[position]
                if value <= threshold[node] or (value != value and left_if_missing[node]):
                    node += 1
                else:
                    node += skip[node]
                position = feature[node]
            nodes.append(node)
        return nodes

    def _walk_rows(self, columns: list[Sequence[float]]) -> list[list[float]]:
        return [self(list(row)) for row in zip(*columns, strict=True)]

    def _walk(self, vector: list[float]) -> list[float]:
        return list(map(self.threshold.__getitem__, self.leaves(vector)))

    def _sum_shares(self, leaves: list[int], shares: Sequence[float]) -> list[float]:
        outputs = len(self.base)
        return [
            ordered_sum([shares[leaf * outputs + k] for leaf in leaves], base) / len(self.roots)
            for k, base in enumerate(self.base)
        ]
