"""Numbers that are derived from a feature."""

import math

import pytest

from function_code.scoring.dates import CYCLES, cycle, date_parts
from function_code.scoring.derivation import derivation

DATE = {"kind": "date", "cyclic": False, "first": 19_000.0, "last": 20_000.0, "latest": 19_800.0}


@pytest.mark.parametrize(
    ("days", "parts"),
    [
        (0.0, [0.0, 3.0, 1.0, 1.0, 1.0]),  # 1970-01-01 was a Thursday
        (-0.5, [12.0, 2.0, 31.0, 365.0, 12.0]),
        (19782.25, [6.0, 3.0, 29.0, 60.0, 2.0]),  # 2024-02-29
        (19782 + 7 / 24, [7.0, 3.0, 29.0, 60.0, 2.0]),  # which is a little less than seven o'clock as a float
        (19782 + 1 - 1e-9, [24 - 1 / 3600, 3.0, 29.0, 60.0, 2.0]),
        (1e7, [0.0, 4.0, 31.0, 365.0, 12.0]),  # beyond the year 9999
    ],
)
def test_date_parts(days: float, parts: list[float]) -> None:
    assert date_parts(days) == parts


def test_a_kind_that_is_not_known_is_no_time_of_day() -> None:
    with pytest.raises(ValueError, match="this code derives nothing of the kind 'durations'"):
        derivation({"kind": "durations"})


def test_parts_of_a_missing_date() -> None:
    assert all(math.isnan(part) for part in date_parts(math.nan))
    cycles = derivation({**DATE, "cyclic": True, "keep": list(range(len(CYCLES)))})(math.nan)
    assert cycles[1] == 1.0  # it is missing
    assert all(map(math.isnan, [cycles[0], *cycles[2:]]))


def test_a_date_far_away_is_as_old_as_the_last_that_counts() -> None:
    age = derivation({**DATE, "keep": [0]})
    assert [age(days) for days in (-1e6, 19_700.5, 19_900.0, 2e4, 1e6)] == [
        [-800.0],
        [-99.5],
        [100.0],
        [200.0],
        [200.0],
    ]


def test_the_end_of_a_cycle_is_next_to_its_beginning() -> None:
    assert cycle("week", 0.9999) == pytest.approx(cycle("week", 0.0), abs=0.01)
    assert cycle("day", 0.25)[:2] == pytest.approx([1.0, 0.0], abs=1e-12)
    assert cycle("day", 0.5) != pytest.approx(cycle("day", 0.0), abs=0.1)
