"""Sums from left to right, which are the same in every Python.

From 3.12 on Python's own `sum` makes up for rounding: the same row would get another answer, in the last digit, from
another Python. As short as they are, these are as fast.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def total_of(values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the values."""
    for value in values:
        total += value
    return total


def product_of(weights: Iterable[float], values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the values, each times its weight."""
    for weight, value in zip(weights, values, strict=True):
        total += weight * value
    return total


def sixteen(
    total: float, a: float, b: float, c: float, d: float, e: float, f: float, g: float, h: float,
    i: float, j: float, k: float, m: float, n: float, o: float, p: float, q: float,
) -> float:  # fmt: skip
    """`total` and sixteen values, in a third of the time that a loop takes."""
    return total + a + b + c + d + e + f + g + h + i + j + k + m + n + o + p + q


def parts(digits: Sequence[int], most: int) -> list[bool]:
    """For each of a row of values whether a part of `in_parts` begins with it.

    Neighbours are one part for as long as their digits together are at most so many.
    """
    begins, together = [], most + 1
    for own in digits:
        begins.append(together + own > most)
        together = own if begins[-1] else together + own
    return begins


def in_parts(begins: Sequence[bool], values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the sums of the parts, each of which is added up by itself first."""
    part = 0.0
    for begin, value in zip(begins, values, strict=True):
        if begin:
            total += part
            part = value
        else:
            part += value
    return total + part
