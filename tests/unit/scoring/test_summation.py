"""Sums that are the same in every Python, to the last digit."""

from function_code.scoring.summation import ordered_dot, ordered_sum, sum16


def test_what_is_lost_on_the_way_stays_lost() -> None:
    assert ordered_sum([0.1] * 10) == 0.9999999999999999  # from 3.12 on `sum` says 1.0
    assert ordered_sum([1.0, 1e100, 1.0], -1e100) == 1.0
    assert ordered_dot([1.0] * 10, [0.1] * 10) == 0.9999999999999999
    assert ordered_dot([2.0, 3.0], [10.0, 100.0], 1.0) == 321.0
    assert ordered_sum([]) == ordered_dot([], []) == 0.0
    assert sum16(1e16, *[1.0] * 16) == 1e16 == ordered_sum([1.0] * 16, 1e16)
    assert sum16(0.0, *map(float, range(16))) == 120.0
