"""Recommendations from histories: the matrix that is trained, the tables that serve, and what they must never do."""

import json
import random

import numpy as np
import pandas as pd
import pytest

from function_code.scoring import scorer
from function_code.scoring.neighbours import Neighbours
from function_code.training.histories import ranking, similarity
from function_code.training.histories.events import Events
from function_code.training.histories.export import tables
from function_code.training.histories.held_out import divide, divide_again, questions_of
from function_code.training.table import Array
from tests.support.orders import orders


def events(rows: list[list[object]]) -> Events:
    table = pd.DataFrame(rows, columns=["user", "item", "when", "amount"])
    days = np.array([when.toordinal() for when in table["when"]], dtype=float)
    return Events.of(table["user"], table["item"], days)


def named(learned: Events) -> list[tuple[str, str, float]]:
    return [
        (learned.users[u], learned.items[i], w)
        for u, i, w in zip(learned.user, learned.item, learned.when, strict=True)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_changes_nothing(seed: int) -> None:
    rows = orders(seed)
    mixed = random.Random(seed).sample(rows, len(rows))
    first, second = events(rows), events(mixed)
    assert sorted(named(first)) == sorted(named(second))
    counts = [dict(zip(learned.items, np.bincount(learned.item).tolist(), strict=True)) for learned in (first, second)]
    assert counts[0] == counts[1]


def test_steps_are_moments_of_a_user() -> None:
    learned = Events.of(pd.Series(list("aababb")), pd.Series(list("xyzxyz")), np.array([1.0, 1, 5, 3, 2, 5]))
    steps = sorted(
        zip((learned.users[u] for u in learned.user), learned.when.tolist(), learned.steps.tolist(), strict=True)
    )
    assert steps == [("a", 1, 0), ("a", 1, 0), ("a", 3, 1), ("b", 2, 0), ("b", 5, 1), ("b", 5, 1)]


@pytest.mark.parametrize("half_life", [None, 1.0, 7.0])
@pytest.mark.parametrize("count", [5, 1000])
def test_the_tables_recommend_as_the_matrix_does(half_life: float | None, count: int) -> None:
    learned = events(orders(1))
    learn, questions, _ = divide(learned, "orders")
    weights = similarity.shallow(similarity.pairs(learn, 3.0), 10.0)
    model = similarity.Similarity(weights, similarity.popularity(learn, None), half_life).cut(count)
    assert (np.count_nonzero(model.weights, axis=1) <= count).all()
    served = scorer.load(json.loads(json.dumps(tables(model))))
    assert isinstance(served, Neighbours)
    best = model.recommend(questions, len(learned.items))
    for row, steps in enumerate(questions.steps()):
        own = questions.history.where(questions.history.user == questions.users[row])
        by_step = [sorted(own.item[own.steps == step].tolist()) for step in range(own.steps.max() + 1)]
        assert [sorted(step) for step in steps] == by_step
        recommended = [number for number, _ in served.recommend(steps, (), len(learned.items))]
        assert recommended == [number for number in best[row].tolist() if number >= 0]
        assert not set(recommended) & set(own.item.tolist())


def test_because_is_what_adds_most() -> None:
    weights = np.array([[0, 0.5, 0.1, 0], [0.2, 0, 0.3, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    served = scorer.load(tables(similarity.Similarity(weights, np.array([0.4, 0.3, 0.2, 0.1]), 1.0).cut(4)))
    assert isinstance(served, Neighbours)
    numbers, scores = zip(*served.recommend([[0], [1]], (), 5), strict=True)
    assert numbers == (2, 3)
    assert scores == pytest.approx((0.2 + 0.05 + 0.3, 0.1), abs=1e-4)
    assert served.because([[0], [1]], [2, 3]) == [1, None]
    assert served.because([[1], [0], [2]], [1, 3]) == [0, None]
    assert [number for number, _ in served.recommend([[0], [1]], {2}, 5)] == [3]
    assert [number for number, _ in served.recommend([], (), 2)] == [0, 1]


def by_hand(best: list[int], taken: set[int]) -> float:
    gain = sum(1 / np.log2(2 + place) for place, number in enumerate(best) if number in taken)
    return float(gain / sum(1 / np.log2(2 + place) for place in range(min(len(best), len(taken)))))


def test_ndcg_is_that_by_hand() -> None:
    chance = np.random.default_rng(1)
    best: Array = np.argsort(chance.random((30, 12)), axis=1)[:, :5]
    best[3, 2:] = -1
    taken = [np.unique(chance.integers(12, size=chance.integers(1, 9))) for _ in range(30)]
    expected = [by_hand(row.tolist(), set(own.tolist())) for row, own in zip(best, taken, strict=True)]
    assert ranking.ndcg(best, taken) == pytest.approx(expected)
    hits = [bool(set(row.tolist()) & set(own.tolist())) for row, own in zip(best, taken, strict=True)]
    assert ranking.hit_rate(best, taken).tolist() == hits
    assert ranking.coverage(best, 24) == 0.5
    assert ranking.novelty(np.array([[0, 1], [0, -1]]), np.array([0.5, 0.25])).tolist() == [1.5, 1.0]


def test_what_comes_later_changes_nothing_that_is_learned() -> None:
    rows = orders(2)
    learn, questions, moment = divide(events(rows), "orders")
    late = [row for row in rows if row[2].toordinal() > moment]  # type: ignore[attr-defined]
    assert len(late) > 30
    products = [row[1] for row in late]
    random.Random(0).shuffle(products)
    for row, product in zip(late, products, strict=True):
        row[1] = product
    again, _, _ = divide(events(rows), "orders")
    assert sorted(named(again)) == sorted(named(learn))
    assert max(learn.when) <= moment < min(end for end in questions.history.where(questions.history.when > moment).when)


def test_a_step_asks_for_what_is_new_and_knows_only_what_was_before() -> None:
    learned = events(orders(3))
    questions = questions_of(learned, np.arange(len(learned.users)))
    assert len(questions.users) == len(questions.taken) > 50
    for user, taken in zip(questions.users.tolist(), questions.taken, strict=True):
        own, before = learned.where(learned.user == user), questions.history.where(questions.history.user == user)
        assert before.when.max() < own.when.max()
        assert not set(taken.tolist()) & set(before.item.tolist())
        assert set(taken.tolist()) <= set(own.item[own.when == own.when.max()].tolist())


def test_validation_users_lose_their_last_step() -> None:
    learn, _, _ = divide(events(orders(4)), "orders")
    inner, questions = divide_again(learn, "orders")
    for user in questions.users.tolist():
        own, left = learn.where(learn.user == user), inner.where(inner.user == user)
        assert left.when.max() < own.when.max()
    others = ~np.isin(learn.user, questions.users)
    assert sorted(named(inner.where(~np.isin(inner.user, questions.users)))) == sorted(named(learn.where(others)))
