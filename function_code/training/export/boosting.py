"""Boosted trees of scikit-learn's older kind and of LightGBM as the packed tables of `scoring.trees`."""

from typing import Any

import numpy as np

from function_code.training.export.trees import LEAF, Node, Nodes, NotExpressible, node_of_scikit

# LightGBM takes what is nearer to 0 than this for 0: https://github.com/microsoft/LightGBM, include/LightGBM/meta.h.
ZERO = float(np.float32(1e-35))
BELOW_ZERO = float(np.nextafter(-ZERO, -np.inf))
# Objectives whose prediction is the logistic function, the softmax or the sum itself of the trees' values. Others, such
# as poisson, do something else with it.
OBJECTIVES = ("binary sigmoid:1", "regression", "regression_l1", "huber", "fair", "quantile", "mape")


def gradient_tables(model: Any) -> dict[str, Any]:
    """The tables of scikit-learn's GradientBoosting. Raises NotExpressible."""
    if model.init not in (None, "zero"):
        raise NotExpressible("there are no tables for gradient boosting that begins with another estimator")
    if hasattr(model, "classes_") and model.loss != "log_loss":
        raise NotExpressible(f"there are no tables for gradient boosting of the loss {model.loss}")
    nodes = Nodes()
    for estimator in model.estimators_.ravel():
        nodes.add(node_of_scikit(estimator.tree_, model.learning_rate * estimator.tree_.value[:, 0, 0]))
    # What it begins with does not depend on the row.
    base = model._raw_predict_init(np.zeros((1, model.n_features_in_)))
    return nodes.tables(np.ravel(base).tolist(), average=False)


def lightgbm_tables(model: Any) -> dict[str, Any]:
    """The tables of LightGBM's estimators. Raises NotExpressible."""
    content = model.booster_.dump_model()
    objective, outputs = content.get("objective", "of its own"), content["num_tree_per_iteration"]
    if objective not in (*OBJECTIVES, f"multiclass num_class:{outputs}"):
        raise NotExpressible(f"there are no tables for LightGBM with the objective {objective}")
    if content["average_output"] and outputs > 1:
        raise NotExpressible("there are no tables for LightGBM's random forests of more than two classes")
    nodes = Nodes()
    for tree in content["tree_info"]:
        listed: list[dict[str, Any]] = []
        _list(tree["tree_structure"], listed)
        nodes.add(lambda index, listed=listed: _node(listed[index]))  # type: ignore[misc]
    return nodes.tables([0.0] * outputs, average=content["average_output"])


def _list(node: dict[str, Any], listed: list[dict[str, Any]]) -> None:
    """The nodes below and at `node`, in preorder; each learns the places of its children."""
    listed.append(node)
    for side in ("left", "right"):
        if f"{side}_child" in node:
            node[side] = len(listed)
            _list(node[f"{side}_child"], listed)


def _node(node: dict[str, Any]) -> Node:
    if "leaf_coeff" in node:
        raise NotExpressible("there are no tables for LightGBM's linear trees")
    if "leaf_value" in node:
        return LEAF, node["leaf_value"], 0, 0, False, node.get("leaf_count", 1)  # a tree of one leaf has no count
    missing = node["missing_type"]
    if node["decision_type"] != "<=":
        raise NotExpressible("there are no tables for LightGBM's native categories")
    if missing == "Zero":
        raise NotExpressible("there are no tables for LightGBM with zeros as missing values")
    threshold = float(node["threshold"])
    # Where nothing was missing in training, a missing value counts as 0.
    left_if_missing = threshold >= 0.0 if missing == "None" else node["default_left"]
    if abs(threshold) <= ZERO:
        threshold = ZERO if threshold >= 0.0 else BELOW_ZERO
    return node["split_feature"], threshold, node["left"], node["right"], left_if_missing, node["internal_count"]
