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

LEAF_FORMATS = {8: "B", 16: "H", 32: "I"}  # leaves a tree may have: the type of a number with as many bits
TREES_PER_SCORER = 256  # more would make the integers, of which each node keeps one, too long
MAX_NODES = 100_000


class QuickScorer:
    """Trees that follow each other. Called with an input vector it gives the values of the leaves that it ends in."""

    def __init__(self, trees: TreeTables, roots: list[tuple[int, int]], width: int) -> None:
        self._format, self._size = LEAF_FORMATS[width], width * len(roots) // 8
        self._all_leaves = 0
        self._first_bits = 0  # the first bit of each tree
        self._values: list[dict[int, float]] = []
        all_bits = (1 << width * len(roots)) - 1
        by_feature: dict[int, list[tuple[float, int]]] = {}
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
            self._all_leaves |= ((1 << before[-1]) - 1) << offset
            self._first_bits |= 1 << offset
            for node in range(root, end):
                feature = trees.feature[node]
                if feature >= 0:
                    left, right = before[node - root], before[node - root + trees.skip[node]]
                    mask = all_bits ^ (((1 << right - left) - 1) << offset + left)
                    by_feature.setdefault(feature, []).append((trees.threshold[node], mask))
                    if not trees.left_if_missing[node]:
                        missing[feature] = missing.get(feature, all_bits) & mask
        self._plan = [
            (feature, *_cumulate(splits, all_bits), missing.get(feature, all_bits))
            for feature, splits in by_feature.items()
        ]

    def __call__(self, vector: list[float]) -> Iterable[float]:
        """One value for each tree, in their order."""
        left = self._all_leaves
        for feature, thresholds, masks, missing in self._plan:
            value = vector[feature]
            left &= masks[bisect_left(thresholds, value)] if value == value else missing
        left &= ~(left - self._first_bits)  # of each tree the lowest bit
        codes = memoryview(left.to_bytes(self._size, "little")).cast(self._format)  # type: ignore[call-overload]
        return map(dict.__getitem__, self._values, codes)


def _cumulate(splits: list[tuple[float, int]], all_bits: int) -> tuple[list[float], list[int]]:
    """Thresholds in order, and the mask of the leaves that are left for a value greater than so many of them."""
    splits.sort()
    thresholds: list[float] = []
    masks = [all_bits]
    for threshold, mask in splits:
        mask &= masks[-1]
        if thresholds and thresholds[-1] == threshold:
            masks[-1] = mask
        else:
            thresholds.append(threshold)
            masks.append(mask)
    return thresholds, masks


def build_quickscorer(trees: TreeTables) -> Callable[[list[float]], Iterable[float]] | None:
    """Prepares what gives the leaves' values for an input vector; None if the trees are too large for this."""
    bounds = trees.bounds()
    max_leaves = max((end - root + 1) // 2 for root, end in bounds)
    width = next((width for width in LEAF_FORMATS if max_leaves <= width), None)
    if width is None or len(trees.feature) > MAX_NODES:
        return None
    slices = [bounds[start : start + TREES_PER_SCORER] for start in range(0, len(bounds), TREES_PER_SCORER)]
    scorers = [QuickScorer(trees, bounds_slice, width) for bounds_slice in slices]
    if len(scorers) == 1:
        return scorers[0]
    return lambda vector: chain.from_iterable([scorer(vector) for scorer in scorers])
