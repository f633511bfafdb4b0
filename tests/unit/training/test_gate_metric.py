"""The metric of the gates: losses, or of many classes rankings."""

import numpy as np
import pytest

from function_code.training.evaluate import losses
from function_code.training.gate_metric import MIN_RANKED_CLASSES, GateMetric
from function_code.training.gates import better_than_baseline
from function_code.training.table import Array


def too_sure(count: int) -> tuple[GateMetric, Array, Array]:
    """A model that is right in 60 % of 100 rows and says so with 99.9999 %, and shares of equal classes."""
    target = np.arange(100) % count
    answered = np.where(np.arange(100) % 5 < 3, target, (target + 7) % count)
    predicted = np.full((100, count), 1e-6 / (count - 1))
    predicted[np.arange(100), answered] = 1 - 1e-6
    return GateMetric(target, list(range(count))), predicted, np.full((100, count), 1 / count)


@pytest.mark.parametrize(("count", "passes"), [(MIN_RANKED_CLASSES - 1, False), (MIN_RANKED_CLASSES, True), (90, True)])
def test_many_classes_are_ranked_and_few_have_losses(count: int, passes: bool) -> None:
    metric, predicted, trivial = too_sure(count)
    gate = better_than_baseline(metric.losses(predicted), metric.losses(trivial), metric)
    assert gate.passed is passes, gate.detail
    own = losses(predicted, metric.target, metric.classes)
    assert own.mean() > losses(trivial, metric.target, metric.classes).mean()


def test_a_ranking_is_compared_without_what_is_owned() -> None:
    """Two of three classes are owned by everybody: the third is the first, whatever its probability."""
    excluded = np.tile([True, True, False], (4, 1))
    metric = GateMetric(np.array([2, 2, 2, 0]), [0, 1, 2], excluded)
    own = metric.losses(np.tile([0.6, 0.3, 0.1], (4, 1)))
    assert own.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert metric.mean(own) == 0.75
    assert metric.name == "NDCG@5"


def test_values_have_squared_errors() -> None:
    metric = GateMetric(np.array([1.0, 2.0]), [])
    assert metric.losses(np.array([[1.5], [4.0]])).tolist() == [0.25, 4.0]
    assert (metric.name, metric.mean(np.array([0.25, 4.0]))) == ("loss", 2.125)
