"""The share of each position of an input vector: added to a base, they make an output of a model.

Linear models and networks are compared with the input of zeros by DeepLIFT's rescale rule
(https://arxiv.org/abs/1704.02685), which for a linear model is weight * input. A scaled number and a missing indicator
are zero at their means in training, a category is zero where it is none of those known. Trees are followed from the
root: each split leads to other training rows with another mean, and the feature that it asks for is credited with the
difference (Saabas, http://blog.datadive.net/interpreting-random-forests/).
"""

from __future__ import annotations

from array import array
from operator import mul

from function_code.scoring.linear import Linear, Network
from function_code.scoring.summation import ordered_dot
from function_code.scoring.tree_tables import unpack
from function_code.scoring.trees import Trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from function_code.scoring.scorer import Model

    # From an input vector and the number of an output: its base, and a part for each position of the vector.
    VectorMethod = Callable[[list[float], int], tuple[float, list[float]]]
    Activate = Callable[[list[float]], list[float]]

MIN_DIFFERENCE, STEP = 1e-10, 1e-6  # between inputs of an activation that are nearer, its slope is taken over a step


class Unexplainable(Exception):
    """A model whose predictions no method explains, and why."""


def vector_method(output: Model) -> VectorMethod:
    """The method for a model. Raises Unexplainable."""
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
