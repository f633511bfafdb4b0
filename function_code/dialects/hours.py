"""Times of day and durations as hours (14:30, 2:30 pm, 1 day 02:15:00, 1:23.456, 2h 50m, PT1H30M) or minutes (3:45)."""

import re

MAX_TEXT_LENGTH = 40
CLOCK = re.compile(
    r"(?P<sign>[-+])?(?:(?P<days>\d+)\s*d(?:ays?)?,?\s*)?"
    r"(?P<hours>\d{1,4})(?:[:h](?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d(?:[.,]\d+)?))?)?"
    r"\s*(?:(?P<meridiem>[ap]\.?m\.?)|Uhr)?",
    re.IGNORECASE,
)
DOTTED = re.compile(
    r"(?P<hours>[01]?\d|2[0-4])\.(?P<minutes>[0-5]\d)(?:\.(?P<seconds>[0-5]\d))?"
    r"\s*(?:(?P<meridiem>[ap]\.?m\.?)|Uhr|h)?",
    re.IGNORECASE,
)
NO_WORD = re.compile(r"[\d.\s]+h?", re.IGNORECASE)  # 2.30 h may be 2.3 h
MINUTES = re.compile(
    r"(?P<sign>[-+])?(?:(?P<hours>\d{1,3}):(?=\d\d:))?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d(?:[.,]\d+)?)"
)
LAP = re.compile(r"(?P<sign>[-+])?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d[.,]\d+)")  # a fraction is one of seconds
BETWEEN = r"(?:[,\s]|(?<=\s)(?:and|und|et)\s)*"
PARTS = re.compile(
    rf"(?P<sign>[-+])?P?(?:(?P<days>\d+)\s*d(?:ays?)?)?{BETWEEN}T?"
    rf"(?:(?P<hours>\d+)\s*(?:h(?:(?:ou)?rs?|eures?)?|std\.?|Stunden?|時間?|시간?))?{BETWEEN}"
    rf"(?:(?P<minutes>\d+)\s*(?:m(?:in(?:ute)?[sn]?)?\.?|分|분))?{BETWEEN}"
    r"(?:(?P<seconds>\d+(?:[.,]\d+)?)\s*(?:s(?:ec(?:ond)?s?)?|秒|초))?",
    re.IGNORECASE,
)


def hour_of_day(hour: int, meridiem: str | None) -> int:
    """The hour of a clock of 12 hours, where am or pm stands behind it, as one of 24. Raises ValueError."""
    if not meridiem:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if meridiem[0] in "pP" else 0)


def read_hours(text: str) -> float:
    """A time of day or a duration as hours, with a fraction. Raises ValueError."""
    text = text.strip()
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(text)
    match = CLOCK.fullmatch(text) or DOTTED.fullmatch(text) or PARTS.fullmatch(text) or LAP.fullmatch(text)
    if match is None or text.lstrip("+-").isdigit() or not any(map(str.isdigit, text)):
        raise ValueError(text)
    parts = match.groupdict()
    days, hours, minutes = (int(parts.get(name) or 0) for name in ("days", "hours", "minutes"))
    try:
        hours = hour_of_day(hours, parts.get("meridiem"))
    except ValueError:
        raise ValueError(text) from None
    seconds = float((parts["seconds"] or "0").replace(",", "."))
    total = ((days * 24 + hours) * 60 + minutes) / 60 + seconds / 3600
    return -total if parts.get("sign") == "-" else total


def is_dotted(text: str) -> bool:
    """Says whether a text is a time of day with a point, and no word beside it that says that it is no decimal."""
    return DOTTED.fullmatch(text) is not None and NO_WORD.fullmatch(text) is not None


def read_minutes(text: str) -> float:
    """A duration of minutes and seconds, and perhaps hours (3:45, 1:02:10), as minutes. Raises ValueError."""
    match = MINUTES.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    seconds = float(match["seconds"].replace(",", "."))
    total = int(match["hours"] or 0) * 60 + int(match["minutes"]) + seconds / 60
    return -total if match["sign"] == "-" else total
