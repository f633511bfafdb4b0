"""The two fast ways through trees, and the columns of many rows, give what walking from node to node gives."""

import json
import random
import sys
from itertools import pairwise
from typing import Any

import pytest

from function_code.column import Column
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring import linear, scorer
from function_code.scoring.trees import Trees
from function_code.scoring.trees_bitset import build_ensemble
from function_code.scoring.trees_quickscorer import build_quickscorer
from function_code.training.export.trees import LEAF, Node, Nodes, pack
from tests.support import factories

FEATURES = 5
NAN = float("nan")
DATE = {"kind": "date", "width": 2, "keep": [1, 2], "cyclic": False, "first": 0.0, "last": 2e4, "latest": 2e4}
THRESHOLDS = [-1.5, -0.0, 0.5, 1e-300, 2.0, 7.25, 1e90]


def ensemble(chance: random.Random, leaves: list[int], outputs: int = 1, shares: bool = False) -> Trees:
    """Random trees with so many leaves each."""
    nodes = Nodes()
    values: list[float] = []

    def grow(count: int, tree: list[Node]) -> int:
        index = len(tree)
        tree.append((LEAF, float(len(values)) if shares else chance.gauss(0, 1), 0, 0, False, 1.0))
        if count == 1:
            values.append(chance.random())
            return index
        left = chance.randint(1, count - 1)
        threshold = chance.choice(THRESHOLDS) if chance.random() < 0.5 else chance.gauss(0, 3)
        feature, missing = chance.randrange(FEATURES), chance.random() < 0.5
        first = grow(left, tree)
        tree[index] = (feature, threshold, first, grow(count - left, tree), missing, 0.0)
        return index

    for count in leaves:
        tree: list[Node] = []
        grow(count, tree)
        nodes.add(tree.__getitem__)
    tables = nodes.tables([0.0 if shares else 0.25 * k for k in range(outputs)], average=shares)
    if shares:
        tables["shares"] = pack([chance.random() for _ in values for _ in range(outputs)], "<f8")
    return Trees(tables)


def vectors(chance: random.Random, count: int) -> list[list[float]]:
    """Rows with missing values, values exactly on a threshold and between them, and endless ones."""
    own = [NAN, *THRESHOLDS, float("inf"), -float("inf"), 0.0]
    return [
        [chance.choice(own) if chance.random() < 0.5 else chance.gauss(0, 3) for _ in range(FEATURES)]
        for _ in range(count)
    ]


SHAPES = [[1], [2], [1, 1, 2], [8, 3, 5], [32, 1, 17, 32], [9] * 70, [4] * 300, [15] * 20]
LARGE = [[33], [200, 3, 1], [300, 12]]


@pytest.mark.parametrize("leaves", SHAPES, ids=lambda leaves: f"{len(leaves)} of {max(leaves)}")
def test_the_quick_way_ends_in_the_same_leaves(leaves: list[int]) -> None:
    chance = random.Random(str(leaves))
    trees = ensemble(chance, leaves)
    fast = build_quickscorer(trees)
    assert fast
    for vector in vectors(chance, 200):
        assert list(fast(vector)) == [trees.threshold[leaf] for leaf in trees.leaves(vector)]


@pytest.mark.parametrize("leaves", LARGE, ids=str)
def test_large_trees_are_walked(leaves: list[int]) -> None:
    chance = random.Random(1)
    trees = ensemble(chance, leaves)
    assert build_quickscorer(trees) is None
    rows = vectors(chance, 80)
    expected = [0.0 + sum(trees.threshold[leaf] for leaf in trees.leaves(row)) for row in rows]
    assert [trees(row)[0] for row in rows] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("outputs", "shares"), [(1, False), (3, False), (3, True)])
@pytest.mark.parametrize("leaves", SHAPES + LARGE, ids=lambda leaves: f"{len(leaves)} of {max(leaves)}")
def test_many_rows_at_once_give_what_each_gives(leaves: list[int], outputs: int, shares: bool) -> None:
    chance = random.Random(str(leaves))
    trees = ensemble(chance, leaves * outputs, outputs, shares)
    rows = vectors(chance, 150)
    columns: list[Any] = list(zip(*rows, strict=True))
    fast = build_ensemble(trees)
    assert fast
    assert fast(columns) == [trees(row) for row in rows]
    assert trees.predict_batch(columns) == fast(columns)


def test_more_rows_than_fit_in_one_go() -> None:
    chance = random.Random(2)
    trees = ensemble(chance, [7, 40])
    rows = vectors(chance, 5000)
    outputs = trees.predict_batch(list(zip(*rows, strict=True)))
    assert [value for (value,) in outputs] == [trees(row)[0] for row in rows]


