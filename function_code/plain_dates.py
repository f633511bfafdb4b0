"""Dates as programs mostly write them, read without datetime: to import that takes as long as to answer a request."""

from __future__ import annotations

DIGITS = str.maketrans("123456789", "0" * 9)
PLAIN = frozenset(
    (
        "0000-00-00",
        *(f"0000-00-00{mark}{clock}{zone}" for mark in "T " for clock in ("00:00", "00:00:00") for zone in ("", "Z")),
    )
)
DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
DAYS_BEFORE_1970 = 719_162  # since the year 1, by the Gregorian calendar


def read_plain(text: str) -> float | None:
    """Days since 1970-01-01 UTC, to the bit as `read_iso` has them; None for any text that is not a plain date."""
    if text.translate(DIGITS) not in PLAIN:
        return None
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    hour, minute, second = (int(text[start : start + 2].strip("Z") or 0) for start in (11, 14, 17))
    if not (year and 0 < month <= 12 and hour < 24 and minute < 60 and second < 60):
        return None
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    before, after = DAYS_BEFORE_MONTH[month - 1 : month + 1]
    if not 0 < day <= after - before + (is_leap and month == 2):
        return None
    past = year - 1
    days = past * 365 + past // 4 - past // 100 + past // 400 - DAYS_BEFORE_1970
    days += before + (is_leap and month > 2) + day - 1
    return days + (hour * 3600 + minute * 60 + second) / 86_400
