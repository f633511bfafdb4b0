"""Fitted tree ensembles as the packed tables of `scoring.trees`."""

from binascii import b2a_base64
from collections.abc import Callable
from typing import Any

import numpy as np

from function_code.training.table import Array

LEAF = -1
# Feature or LEAF, threshold or value, left and right child, whether missing values go left, how many rows made it.
Node = tuple[int, float, int, int, bool, float]


class NotExpressible(Exception):
    """There are no tables for this kind of model."""


class Nodes:
    """Nodes of several trees, in the layout of `scoring.trees`."""

    def __init__(self) -> None:
        self.feature: list[int] = []
        self.threshold: list[float] = []
        self.skip: list[int] = []
        self.left_if_missing: list[int] = []
        self.roots: list[int] = []
        self.count: list[float] = []

    def add(self, node_of: Callable[[int], Node]) -> None:
        """A tree, by its nodes' numbers; 0 is its root."""
        self.roots.append(len(self.feature))
        pending: list[tuple[int, int | None]] = [(0, None)]
        while pending:
            index, parent = pending.pop()
            if parent is not None:
                self.skip[parent] = len(self.feature) - parent
            feature, threshold, left, right, left_if_missing, count = node_of(index)
            here = len(self.feature)
            self.feature.append(feature)
            self.threshold.append(threshold)
            self.skip.append(0)
            self.left_if_missing.append(left_if_missing)
            if feature == LEAF:
                self.count.append(count)
            else:
                pending.append((right, here))
                pending.append((left, None))

    def tables(self, base: list[float], average: bool) -> dict[str, Any]:
        """The tables that `scoring.trees.Trees` reads."""
        return {
            "kind": "trees",
            "base": base,
            "average": average,
            "feature": pack(self.feature, "i1" if max(self.feature) < 1 << 7 else "<i2"),
            "threshold": pack(self.threshold, "<f8"),
            "skip": pack(self.skip, "<u2" if max(self.skip) < 1 << 16 else "<u4"),
            "left_if_missing": pack(self.left_if_missing, "u1"),
            "roots": pack(self.roots, "<i4"),
            "count": pack(self.count, "<u2" if all(n % 1 == 0 and n < 1 << 16 for n in self.count) else "<f4"),
        }


def boosted_tables(model: Any) -> dict[str, Any]:
    """The tables of scikit-learn's HistGradientBoosting. Raises NotExpressible."""
    if model.is_categorical_ is not None:
        raise NotExpressible("there are no tables for native categories of HistGradientBoosting")
    nodes = Nodes()
    largest = float(np.finfo(np.float64).max)
    for trees in model._predictors:
        for tree in trees:
            names = ("is_leaf", "value", "feature_idx", "num_threshold", "left", "right", "missing_go_to_left", "count")
            columns = [tree.nodes[name].tolist() for name in names]

            def node_of(index: int, columns: list[list[Any]] = columns) -> Node:
                is_leaf, value, feature, threshold, left, right, missing, count = (column[index] for column in columns)
                if is_leaf:
                    return LEAF, value, 0, 0, False, count
                # A split into missing and present has an infinite threshold; every finite value is left of the largest.
                return feature, min(threshold, largest), left, right, bool(missing), count

            nodes.add(node_of)
    return nodes.tables(np.ravel(model._baseline_prediction).tolist(), average=False)


def forest_tables(model: Any) -> dict[str, Any]:
    """The tables of scikit-learn's random forests, extra trees and single trees, which compare float32 numbers."""
    nodes = Nodes()
    classes = len(getattr(model, "classes_", []))
    shares: list[Array] = []
    leaves = 0
    for estimator in getattr(model, "estimators_", [model]):
        tree = estimator.tree_
        values = tree.value[:, 0, :]
        if classes:
            values = values / values.sum(axis=1, keepdims=True)
        if classes > 2:
            is_leaf = tree.children_left == LEAF
            numbers = leaves + np.cumsum(is_leaf) - 1
            shares.append(values[is_leaf])
            leaves += int(is_leaf.sum())
        else:
            numbers = values[:, -1]
        nodes.add(node_of_scikit(tree, numbers))
    tables = nodes.tables([0.0] * (classes if classes > 2 else 1), average=True)
    if classes > 2:
        tables["shares"] = pack(np.concatenate(shares).ravel(), "<f8")
    return tables


def node_of_scikit(tree: Any, values: Array) -> Callable[[int], Node]:
    """For `Nodes.add` the nodes of a tree that compares float32 numbers; `values` are those of its leaves, by node."""
    is_leaf = tree.children_left == LEAF
    thresholds = np.where(is_leaf, values, widened(tree.threshold))
    feature = np.where(is_leaf, LEAF, tree.feature)
    missing = tree.missing_go_to_left.astype(bool)
    arrays = (feature, thresholds, tree.children_left, tree.children_right, missing, tree.weighted_n_node_samples)
    columns = [array.tolist() for array in arrays]

    def node_of(index: int) -> Node:
        feature, threshold, left, right, left_if_missing, count = (column[index] for column in columns)
        return feature, threshold, left, right, left_if_missing, count

    return node_of


def widened(thresholds: Array) -> Array:
    """For each threshold t the largest float64 x with float32(x) <= t: comparing with it needs no rounding of x."""
    below = thresholds.astype(np.float32)
    below = np.where(below.astype(np.float64) > thresholds, np.nextafter(below, np.float32(-np.inf)), below)
    above = np.nextafter(below, np.float32(np.inf)).astype(np.float64)
    middle = (below.astype(np.float64) + above) / 2  # exact: float64 has the room
    # Half-way numbers are rounded to the neighbour whose last bit is 0.
    even = below.view(np.uint32) % 2 == 0
    return np.where(even, middle, np.nextafter(middle, -np.inf))


def pack(numbers: Any, kind: str) -> str:
    """Base64 of an array of little-endian numbers."""
    return b2a_base64(np.asarray(numbers, dtype=kind).tobytes(), newline=False).decode()
