"""Many rows through many trees at once: a set of rows is one large integer, with a bit for each row.

At a node the rows that go left are those that have come there and whose value is at most the threshold: one `&` for
all rows, however many they are. The leaves of a tree are numbered; a binary digit of those numbers is again a set of
rows. The digits of a tree, or of some small ones, make a code for each row, a table says what it adds to an output.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import reduce
from itertools import accumulate, repeat
from operator import itemgetter, ne, or_

from function_code.scoring.summation import ordered_sum, sum16
from function_code.scoring.tree_tables import CODE_DIGITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from function_code.scoring.tree_tables import TreeTables

    Columns = list[Sequence[float]]

MAX_LEAF_DIGITS = 16  # of the number of a leaf
SUMS_AT_ONCE = 16  # lists of values that wait for being added up
MAX_COMPARED_THRESHOLDS = 4  # of one feature, up to which it is faster to compare each with every value
BINARY_DIGITS = bytes.maketrans(b"\0\1", b"01")


class BitsetEnsemble:
    """An ensemble of trees over sets of rows. Called with columns of the same length it gives each row's outputs."""

    def __init__(self, trees: TreeTables) -> None:
        self._base = trees.base
        self._scale = len(trees.roots) if trees.average else 1
        self._splits = Splits()
        by_tree = [_tree(trees, root, end, self._splits) for root, end in trees.bounds()]
        self._splits.plan()
        outputs = len(trees.base)
        if trees.shares is None:
            self._groups = [
                (k, group)
                for k, group_starts in enumerate(trees.group_starts)
                for group in merge_groups(by_tree[k::outputs], group_starts)
            ]
        else:
            self._groups = [
                (k, TreeGroup(tree.trees, [trees.shares[int(leaf) * outputs + k] for leaf in tree.values]))
                for k in range(outputs)
                for tree in by_tree
            ]

    def __call__(self, columns: Columns) -> list[list[float]]:
        """The outputs for each row."""
        count = len(columns[0])
        going_left = self._splits(columns)
        totals: list[list[float]] = [[base] * count for base in self._base]
        pending: list[list[list[float]]] = [[] for _ in totals]
        for k, group in self._groups:
            pending[k].append(group(going_left, count))
            if len(pending[k]) == SUMS_AT_ONCE:
                totals[k] = list(map(sum16, totals[k], *pending[k]))
                pending[k].clear()
        for k, values in enumerate(pending):
            if values:
                totals[k] = list(map(ordered_sum, zip(*values, strict=True), totals[k]))
        if self._scale != 1:
            totals = [[value / self._scale for value in total] for total in totals]
        return list(map(list, zip(*totals, strict=True)))


class Splits:
    """The different splits, (feature, threshold, whether missing values go left), by their indices in a list."""

    def __init__(self) -> None:
        self._indices: dict[tuple[int, float, int], int] = {}
        self._plan: list[tuple[int, list[float], list[tuple[int, int, int]]]] = []

    def index(self, feature: int, threshold: float, left_if_missing: int) -> int:
        """The index of a split, a new one if need be."""
        return self._indices.setdefault((feature, threshold, left_if_missing), len(self._indices))

    def plan(self) -> None:
        """Sorts the splits by feature and threshold; to be called when all are known."""
        thresholds: dict[int, list[float]] = {}
        for feature, threshold in sorted({split[:2] for split in self._indices}):
            thresholds.setdefault(feature, []).append(threshold)
        for feature, rising in thresholds.items():
            rank = {threshold: index for index, threshold in enumerate(rising)}
            own = [(rank[split[1]], split[2], index) for split, index in self._indices.items() if split[0] == feature]
            self._plan.append((feature, rising, own))

    def __call__(self, columns: Columns) -> list[int]:
        """The rows that go left, by the index of the split."""
        going_left = [0] * len(self._indices)
        row_bits = [1 << index for index in range(len(columns[0]) - 1, -1, -1)]
        for feature, thresholds, splits in self._plan:
            column = columns[feature]
            below = row_sets_at_most(column, thresholds, row_bits)
            total = sum(column)
            missing = row_set(map(ne, column, column)) if total != total else 0
            for rank, left_if_missing, index in splits:
                going_left[index] = below[rank] | missing if left_if_missing else below[rank] & ~missing
        return going_left


