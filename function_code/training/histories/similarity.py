"""Models that score items by those in a user's history: a weight of each item for each other one, and a popularity.

`shallow`: Steck, Embarrassingly Shallow Autoencoders for Sparse Data, 2019, https://doi.org/10.1145/3308558.3313710:
the ridge regression of each item on all others, in closed form. `cosine`: item-item similarity, as in Sarwar et al.,
Item-based collaborative filtering recommendation algorithms, 2001, https://doi.org/10.1145/371920.372071.

Here two items of a user count the less together the more steps lie between them, and a history's items the less the
longer ago they were taken: what somebody took last says most about what comes next.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from function_code.training.histories.events import Events
from function_code.training.histories.held_out import Questions
from function_code.training.table import Array

MAX_HISTORY = 500  # items of a user that pairs are counted of, the latest ones
MAX_WEIGHT = 2**15 - 1  # in units: a weight takes two bytes, and is off by 1.5e-5 of the largest one at the most
CHUNK_SCORES = 10_000_000  # in memory


@dataclass(frozen=True)
class Similarity:
    """A fitted model: `weights`, shape (items, items), `popularity`, shape (items,), and the half-life of a history.

    A row of the weights has what its item adds to the scores of the others.
    """

    weights: Array
    popularity: Array
    half_life: float | None

    def recommend(self, questions: Questions, top: int) -> Array:
        """The best items for each user, shape (users, top), but for those of the history; -1 if none is left."""
        shares = discounted(questions, len(self.popularity), self.half_life)
        step = max(1, CHUNK_SCORES // len(self.popularity))
        parts = [self._best(shares[start : start + step], top) for start in range(0, shares.shape[0], step)]
        return np.concatenate(parts) if parts else np.zeros((0, top), dtype=int)

    def _best(self, shares: csr_array, top: int) -> Array:
        scores = shares @ self.weights + self.popularity
        scores[shares.nonzero()] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
        best = np.where(np.isfinite(np.take_along_axis(scores, best, axis=1)), best, -1)
        return np.pad(best, ((0, 0), (0, top - best.shape[1])), constant_values=-1)

    def cut(self, count: int) -> "Similarity":
        """The model with no more than the `count` largest weights of each item, by size, as multiples of a unit."""
        weights, size = np.rint(self.weights / self.unit) * self.unit, np.abs(self.weights)
        if count < len(size):
            kept = np.argpartition(-size, count, axis=1)[:, :count]
            cut = np.zeros_like(weights)
            np.put_along_axis(cut, kept, np.take_along_axis(weights, kept, axis=1), axis=1)
            weights = cut
        return Similarity(weights, self.popularity, self.half_life)

    @property
    def unit(self) -> float:
        """The unit of weights of which all are small whole numbers: 1 / MAX_WEIGHT of the largest one."""
        return float(np.abs(self.weights).max()) / MAX_WEIGHT or 1.0


def popularity(events: Events, half_life: float | None) -> Array:
    """The share of each item in the events, which count half if they are `half_life` days older than the last one."""
    age = events.when.max() - events.when
    weight = 0.5 ** (age / half_life) if half_life else np.ones(len(events))
    counts = np.bincount(events.item, weight, len(events.items))
    return np.asarray(counts / counts.sum())


def pairs(events: Events, half_life: float | None) -> Array:
    """The number of users who took two items, shape (items, items); each user's latest event of an item counts.

    A pair with n steps between counts 0.5 ** (n / half_life). The diagonal has how many users took an item.
    """
    count = len(events.items)
    result = np.zeros((count, count))
    key = events.user.astype(np.int64) * count + events.item
    latest = len(key) - 1 - np.unique(key[::-1], return_index=True)[1]
    latest.sort()
    user, item, steps = events.user[latest], events.item[latest], events.steps[latest]
    starts = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    for start, end in zip(starts, [*starts[1:], len(user)], strict=True):
        own, when = item[max(start, end - MAX_HISTORY) : end], steps[max(start, end - MAX_HISTORY) : end]
        apart = np.abs(when[:, None] - when)
        result[own[:, None], own] += 0.5 ** (apart / half_life) if half_life else 1.0
    return result


def shallow(pairs: Array, penalty: float) -> Array:
    """The weights of a ridge regression of each item on all others, with 0 on the diagonal."""
    inverse = np.linalg.inv(pairs + penalty * np.eye(len(pairs)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights)


def cosine(pairs: Array, shrinkage: float) -> Array:
    """The weights of item-item similarity: pairs over the geometric mean of both counts, which `shrinkage` raises."""
    norm = np.sqrt(np.diag(pairs) + shrinkage)
    weights = pairs / np.outer(norm, norm)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights)


def discounted(questions: Questions, items: int, half_life: float | None) -> csr_array:
    """The share that each item of a history counts, shape (users, items): by the latest step that has it.

    The shares of what was taken very long ago are tiny, but never 0: it is in the history still.
    """
    history, steps = questions.history, questions.history.steps
    row = np.searchsorted(questions.users, history.user)
    last = np.zeros(len(questions.users))
    np.maximum.at(last, row, steps)
    key = row.astype(np.int64) * items + history.item
    latest = len(key) - 1 - np.unique(key[::-1], return_index=True)[1]
    back = last[row[latest]] - steps[latest]
    shares = 0.5 ** (back / half_life) if half_life else np.ones(len(latest))
    shares = np.maximum(shares, np.finfo(float).tiny)
    return csr_array((shares, (row[latest], history.item[latest])), shape=(len(questions.users), items))
