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

from function_code.scoring.summation import sixteen, total_of
from function_code.scoring.tree_tables import CODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from function_code.scoring.tree_tables import TreeTables

    Columns = list[Sequence[float]]

MOST_DIGITS = 16  # of the number of a leaf
WAITING = 16  # lists of values that wait for being added up
FEW = 4  # thresholds of one feature up to which it is faster to compare each with every value
DIGITS = bytes.maketrans(b"\0\1", b"01")


class Many:
    """An ensemble, prepared. Called with columns of the same length, the outputs for each row."""

    def __init__(self, trees: TreeTables) -> None:
        self._base = trees.base
        self._scale = len(trees.roots) if trees.average else 1
        self._splits = Splits()
        single = [_tree(trees, root, end, self._splits) for root, end in trees.bounds()]
        self._splits.finish()
        outputs = len(trees.base)
        if trees.shares is None:
            self._groups = [
                (k, group) for k, begins in enumerate(trees.begins) for group in grouped(single[k::outputs], begins)
            ]
        else:
            self._groups = [
                (k, Group(tree.trees, [trees.shares[int(leaf) * outputs + k] for leaf in tree.values]))
                for k in range(outputs)
                for tree in single
            ]

    def __call__(self, columns: Columns) -> list[list[float]]:
        """The outputs for each row."""
        count = len(columns[0])
        going_left = self._splits(columns)
        totals: list[list[float]] = [[base] * count for base in self._base]
        waiting: list[list[list[float]]] = [[] for _ in totals]
        for k, group in self._groups:
            waiting[k].append(group(going_left, count))
            if len(waiting[k]) == WAITING:
                totals[k] = list(map(sixteen, totals[k], *waiting[k]))
                waiting[k].clear()
        for k, values in enumerate(waiting):
            if values:
                totals[k] = list(map(total_of, zip(*values, strict=True), totals[k]))
        if self._scale != 1:
            totals = [[value / self._scale for value in total] for total in totals]
        return list(map(list, zip(*totals, strict=True)))


class Splits:
    """Every different (feature, threshold, whether missing values go left) once, by its place in a list."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, float, int], int] = {}
        self._plan: list[tuple[int, list[float], list[tuple[int, int, int]]]] = []

    def place(self, feature: int, threshold: float, left_if_missing: int) -> int:
        """The place of a split, a new one if need be."""
        return self._places.setdefault((feature, threshold, left_if_missing), len(self._places))

    def finish(self) -> None:
        """To be called when all are known."""
        thresholds: dict[int, list[float]] = {}
        for feature, threshold in sorted({split[:2] for split in self._places}):
            thresholds.setdefault(feature, []).append(threshold)
        for feature, found in thresholds.items():
            rank = {threshold: index for index, threshold in enumerate(found)}
            own = [(rank[split[1]], split[2], place) for split, place in self._places.items() if split[0] == feature]
            self._plan.append((feature, found, own))

    def __call__(self, columns: Columns) -> list[int]:
        """For each place the rows that go left."""
        found = [0] * len(self._places)
        single = [1 << place for place in range(len(columns[0]) - 1, -1, -1)]
        for feature, thresholds, splits in self._plan:
            column = columns[feature]
            below = at_most(column, thresholds, single)
            total = sum(column)
            missing = rows_of(map(ne, column, column)) if total != total else 0
            for rank, left_if_missing, place in splits:
                found[place] = below[rank] | missing if left_if_missing else below[rank] & ~missing
        return found


class Tree:
    """Called with what `Splits` gives, the binary digits of the number of the leaf that each row ends in."""

    def __init__(self, size: int, inner: list[tuple[int, int, int]], leaves: list[int]) -> None:
        self._size, self._inner = size, inner
        self.digits = (len(leaves) - 1).bit_length()
        # Node 0 stands in for nothing: a getter of one alone would give no tuple.
        self._with_digit = [
            itemgetter(0, 0, *[leaf for number, leaf in enumerate(leaves) if number >> digit & 1])
            for digit in range(self.digits)
        ]

    def __call__(self, going_left: list[int], count: int) -> list[int]:
        """As sets of rows, the lowest digit first."""
        reach = [0] * self._size
        reach[0] = (1 << count) - 1
        for node, right, split in self._inner:
            rows = reach[node]
            left = rows & going_left[split]
            reach[node + 1] = left
            reach[right] = rows ^ left
        reach[0] = 0
        return [reduce(or_, leaves(reach)) for leaves in self._with_digit]


class Group:
    """Trees of one output, and what they add to it for each code. Called as a tree, one value for each row."""

    def __init__(self, trees: list[Tree], values: list[float]) -> None:
        self.trees, self.values = trees, values
        self.digits = sum(tree.digits for tree in trees)

    def __call__(self, going_left: list[int], count: int) -> list[float]:
        """The sum of the trees' values, for each row."""
        digits = [rows for tree in self.trees for rows in tree(going_left, count)]
        codes: Sequence[int] = numbers(digits[:CODE], count)
        if len(digits) > CODE:
            codes = [low | high << CODE for low, high in zip(codes, numbers(digits[CODE:], count), strict=True)]
        return list(map(self.values.__getitem__, codes))


def grouped(single: list[Group], begins: Sequence[bool]) -> list[Group]:
    """One for each part of neighbours; `begins` says where they begin."""
    groups: list[Group] = []
    for begin, group in zip(begins, single, strict=True):
        if not begin:
            last = groups.pop()
            low = last.values + [0.0] * ((1 << last.digits) - len(last.values))
            group = Group(last.trees + group.trees, [a + b for b in group.values for a in low])
        groups.append(group)
    return groups


def rows_of(flags: object) -> int:
    """The set of rows whose flag is true; the first row is the highest bit."""
    return int(bytes(flags).translate(DIGITS), 2)  # type: ignore[call-overload]


def at_most(column: Sequence[float], thresholds: list[float], single: list[int]) -> list[int]:
    """For each threshold, in rising order, the rows whose value is not greater; those without one may be there.

    `single` are the sets of one row each.
    """
    if len(thresholds) <= FEW:
        return [rows_of(map(threshold.__ge__, column)) for threshold in thresholds]
    buckets = [0] * (len(thresholds) + 1)
    for row, rank in zip(single, map(bisect_left, repeat(thresholds), column), strict=True):
        buckets[rank] |= row
    return list(accumulate(buckets, or_))


def numbers(digits: list[int], count: int) -> bytes:
    """A byte for each row, from at most eight sets of rows: the binary digits, the lowest first."""
    shape, ones = f"0{count}b", int.from_bytes(b"\1" * count, "big")
    lanes = 0
    for place, rows in enumerate(digits):
        lanes |= (int.from_bytes(format(rows, shape).encode(), "big") & ones) << place
    return lanes.to_bytes(count, "big")


def _tree(trees: TreeTables, root: int, end: int, splits: Splits) -> Group:
    inner, leaves = [], []
    for node in range(root, end):
        feature = trees.feature[node]
        if feature < 0:
            leaves.append(node)
        else:
            place = splits.place(feature, trees.threshold[node], trees.left_if_missing[node])
            inner.append((node - root, node - root + trees.skip[node], place))
    tree = Tree(end - root, inner, [leaf - root for leaf in leaves])
    return Group([tree], [trees.threshold[leaf] for leaf in leaves])


def many(trees: TreeTables) -> Many | None:
    """The ensemble, prepared; None if a tree is too large for this."""
    largest = max(end - root for root, end in trees.bounds())
    return Many(trees) if largest <= 1 << MOST_DIGITS else None
