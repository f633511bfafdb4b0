"""Explanations of answers: a number for each feature, which together with a base make the score of the answer.

The score is the model's output before its link: for two classes the log-odds of the positive one; for more, the output
of the class that is answered, of which softmax makes its probability; for regression the value. Forests give a
probability itself. A calibration is part of the score, but for forests, where it would not be linear.

Linear models and networks are compared with the input of zeros by DeepLIFT's rescale rule
(https://arxiv.org/abs/1704.02685), which for a linear model is weight * input. A scaled number and a missing indicator
are zero at their means in training, a category is zero where it is none of those known. Trees are followed from the
root: each split leads to other training rows with another mean, and the feature that it asks for is credited with the
difference (Saabas, http://blog.datadive.net/interpreting-random-forests/).
"""

from __future__ import annotations

from array import array
from math import log
from operator import mul

from function_code.scoring.linear import Linear, Network
from function_code.scoring.scorer import MIN_PROBABILITY
from function_code.scoring.summation import ordered_dot
from function_code.scoring.tree_tables import unpack
from function_code.scoring.trees import Trees
from function_code.serving.predictions import MAX_NUMBERS, PREDICTION_KEYS, name_unseen, score, with_ids
from function_code.serving.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.schema import Schema
    from function_code.scoring.loaded_model import LoadedModel
    from function_code.scoring.scorer import Scorer

    # From an input vector and the number of an output: its base, and a part for each position of the vector.
    Method = Callable[[list[float], int], tuple[float, list[float]]]
    Activate = Callable[[list[float]], list[float]]

MAX_EXPLAINED_INSTANCES = 500  # in one request; through a large forest each takes some milliseconds
ONE_OUTPUT = ("logistic", "share")  # the links of two classes, whose one output is of the second
EXPLANATION_KEYS = PREDICTION_KEYS | {"class", "scale", "base", "contributions", "score"}
MAX_ROUNDING_ERROR = 1e-9  # by which base and contributions may miss the score, relative to the largest of them
MAX_LOG_ODDS = log((1 - MIN_PROBABILITY) / MIN_PROBABILITY)  # that a calibration sees
MIN_DIFFERENCE, STEP = 1e-10, 1e-6  # between inputs of an activation that are nearer, its slope is taken over a step


def explain(loaded: LoadedModel, content: object, names_unseen: bool = False) -> list[dict[str, Any]]:
    """The explanations for a body of {"instances": [...]}, if wanted with the features whose value is unseen.

    Raises Problem 413, 422 or 501.
    """
    schema, scorer = loaded.schema, loaded.scorer
    method = _method(loaded)
    instances, rows, scores = score(loaded, content, max_explained_instances(schema))
    origins = scorer.encoder.origins(len(schema.features))
    names = [column.name for column in schema.features]
    explanations = []
    for index, (instance, row, row_scores) in enumerate(zip(instances, rows, scores, strict=True)):
        answer, output = _answer(schema, scorer, instance, row_scores)
        explanation = {**answer, "scale": _scale(scorer, schema), "base": None, "contributions": {}, "score": None}
        if output is not None:
            vector = scorer.encoder.encode(row)
            explained = *method(vector, output), scorer.output(vector)[output]
            base, parts, total = _of_positive(scorer, *_calibrated(scorer, output, *explained))
            contributions = dict.fromkeys(names, 0.0)
            for origin, part in zip(origins, parts, strict=True):
                contributions[names[origin]] += part
            if not _adds_up(base, list(contributions.values()), total):
                problem = "no explanation: a value is too far outside of what the model was trained on"
                problems = [{"instance": index, "field": None, "problem": problem}]
                raise Problem(422, "an instance cannot be explained", problems)
            explanation |= {"base": base, "contributions": contributions, "score": total}
        explanations.append(explanation)
    if names_unseen:
        name_unseen(loaded, rows, explanations)
    return with_ids(schema, instances, explanations, EXPLANATION_KEYS)


def max_explained_instances(schema: Schema) -> int:
    """The number of instances that one request may hold."""
    return min(MAX_EXPLAINED_INSTANCES, max(1, MAX_NUMBERS // len(schema.features)))


def _answer(
    schema: Schema, scorer: Scorer, instance: dict[str, Any], scores: list[float]
) -> tuple[dict[str, Any], int | None]:
    """The answer, and the number of the output that explains it; None if there is no answer."""
    if not schema.classes:
        return {"value": scores[0]}, 0
    chosen = scorer.choose(scores, schema.eligible_classes(instance))
    if chosen is None:
        return {"label": None, "class": None}, None
    label = schema.classes[chosen]
    if scorer.link in ONE_OUTPUT:
        return {"label": label, "class": schema.classes[scorer.positive]}, 0
    return {"label": label, "class": label}, chosen


def _adds_up(base: float, parts: list[float], total: float) -> bool:
    """Says whether they are finite and add up; on the way to the score, numbers may have become too large for that."""
    largest = max(1.0, abs(base), abs(total), *map(abs, parts))
    return abs(base + sum(parts) - total) <= MAX_ROUNDING_ERROR * largest < float("inf")


def _scale(scorer: Scorer, schema: Schema) -> str:
    if not schema.classes:
        return "value"
    if scorer.link in ("logistic", "softmax"):
        return "log-odds" if scorer.link == "logistic" else "logit"
    return "probability before calibration" if scorer.calibration else "probability"


def _calibrated(
    scorer: Scorer, output: int, base: float, parts: list[float], total: float
) -> tuple[float, list[float], float]:
    """Base, parts and score as the calibration makes them: it is linear in log-odds and in what softmax is taken of."""
    if not scorer.calibration or scorer.link not in ("logistic", "softmax"):
        return base, parts, total
    slope, shifts = scorer.calibration["slope"], scorer.calibration["shifts"]
    if scorer.link == "softmax":
        shift, low, high = shifts[output], base, total
    else:
        shift = shifts[1] - shifts[0]
        low, high = (max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, z)) for z in (base, total))
    factor = slope * ((high - low) / (total - base) if total != base else 1.0)
    return slope * low + shift, [part * factor for part in parts], slope * high + shift


