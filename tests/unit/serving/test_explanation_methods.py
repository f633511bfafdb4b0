"""Contributions of POST :explain, compared with the same methods worked out once more from the fitted estimator."""

import random
from typing import Any

import numpy as np
import pytest

from function_code.registry import Registry
from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Trees
from function_code.training.column_typer import ColumnTyper
from function_code.training.parity import instances
from tests.support.explained_models import CLASSES, KINDS, app_of, explain, fitted, table

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def test_of_a_linear_model_each_coefficient_times_the_distance_from_the_mean(registry: Registry) -> None:
    inner = fitted(Linear, "regression")
    app = app_of(registry, inner, "regression")
    raw = table(40, random.Random(4))
    encode, weights = inner["encode"], inner["model"].coef_
    numbers, cities = (encode.named_transformers_[name] for name in ("numbers", "categories"))
    fill, scale = numbers["fill"], numbers["scale"]
    weights = weights[encode.output_indices_["numbers"].start :]
    at = [name for name, kind in KINDS.items() if kind in ("number", "boolean")].index("gap")
    absent = len(fill.statistics_) + list(fill.indicator_.features_).index(at)
    by_city = dict(zip(cities.get_feature_names_out(), weights[len(scale.mean_) :], strict=True))
    explanations = explain(app, instances(raw, KINDS)).content["explanations"]
    for explanation, gap, city in zip(explanations, raw["gap"], raw["city"], strict=True):
        value = float(gap) if gap else fill.statistics_[at]
        expected = sum(
            weights[position] / scale.scale_[position] * (x - scale.mean_[position])
            for position, x in ((at, value), (absent, gap == ""))
        )
        assert explanation["base"] == pytest.approx(inner["model"].intercept_)
        assert explanation["contributions"]["gap"] == pytest.approx(expected)
        own = by_city.get(f"city_{city}", by_city["city_infrequent_sklearn"])
        assert explanation["contributions"]["city"] == pytest.approx(own)
    assert {"", "city 2"} < set(raw["city"])


Path = tuple[float, dict[int, float]]


def boosted_path(nodes: Any, x: Any) -> Path:
    """The mean of a tree of HistGradientBoosting, and what each feature of the encoder moved it by."""

    def mean(node: Any) -> float:
        if node["is_leaf"]:
            return float(node["value"])
        left, right = nodes[node["left"]], nodes[node["right"]]
        return float(np.average([mean(left), mean(right)], weights=[left["count"], right["count"]]))

    def walk(node: Any, moved: dict[int, float]) -> Path:
        if node["is_leaf"]:
            return mean(nodes[0]), moved
        feature = int(node["feature_idx"])
        value = x[feature]
        left = node["missing_go_to_left"] if np.isnan(value) else value <= node["num_threshold"]
        child = nodes[node["left"] if left else node["right"]]
        return walk(child, {**moved, feature: moved.get(feature, 0.0) + mean(child) - mean(node)})

    return walk(nodes[0], {})


def forest_path(tree: Any, x: Any, output: int) -> Path:
    """The mean of a tree of a forest, and the same; its nodes know their own means."""
    means = tree.value[:, 0, :]

    def walk(node: int, moved: dict[int, float]) -> Path:
        feature = int(tree.feature[node])
        if feature < 0:
            return float(means[0, output]), moved
        value = np.float32(x[feature])
        left = tree.missing_go_to_left[node] if np.isnan(value) else value <= tree.threshold[node]
        child = int(tree.children_left[node] if left else tree.children_right[node])
        return walk(
            child, {**moved, feature: moved.get(feature, 0.0) + float(means[child, output] - means[node, output])}
        )

    return walk(0, {})


def origins(encode: Any) -> list[str]:
    """The column that each of the encoder's outputs comes from."""
    names: list[str] = []
    for name, transformer, columns in encode.transformers_:
        if not len(columns):
            continue
        if name == "categories":
            widths = transformer._n_features_outs
        else:
            widths = [1] * len(columns) if name == "numbers" else [t["width"] for t in transformer["derive"].tables_]
        names += [column for column, width in zip(columns, widths, strict=True) for _ in range(width)]
    return names


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("kind", [Trees, Forest])
def test_of_trees_what_each_split_moves_the_mean_by(registry: Registry, kind: type[Candidate], task: str) -> None:
    inner = fitted(kind, task)
    app, model = app_of(registry, inner, task), inner["model"]
    raw = table(15, random.Random(5))
    inputs = inner["encode"].transform(ColumnTyper(KINDS).fit(raw).transform(raw))
    names = origins(inner["encode"])
    assert len(names) == inputs.shape[1]
    explanations = explain(app, instances(raw, KINDS)).content["explanations"]
    for explanation, x in zip(explanations, inputs, strict=True):
        output = CLASSES[task].index(explanation["class"]) if task != "regression" else 0
        if kind is Forest:
            paths = [forest_path(estimator.tree_, x, output) for estimator in model.estimators_]
            base, by = 0.0, len(paths)
        else:
            own = output if task == "multiclass" else 0
            paths = [boosted_path(trees[own].nodes, x) for trees in model._predictors]
            base, by = float(np.ravel(model._baseline_prediction)[own]), 1
        expected = dict.fromkeys(KINDS, 0.0)
        for mean, moved in paths:
            base += mean / by
            for position, distance in moved.items():
                expected[names[position]] += distance / by
        assert explanation["base"] == pytest.approx(base, abs=1e-9)
        assert explanation["contributions"] == pytest.approx(expected, abs=1e-9)
