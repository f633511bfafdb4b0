"""The label that a probability is answered with."""

import numpy as np
import pytest

from function_code.training.decision import Decision, calibration, decide, threshold


def answered(positive: list[float], limit: float) -> list[int]:
    return [int(label) for label in decide(np.array([[1 - p, p] for p in positive]), Decision(1, limit))]


@pytest.mark.parametrize("objective", ["accuracy", "balanced_accuracy", "f1"])
def test_what_is_told_apart_is_answered_apart(objective: str) -> None:
    positive, truth = [0.1, 0.2, 0.3, 0.6], [0, 0, 1, 1]
    limit = threshold(np.array(positive), np.array(truth), objective)
    assert limit == pytest.approx(0.25)
    assert answered(positive, limit) == truth


@pytest.mark.parametrize("highest", [0.4, 1.0])
def test_nobody_is_answered_yes_where_that_is_right_most_often(highest: float) -> None:
    """Found in review: the first cut took at least one row, and with it all of the same probability."""
    positive, truth = np.repeat([highest, 0.1], [10, 90]), np.arange(100) % 10 == 0
    limit = threshold(positive, truth.astype(int), "accuracy")
    assert not any(answered(positive.tolist(), limit))


def test_the_best_of_a_brute_search_is_found() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        positive = random.integers(0, 6, 40) / 5
        truth = (random.random(40) < positive).astype(int)
        limit = threshold(positive, truth, "accuracy")
        accuracy = np.mean((positive >= limit) == truth)
        assert accuracy == max(np.mean((positive >= other) == truth) for other in [0, *np.arange(0.1, 1.2, 0.2)])


@pytest.mark.parametrize(
    ("counts", "certain"),
    [((12, 12), 0.7), ((40, 6), 0.6), ((10, 10, 10), 0.6), ((12, 18, 9, 14, 11), 0.6)],
    ids=["two classes", "a rare one", "three classes", "five classes"],
)
def test_a_few_rows_without_a_mistake_make_nothing_certain(counts: tuple[int, ...], certain: float) -> None:
    """The most probable class is always the right one, though modestly; one mistake more must not cost everything."""
    y = np.repeat(np.arange(len(counts)), counts)[np.random.default_rng(1).permutation(sum(counts))]
    own = np.eye(len(counts))[y]
    probabilities = own * certain + (1 - own) * (1 - certain) / (len(counts) - 1)
    learned = calibration(probabilities, y, list(range(len(counts))))
    assert learned is not None
    calibrated = learned.apply(probabilities)
    assert (calibrated.argmax(axis=1) == y).all()
    assert certain < calibrated.max(axis=1).min() < 0.99
    assert calibrated.max() < 0.99
