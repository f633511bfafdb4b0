"""The quality of recommendations, user by user: `best` are the numbers of items, shape (users, top), the best first.

-1 stands where there was nothing left to recommend. `taken` has for each user the items that were taken next.
"""

import numpy as np

from function_code.training.table import Array


def hit_rate(best: Array, taken: list[Array]) -> Array:
    """For each user 1 if one of the items was taken, else 0; shape (users,)."""
    return gains(best, taken).any(axis=1).astype(float)


def ndcg(best: Array, taken: list[Array]) -> Array:
    """For each user the NDCG of the items, shape (users,).

    The gain of an item that was taken is 1 / log2(1 + its rank), divided by what a ranking would gain that has all
    items that were taken first (https://dl.acm.org/doi/10.1145/582415.582418).
    """
    top = best.shape[1]
    discounts = 1 / np.log2(np.arange(2, top + 2))
    ideal = np.cumsum(discounts)[[min(top, len(items)) - 1 for items in taken]]
    return np.asarray(gains(best, taken) @ discounts / ideal)


def gains(best: Array, taken: list[Array]) -> Array:
    """Marks the items that were taken, shape (users, top)."""
    return np.array([np.isin(items, own) for items, own in zip(best, taken, strict=True)]).reshape(best.shape)


def coverage(best: Array, items: int) -> float:
    """The share of so many items that anybody gets to see."""
    return len(np.unique(best[best >= 0])) / items


def novelty(best: Array, shares: Array) -> Array:
    """For each user how rare the items are: the mean of -log2 of the share that each has in all events."""
    rare = -np.log2(np.maximum(shares, np.finfo(float).tiny))
    seen = best >= 0
    return np.asarray((np.where(seen, rare[best], 0.0)).sum(axis=1) / np.maximum(1, seen.sum(axis=1)))
