"""Numbers derived from a date, its parts or their cycles, and from a time of day, its cycle (see `derivation`)."""

from __future__ import annotations

from functools import lru_cache
from math import pi, sin, tau

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.scoring.derivation import Derive

MISSING = float("nan")
HOURS_OF_DAY, DAYS_OF_WEEK, DAYS_OF_YEAR, SECONDS_OF_DAY = 24, 7, 365.2425, 86_400
# Waves of a day, a week and a year; three and the mean are as good as one number for each day of the week.
HARMONICS = {"day": 6, "week": 3, "year": 3}
WAVE_DIGITS = 9
MAX_SHARES = 4096  # of cycles that are kept: hours, days of the week and of the year come again and again
PARTS = ("age", "hour", "weekday", "day", "day of the year", "month")
CYCLES = ("age", "missing", *(of for of, count in HARMONICS.items() for _ in range(2 * count)))


def date_parts(days: float) -> list[float]:
    """Parts of a day counted from 1970-01-01 UTC, in the order of PARTS but for its age.

    Hours with a fraction, to the second; the weekday, where 0 is Monday; the day of the month and of the year, and the
    month, from 1. NaN for NaN.
    """
    from datetime import date

    if days != days:
        return [MISSING] * (len(PARTS) - 1)
    whole = int(days // 1)
    # To the second: of days as floats, seven o'clock is a little more or less on each of them.
    hour = min(round((days - whole) * SECONDS_OF_DAY), SECONDS_OF_DAY - 1) / (SECONDS_OF_DAY / HOURS_OF_DAY)
    ordinal = whole + date(1970, 1, 1).toordinal()
    # Rounding and time zones can lead just outside of the years 1 to 9999.
    day = date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))
    parts = (day.weekday(), day.day, day.toordinal() - date(day.year, 1, 1).toordinal() + 1, day.month)
    return [hour, *map(float, parts)]


@lru_cache(MAX_SHARES)
def cycle(of: str, share: float) -> list[float]:
    """Sines and cosines of a share of a cycle, HARMONICS of each: what ends is next to what begins. NaN for NaN."""
    waves = [sin(tau * share * turn + shift) for turn in range(1, HARMONICS[of] + 1) for shift in (0.0, pi / 2)]
    # The same height on the way up and down is the same number: no tree may split between their last bits.
    return [round(wave, WAVE_DIGITS) for wave in waves]


def derive_date(table: dict[str, Any]) -> Derive:
    """Parts of a date, or cycles of its parts: those of PARTS, or of CYCLES if `cyclic`, whose indices are in `keep`.

    Its age are the days since `latest`; beyond `first` and `last` it stays as it is there.
    """
    keep, cyclic = table["keep"], table["cyclic"]
    first, last, latest = table["first"], table["last"], table["latest"]

    def derive(days: float) -> list[float]:
        age = min(max(days, first), last) - latest if days == days else MISSING
        parts = date_parts(days)
        if cyclic:
            hour, weekday, _, day_of_year, _ = parts
            waves = cycle("day", hour / HOURS_OF_DAY) + cycle("week", weekday / DAYS_OF_WEEK)
            numbers = [age, float(days != days), *waves, *cycle("year", (day_of_year - 1) / DAYS_OF_YEAR)]
        else:
            numbers = [age, *parts]
        return [numbers[index] for index in keep]

    return derive


def derive_time(table: dict[str, Any]) -> Derive:  # noqa: ARG001 (it needs nothing)
    """The cycle of a time of day in hours."""
    return lambda hours: cycle("day", hours / HOURS_OF_DAY)