def _of_positive(scorer: Scorer, base: float, parts: list[float], total: float) -> tuple[float, list[float], float]:
    """Base, parts and score of the positive class, from those of the second where two classes have one output."""
    if scorer.link not in ONE_OUTPUT or scorer.positive == 1:
        return base, parts, total
    whole = 0.0 if scorer.link == "logistic" else 1.0  # that the log-odds or the shares of both make
    return whole - base, [0.0 - part for part in parts], whole - total


def _method(loaded: LoadedModel) -> Method:
    output = loaded.scorer.output
    if isinstance(output, Trees):
        return _by_paths(output)
    if isinstance(output, Linear):
        return _by_layers([(output, list)])
    if isinstance(output, Network):
        return _by_layers(output.layers)
    raise Problem(501, f"model {loaded.name!r} is of a kind whose predictions cannot be explained exactly")


def _by_layers(layers: list[tuple[Linear, Activate]]) -> Method:
    columns = [list(zip(*layer.weights, strict=True)) for layer, _ in layers]

    def explain(vector: list[float], output: int) -> tuple[float, list[float]]:
        values, reference = vector, [0.0] * len(vector)
        slopes = []
        for layer, activate in layers:
            inputs, reference_inputs = layer(values), layer(reference)
            values, reference = activate(inputs), activate(reference_inputs)
            slopes.append(_slopes(activate, inputs, reference_inputs, values, reference))
        weights = [float(number == output) for number in range(len(values))]
        for layer_columns, layer_slopes in zip(reversed(columns), reversed(slopes), strict=True):
            weights = list(map(mul, weights, layer_slopes))
            weights = [ordered_dot(weights, column) for column in layer_columns]
        return reference[output], list(map(mul, weights, vector))

    return explain


def _slopes(
    activate: Activate, inputs: list[float], references: list[float], outputs: list[float], at_references: list[float]
) -> list[float]:
    """The slopes of an activation, element by element, between two lists of inputs."""
    above, below = (activate([z + step for z in references]) for step in (STEP, -STEP))
    return [
        (y - y0) / (z - z0) if abs(z - z0) > MIN_DIFFERENCE else (high - low) / (2 * STEP)
        for z, z0, y, y0, high, low in zip(inputs, references, outputs, at_references, above, below, strict=True)
    ]


def _by_paths(trees: Trees) -> Method:
    feature, threshold, skip, left_if_missing = trees.feature, trees.threshold, trees.skip, trees.left_if_missing

    def explain(vector: list[float], output: int) -> tuple[float, list[float]]:
        means = _means(trees, output)
        base, parts = 0.0, [0.0] * len(vector)
        for node in trees.roots if trees.shares is not None else trees.roots[output :: len(trees.base)]:
            before = means[node]
            base += before
            while (position := feature[node]) >= 0:
                value = vector[position]
                left = value <= threshold[node] or (value != value and left_if_missing[node])
                node += 1 if left else skip[node]
                mean = means[node]
                parts[position] += mean - before
                before = mean
        count = len(trees.roots) if trees.average else 1
        return trees.base[output] + base / count, [part / count for part in parts]

    return explain


def _means(trees: Trees, output: int) -> array[float]:
    """The mean, by node, of what the training rows that reached it got from their leaves; cached with the trees."""
    outputs, shares = len(trees.base), trees.shares
    key = 0 if shares is None else output
    if key not in trees.means:
        leaf = (len(trees.feature) + len(trees.roots)) // 2  # as every other node has two children
        counts = unpack("Hf", trees.count, leaf)
        rows, means = (array("d", bytes(8 * len(trees.feature))) for _ in range(2))
        # Backwards in preorder: children before their parents.
        for node in range(len(trees.feature) - 1, -1, -1):
            if trees.feature[node] < 0:
                leaf -= 1
                rows[node] = counts[leaf]
                value = trees.threshold[node]
                means[node] = value if shares is None else shares[int(value) * outputs + output]
            else:
                left, right = node + 1, node + trees.skip[node]
                rows[node] = rows[left] + rows[right]
                means[node] = (rows[left] * means[left] + rows[right] * means[right]) / rows[node]
        trees.means[key] = means
    return trees.means[key]
