"""The methods behind explanations: what each feature adds to a base, so that together they make a score.

Linear models and networks are compared with the input of zeros by DeepLIFT's rescale rule
(https://arxiv.org/abs/1704.02685), which for a linear model is weight * input. A scaled number and a missing indicator
are zero at their means in training, a category is zero where it is none of those known. Trees are followed from the
root: each split leads to other training rows with another mean, and the feature that it asks for is credited with the
difference (Saabas, http://blog.datadive.net/interpreting-random-forests/). An ensemble has the weighted sum of what its
members have; of two classes on the scale of probabilities, to which the rescale rule takes log-odds.
"""

from __future__ import annotations

from array import array
from math import log
from operator import mul

from function_code.scoring.linear import Linear, Network, logistic
from function_code.scoring.scorer import MIN_PROBABILITY, ModelScorer
from function_code.scoring.summation import ordered_dot
from function_code.scoring.tree_tables import unpack
from function_code.scoring.trees import Trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from function_code.schema import Row
    from function_code.scoring.ensemble import EnsembleScorer
    from function_code.scoring.scorer import Scorer

    # From a row and the number of an output: the base, a part for each feature, and the score that they make.
    Method = Callable[[Row, int], tuple[float, list[float], float]]
    # From an input vector and the number of an output: its base, and a part for each position of the vector.
    VectorMethod = Callable[[list[float], int], tuple[float, list[float]]]
    Activate = Callable[[list[float]], list[float]]

MAX_LOG_ODDS = log((1 - MIN_PROBABILITY) / MIN_PROBABILITY)  # that a calibration sees
MIN_DIFFERENCE, STEP = 1e-10, 1e-6  # between inputs of an activation that are nearer, its slope is taken over a step
LINEAR_LINKS = "logistic", "softmax"  # before which a calibration is linear
ONE_OUTPUT = "logistic", "share"  # the links of two classes, whose one output is of the second


class Unexplainable(Exception):
    """A model whose predictions no method explains, and why."""


def method(scorer: Scorer, features: int) -> Method:
    """The method for a scorer of rows with so many features. Raises Unexplainable.

    Where two classes have one output, base, contributions and score are of the positive one.
    """
    explain = _method(scorer, features)
    if scorer.positive == 1 or not has_one_output(scorer):
        return explain
    is_log_odds = isinstance(scorer, ModelScorer) and scorer.link == "logistic"
    whole = 0.0 if is_log_odds else 1.0  # that the log-odds or the probabilities of both classes make

    def explain_first(row: Row, output: int) -> tuple[float, list[float], float]:
        base, contributions, total = explain(row, output)
        return whole - base, [0.0 - part for part in contributions], whole - total

    return explain_first


def has_one_output(scorer: Scorer) -> bool:
    """Says whether two classes have one output, that of the second."""
    if isinstance(scorer, ModelScorer):
        return scorer.link in ONE_OUTPUT
    from function_code.scoring.ensemble import EnsembleScorer

    return isinstance(scorer, EnsembleScorer) and all(member.link in ONE_OUTPUT for _, member in scorer.members)


def _method(scorer: Scorer, features: int) -> Method:
    if isinstance(scorer, ModelScorer):
        return _of_model(scorer, features)
    from function_code.scoring.ensemble import EnsembleScorer

    if isinstance(scorer, EnsembleScorer):
        return _of_ensemble(scorer, features)
    raise Unexplainable("it is of a kind whose predictions cannot be explained exactly")


def _of_model(scorer: ModelScorer, features: int) -> Method:
    by_vector, origins = _by_vector(scorer), scorer.encoder.origins(features)

    def explain(row: Row, output: int) -> tuple[float, list[float], float]:
        vector = scorer.encoder.encode(row)
        base, parts, total = _calibrated(scorer, output, *by_vector(vector, output), scorer.output(vector)[output])
        contributions = [0.0] * features
        for origin, part in zip(origins, parts, strict=True):
            contributions[origin] += part
        return base, contributions, total

    return explain


def _of_ensemble(scorer: EnsembleScorer, features: int) -> Method:
    if any(member.link == "softmax" for _, member in scorer.members):
        raise Unexplainable("it is an ensemble for more than two classes, whose probabilities no sum of parts makes")
    members = [(weight, _of_model(member, features), member.link) for weight, member in scorer.members]

    def explain(row: Row, output: int) -> tuple[float, list[float], float]:
        base, contributions, total = 0.0, [0.0] * features, 0.0
        for weight, explain_member, link in members:
            low, parts, high = explain_member(row, output)
            if link == "logistic":
                low, parts, high = _as_probabilities(low, parts, high)
            base, total = base + weight * low, total + weight * high
            contributions = [sum_ + weight * part for sum_, part in zip(contributions, parts, strict=True)]
        return base, contributions, total

    return explain


def _as_probabilities(base: float, parts: list[float], total: float) -> tuple[float, list[float], float]:
    """Base, parts and score in log-odds as probabilities, by the rescale rule."""
    low, high = logistic(base), logistic(total)
    factor = (high - low) / (total - base) if abs(total - base) > STEP else high * (1.0 - high)
    return low, [part * factor for part in parts], high


def _calibrated(
    scorer: ModelScorer, output: int, base: float, parts: list[float], total: float
) -> tuple[float, list[float], float]:
    """Base, parts and score as the calibration makes them: it is linear in log-odds and in what softmax is taken of."""
    if not scorer.calibration or scorer.link not in LINEAR_LINKS:
        return base, parts, total
    slope, shifts = scorer.calibration["slope"], scorer.calibration["shifts"]
    if scorer.link == "softmax":
        shift, low, high = shifts[output], base, total
    else:
        shift = shifts[1] - shifts[0]
        low, high = (max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, z)) for z in (base, total))
    factor = slope * ((high - low) / (total - base) if total != base else 1.0)
    return slope * low + shift, [part * factor for part in parts], slope * high + shift


def _by_vector(scorer: ModelScorer) -> VectorMethod:
    output = scorer.output
    if isinstance(output, Trees):
        return _by_paths(output)
    if isinstance(output, Linear):
        return _by_layers([(output, list)])
    if isinstance(output, Network):
        return _by_layers(output.layers)
    raise Unexplainable("it is of a kind whose predictions cannot be explained exactly")


def _by_layers(layers: list[tuple[Linear, Activate]]) -> VectorMethod:
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


def _by_paths(trees: Trees) -> VectorMethod:
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