@pytest.mark.parametrize("numbers", [None, 1])
@pytest.mark.parametrize("sizes", [[6, 1], [6, 3], [6, 17, 1], [6, 30, 9, 4]], ids=str)
def test_layers_by_column(sizes: list[int], numbers: int | None) -> None:
    chance = random.Random(str(sizes))
    tables = layered(chance, sizes)
    model = linear.Network({"layers": tables}, numbers) if len(tables) > 1 else linear.Linear(tables[0], numbers)
    rows = [[chance.gauss(0, 1), *(float(chance.random() < 0.3) for _ in range(4)), 1.0] for _ in range(60)]
    columns: list[Any] = list(zip(*rows, strict=True))
    assert model.predict_batch(columns) == [model(row) for row in rows]


def layered(chance: random.Random, sizes: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "weights": [[chance.gauss(0, 1) for _ in range(before)] for _ in range(after)],
            "intercepts": [chance.gauss(0, 1) for _ in range(after)],
            "activation": chance.choice(list(linear.ACTIVATIONS)),
        }
        for before, after in pairwise(sizes)
    ]


@pytest.mark.parametrize("numpy", [True, False])
@pytest.mark.parametrize("sizes", [[9, 1], [9, 30, 9, 1]], ids=str)
@pytest.mark.parametrize("largest", [None, 0.7, 3.0])
def test_a_batch_scores_as_its_rows_do(
    sizes: list[int], numpy: bool, largest: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "MIN_NUMPY_MULTIPLICATIONS", 0)
    if not numpy:
        # As where only the serving package is installed.
        monkeypatch.delitem(sys.modules, "function_code.scoring.linear_numpy", raising=False)
        monkeypatch.setitem(sys.modules, "numpy", None)
    tables: dict[str, Any] = {
        "width": 9,
        "derived": [{"index": 2, **DATE}],
        "logarithms": [1],
        "raw": [[0, 0]],
        "scaled": [[1, 1, 0.5, 2.0, 3.0], [2, 4, 3.0, 1.0, 2.0]],
        "missing": [[3, 1, -0.5, 2.0]],
        "onehot": [[4, 3, {"a": 0, "b": 1}, 2], [7, 3, {"c": 0, "": 1}, -1]],
        "largest": largest,
    }
    chance = random.Random(3)
    layers = layered(chance, sizes)
    model = {"kind": "network", "layers": layers} if len(layers) > 1 else {"kind": "linear", **layers[0]}
    served = scorer.load(
        {**factories.document(factories.BINARY), "encoder": tables, "model": model}  # a logistic link
    )
    rows = [
        [chance.random(), chance.choice([NAN, -5.0, 0.0, 7.0]), chance.choice([NAN, 1e4, 2e4]), chance.choice("abcd")]
        for _ in range(100)
    ]
    rows[0][3] = ""
    assert served.score(rows) == [served.score([row])[0] for row in rows]
    assert isinstance(served, scorer.ModelScorer)
    assert (served._numpy_scorer is not None) == numpy


def test_a_row_without_a_finite_result_is_named_in_a_batch() -> None:
    served = scorer.load(factories.document(factories.REGRESSION, slope=1e300))
    rows = [[1.0] for _ in range(100)]
    rows[42] = [1e100]
    with pytest.raises(scorer.Unscorable) as unscorable:
        served.score(rows)
    assert unscorable.value.index == 42


INSTANCES: list[dict[str, Any]] = [
    {"n": 1, "flag": True, "city": " a ", "day": "2025-01-31"},
    {"n": None, "flag": "no", "city": "", "day": None},
    {"n": 2.5, "flag": None, "city": "b", "day": "2025-02-01T12:00:00+02:00", "id": 7},
    {"flag": False, "city": "a", "target": [], "id": "x"},
]
WRONG: list[Any] = [
    3, {"n": "1"}, {"n": True}, {"n": 1e999}, {"n": 10**400}, {"flag": 1}, {"flag": 1.0}, {"city": 5}, {"city": True},
    {"day": "soon"}, {"other": 1}, {"id": {}}, {"id": []}, {"city": ["a"]},
]  # fmt: skip


def features(nullable: bool) -> Schema:
    kinds = {"n": "number", "flag": "boolean", "city": "category", "day": "date"}
    columns = [Column(name, kind, nullable, None) for name, kind in kinds.items()]
    return Schema(columns, "target", "regression", ids=("id",))


@pytest.mark.parametrize("nullable", [True, False])
def test_many_instances_are_checked_as_each_is(nullable: bool) -> None:
    schema = features(nullable)
    for wrong in [INSTANCES[0], INSTANCES[1], *WRONG]:
        together = [*[INSTANCES[0]] * 40, *(INSTANCES if nullable else []), wrong]
        alone = [check_instances(schema, [instance]) for instance in together]
        rows, problems = check_instances(schema, together)
        assert [p["problem"] for p in problems] == [p["problem"] for _, alone_problems in alone for p in alone_problems]
        assert {p["instance"] for p in problems} <= {len(together) - 1}
        if not problems:
            assert json.dumps(rows) == json.dumps([row for (row,), _ in alone])


def test_every_wrong_instance_is_wrong_in_company() -> None:
    for wrong in WRONG:
        assert check_instances(features(nullable=True), [INSTANCES[0]] * 40 + [wrong])[1], wrong