class Tree:
    """A tree. Called with what `Splits` gives it gives the binary digits of the number of each row's leaf."""

    def __init__(self, size: int, inner: list[tuple[int, int, int]], leaves: list[int]) -> None:
        self._size, self._inner = size, inner
        self.digits = (len(leaves) - 1).bit_length()
        # Node 0 stands in for nothing: a getter of one alone would give no tuple.
        self._with_digit = [
            itemgetter(0, 0, *[leaf for number, leaf in enumerate(leaves) if number >> digit & 1])
            for digit in range(self.digits)
        ]

    def __call__(self, going_left: list[int], count: int) -> list[int]:
        """The digits as sets of rows, the lowest digit first."""
        reach = [0] * self._size
        reach[0] = (1 << count) - 1
        for node, right, split in self._inner:
            rows = reach[node]
            left = rows & going_left[split]
            reach[node + 1] = left
            reach[right] = rows ^ left
        reach[0] = 0
        return [reduce(or_, leaves(reach)) for leaves in self._with_digit]


class TreeGroup:
    """Trees of one output, and what they add to it for each code. Called as a tree, it gives a value for each row."""

    def __init__(self, trees: list[Tree], values: list[float]) -> None:
        self.trees, self.values = trees, values
        self.digits = sum(tree.digits for tree in trees)

    def __call__(self, going_left: list[int], count: int) -> list[float]:
        """The sum of the trees' values for each row."""
        digits = [rows for tree in self.trees for rows in tree(going_left, count)]
        codes: Sequence[int] = row_codes(digits[:CODE_DIGITS], count)
        if len(digits) > CODE_DIGITS:
            codes = [
                low | high << CODE_DIGITS
                for low, high in zip(codes, row_codes(digits[CODE_DIGITS:], count), strict=True)
            ]
        return list(map(self.values.__getitem__, codes))


def merge_groups(by_tree: list[TreeGroup], group_starts: Sequence[bool]) -> list[TreeGroup]:
    """Joins neighbouring trees, each a group so far, into the groups of which `group_starts` says where they begin."""
    groups: list[TreeGroup] = []
    for starts_group, group in zip(group_starts, by_tree, strict=True):
        if not starts_group:
            last = groups.pop()
            low = last.values + [0.0] * ((1 << last.digits) - len(last.values))
            group = TreeGroup(last.trees + group.trees, [a + b for b in group.values for a in low])
        groups.append(group)
    return groups


def row_set(flags: object) -> int:
    """The set of rows whose flag is true; the first row is the highest bit."""
    return int(bytes(flags).translate(BINARY_DIGITS), 2)  # type: ignore[call-overload]


def row_sets_at_most(column: Sequence[float], thresholds: list[float], row_bits: list[int]) -> list[int]:
    """The rows whose value is not greater, by threshold, in rising order; rows without a value may be among them.

    `row_bits` are the sets of one row each.
    """
    if len(thresholds) <= MAX_COMPARED_THRESHOLDS:
        return [row_set(map(threshold.__ge__, column)) for threshold in thresholds]
    buckets = [0] * (len(thresholds) + 1)
    for row, rank in zip(row_bits, map(bisect_left, repeat(thresholds), column), strict=True):
        buckets[rank] |= row
    return list(accumulate(buckets, or_))


def row_codes(digits: list[int], count: int) -> bytes:
    """A byte for each row, from at most eight sets of rows: its binary digits, the lowest first."""
    shape, ones = f"0{count}b", int.from_bytes(b"\1" * count, "big")
    lanes = 0
    for index, rows in enumerate(digits):
        lanes |= (int.from_bytes(format(rows, shape).encode(), "big") & ones) << index
    return lanes.to_bytes(count, "big")


def _tree(trees: TreeTables, root: int, end: int, splits: Splits) -> TreeGroup:
    inner, leaves = [], []
    for node in range(root, end):
        feature = trees.feature[node]
        if feature < 0:
            leaves.append(node)
        else:
            index = splits.index(feature, trees.threshold[node], trees.left_if_missing[node])
            inner.append((node - root, node - root + trees.skip[node], index))
    tree = Tree(end - root, inner, [leaf - root for leaf in leaves])
    return TreeGroup([tree], [trees.threshold[leaf] for leaf in leaves])


def build_ensemble(trees: TreeTables) -> BitsetEnsemble | None:
    """Prepares the ensemble; None if a tree is too large for this."""
    largest = max(end - root for root, end in trees.bounds())
    return BitsetEnsemble(trees) if largest <= 1 << MAX_LEAF_DIGITS else None
