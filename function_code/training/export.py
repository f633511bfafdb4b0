"""A fitted pipeline as the JSON tables that `serving.scorer` reads. Every number is the pipeline's own."""

import sys
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from function_code.serving.scorer import FORMAT
from function_code.training.table import Array

NOT_LISTED = -1


def document(pipeline: Pipeline, kinds: dict[str, str]) -> dict[str, Any]:
    """The tables of a pipeline of `encode` and `model` over the columns that `Typed(kinds)` makes."""
    encoder, model = pipeline["encode"], pipeline["model"]
    dates = [index for index, kind in enumerate(kinds.values()) if kind == "date"]
    parts = [f"{name} ({part})" for name, kind in kinds.items() if kind == "date" for part in ("weekday", "month")]
    rows = {name: index for index, name in enumerate([*kinds, *parts])}
    tables, model_tables = _encoder(encoder, rows), _linear(model) if hasattr(model, "coef_") else _trees(model)
    link = "identity" if not hasattr(model, "classes_") else "logistic" if len(model.classes_) == 2 else "softmax"
    return {"format": FORMAT, "encoder": {"dates": dates, **tables}, "model": model_tables, "link": link}


def known_categories(pipeline: Pipeline) -> dict[str, list[str]]:
    """The categories that the encoder tells apart, by column, without the missing one."""
    found = {}
    for name, transformer, columns in pipeline["encode"].transformers_:
        if name == "categories" and len(columns):
            for column, listed in zip(columns, _frequent(transformer), strict=True):
                found[column] = [category for category in listed if category]
    return found


def _encoder(encoder: Any, rows: dict[str, int]) -> dict[str, Any]:
    raw: list[Any] = []
    scaled: list[Any] = []
    missing: list[Any] = []
    onehot: list[Any] = []
    position = 0
    for name, transformer, columns in encoder.transformers_:
        if not len(columns) or name == "remainder":
            continue
        if name == "categories":
            for index, column in enumerate(columns):
                listed = _frequent(transformer)[index]
                infrequent = transformer.infrequent_categories_[index]
                other = NOT_LISTED if infrequent is None else len(listed)
                onehot.append([position, rows[column], {category: i for i, category in enumerate(listed)}, other])
                position += len(listed) + (infrequent is not None)
        elif isinstance(transformer, Pipeline):
            fill, scale = transformer["fill"], transformer["scale"]
            means, scales = scale.mean_.tolist(), scale.scale_.tolist()
            for index, column in enumerate(columns):
                scaled.append([index, rows[column], float(fill.statistics_[index]), means[index], scales[index]])
            for offset, index in enumerate(fill.indicator_.features_.tolist(), len(columns)):
                mean, by = means[offset], scales[offset]
                missing.append([offset, rows[columns[index]], (0.0 - mean) / by, (1.0 - mean) / by])
            position = len(means)
        else:
            raw += [[index, rows[column]] for index, column in enumerate(columns)]
            position = len(columns)
    return {"width": position, "raw": raw, "scaled": scaled, "missing": missing, "onehot": onehot}


def _frequent(encoder: Any) -> list[list[str]]:
    rare = encoder.infrequent_categories_
    return [
        [category for category in found.tolist() if some is None or category not in set(some)]
        for found, some in zip(encoder.categories_, rare, strict=True)
    ]


def _linear(model: Any) -> dict[str, Any]:
    weights, intercepts = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    return {"kind": "linear", "weights": weights.tolist(), "intercepts": intercepts.tolist()}


def _trees(model: Any) -> dict[str, Any]:
    base = np.ravel(model._baseline_prediction).tolist()
    rounds = [[_node(tree.nodes, 0) for tree in trees] for trees in model._predictors]
    return {"kind": "trees", "base": base, "rounds": rounds}


def _node(nodes: Array, index: int) -> Any:
    node = nodes[index]
    if node["is_leaf"]:
        return float(node["value"])
    left, right = _node(nodes, int(node["left"])), _node(nodes, int(node["right"]))
    # A split into missing and present has an infinite threshold; every finite value is on the left of the largest one.
    threshold = min(float(node["num_threshold"]), sys.float_info.max)
    return [int(node["feature_idx"]), threshold, left, right, 2 if node["missing_go_to_left"] else 3]
