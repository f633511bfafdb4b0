"""Dates and times of ISO 8601, as requests and most programs write them; apart, to be there without a regex."""

from datetime import UTC, date, datetime, timedelta
from math import nextafter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_OF_DAY = 86_400
FIRST_DAY, LAST_DAY = date.min.toordinal() - EPOCH.toordinal(), date.max.toordinal() - EPOCH.toordinal()
LAST_MOMENT = nextafter(LAST_DAY + 1, 0.0)
MIN_LENGTH = 8  # of 20230417


def read_iso(text: str) -> float:
    """A date or time as days since 1970-01-01 UTC; without an offset it counts as UTC. Raises ValueError."""
    text = text.strip()
    if len(text) < MIN_LENGTH or not text[:4].isdigit() or (text.isdigit() and len(text) > MIN_LENGTH):
        raise ValueError(text)
    return days(datetime.fromisoformat(text))


def write_iso(day: float) -> str:
    """Days since 1970-01-01 UTC as a date and time, to the microsecond."""
    return (EPOCH + timedelta(day)).isoformat()


def days(moment: datetime) -> float:
    """A moment as days since 1970-01-01 UTC. Raises ValueError if in UTC it is not of the years 1 to 9999."""
    elapsed = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    if not FIRST_DAY <= elapsed.days <= LAST_DAY:
        raise ValueError(moment)
    # The last microseconds of the year 9999 would be rounded to the year 10000, which there is none of.
    return min(elapsed.days + (elapsed.seconds + elapsed.microseconds / 1e6) / SECONDS_OF_DAY, LAST_MOMENT)
