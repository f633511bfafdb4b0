"""Many rows through small trees: instead of walking from node to node, whole ensembles are narrowed down at once.

Every leaf is a bit of a large integer. For each feature a sorted list of thresholds says, by bisection, which leaves
cannot be reached with a value, and of each tree the leftmost leaf that remains is the one that the row ends in. The
idea is that of QuickScorer (https://doi.org/10.1145/2766462.2767733); Python's integers make it fit here.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from function_code.scoring.tree_tables import TreeTables

WIDTHS = {8: "B", 16: "H", 32: "I"}  # leaves a tree may have: the type of a number with as many bits
TREES_AT_ONCE = 256  # more would make the integers, of which each node keeps one, too long
MOST_NODES = 100_000


class Block:
    """Some trees that follow each other. Called with an input vector, the values of the leaves that it ends in."""

    def __init__(self, trees: TreeTables, roots: list[tuple[int, int]], width: int) -> None:
        self._kind, self._size = WIDTHS[width], width * len(roots) // 8
        self._all = 0
        self._firsts = 0  # the first bit of each tree
        self._values: list[dict[int, float]] = []
        everything = (1 << width * len(roots)) - 1
        masks: dict[int, list[tuple[float, int]]] = {}
        missing: dict[int, int] = {}
        for index, (root, end) in enumerate(roots):
            offset = width * index
            before = [0]  # leaves to the left, by node
            for node in range(root, end):
                before.append(before[-1] + (trees.feature[node] < 0))
            self._values.append(
                {
                    1 << before[node - root]: trees.threshold[node]
                    for node in range(root, end)
                    if trees.feature[node] < 0
                }
            )
            self._all |= ((1 << before[-1]) - 1) << offset
            self._firsts |= 1 << offset
            for node in range(root, end):
                feature = trees.feature[node]
                if feature >= 0:
                    left, right = before[node - root], before[node - root + trees.skip[node]]
                    mask = everything ^ (((1 << right - left) - 1) << offset + left)
                    masks.setdefault(feature, []).append((trees.threshold[node], mask))
                    if not trees.left_if_missing[node]:
                        missing[feature] = missing.get(feature, everything) & mask
        self._plan = [
            (feature, *_cumulated(found, everything), missing.get(feature, everything))
            for feature, found in masks.items()
        ]

    def __call__(self, vector: list[float]) -> Iterable[float]:
        """One value for each tree, in their order."""
        left = self._all
        for feature, thresholds, masks, missing in self._plan:
            value = vector[feature]
            left &= masks[bisect_left(thresholds, value)] if value == value else missing
        left &= ~(left - self._firsts)  # of each tree the lowest bit
        codes = memoryview(left.to_bytes(self._size, "little")).cast(self._kind)  # type: ignore[call-overload]
        return map(dict.__getitem__, self._values, codes)


def _cumulated(found: list[tuple[float, int]], everything: int) -> tuple[list[float], list[int]]:
    """Thresholds in order, and what is left for a value greater than so many of them."""
    found.sort()
    thresholds: list[float] = []
    masks = [everything]
    for threshold, mask in found:
        mask &= masks[-1]
        if thresholds and thresholds[-1] == threshold:
            masks[-1] = mask
        else:
            thresholds.append(threshold)
            masks.append(mask)
    return thresholds, masks


def quick(trees: TreeTables) -> Callable[[list[float]], Iterable[float]] | None:
    """The values of the trees' leaves for an input vector; None if the trees are too large for this."""
    bounds = trees.bounds()
    most = max((end - root + 1) // 2 for root, end in bounds)
    width = next((width for width in WIDTHS if most <= width), None)
    if width is None or len(trees.feature) > MOST_NODES:
        return None
    parts = [bounds[start : start + TREES_AT_ONCE] for start in range(0, len(bounds), TREES_AT_ONCE)]
    blocks = [Block(trees, part, width) for part in parts]
    if len(blocks) == 1:
        return blocks[0]
    return lambda vector: chain.from_iterable([block(vector) for block in blocks])
