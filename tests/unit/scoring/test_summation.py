"""Sums that are the same in every Python, to the last digit."""

from function_code.scoring.summation import product_of, sixteen, total_of


def test_what_is_lost_on_the_way_stays_lost() -> None:
    assert total_of([0.1] * 10) == 0.9999999999999999  # from 3.12 on `sum` says 1.0
    assert total_of([1.0, 1e100, 1.0], -1e100) == 1.0
    assert product_of([1.0] * 10, [0.1] * 10) == 0.9999999999999999
    assert product_of([2.0, 3.0], [10.0, 100.0], 1.0) == 321.0
    assert total_of([]) == product_of([], []) == 0.0
    assert sixteen(1e16, *[1.0] * 16) == 1e16 == total_of([1.0] * 16, 1e16)
    assert sixteen(0.0, *map(float, range(16))) == 120.0
