"""Sums from left to right, which are the same in every Python.

From 3.12 on Python's own `sum` makes up for rounding: the same row would get another answer, in the last digit, from
another Python. As short as they are, these are as fast.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def ordered_sum(values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the values."""
    for value in values:
        total += value
    return total


def ordered_dot(weights: Iterable[float], values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the values, each times its weight."""
    for weight, value in zip(weights, values, strict=True):
        total += weight * value
    return total


def sum16(
    total: float, a: float, b: float, c: float, d: float, e: float, f: float, g: float, h: float,
    i: float, j: float, k: float, m: float, n: float, o: float, p: float, q: float,
) -> float:  # fmt: skip
    """`total` and sixteen values, in a third of the time that a loop takes."""
    return total + a + b + c + d + e + f + g + h + i + j + k + m + n + o + p + q


def group_starts(digits: Sequence[int], max_digits: int) -> list[bool]:
    """Says of each value, in their order, whether a group of `grouped_sum` begins with it.

    Neighbours are one group for as long as their digits together are at most `max_digits`.
    """
    starts, group_digits = [], max_digits + 1
    for value_digits in digits:
        starts.append(group_digits + value_digits > max_digits)
        group_digits = value_digits if starts[-1] else group_digits + value_digits
    return starts


def grouped_sum(starts: Sequence[bool], values: Iterable[float], total: float = 0.0) -> float:
    """`total` and the sums of the groups, each of which is added up by itself first."""
    subtotal = 0.0
    for starts_group, value in zip(starts, values, strict=True):
        if starts_group:
            total += subtotal
            subtotal = value
        else:
            subtotal += value
    return total + subtotal
