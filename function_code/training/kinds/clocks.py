"""Times of day and durations: which texts are such, and whether they are of hours or of minutes."""

import re
from collections import Counter
from itertools import islice

from function_code.dialects.hours import DOTTED, read_hours, read_minutes
from function_code.dialects.missing import says_missing
from function_code.training.kinds.reading import SAMPLE_TEXTS, Candidate, Reading, candidate, setting
from function_code.training.table import Array

HOURS_OF_DAY = 24
MINUTES_OF_HOUR = 60
TIME_NAME = re.compile(
    r"(?<![a-z])(?:time|clock|hours?|uhr|\w*zeit|hora|horario|heure|orario|ora|uur|tijd|godzina|klokk\w*|kl|saat)(?![a-z])"
    r"|час|время|時刻|時間|시간|시각",
    re.IGNORECASE,
)
MIN_ENDINGS = 20  # of 100, below 60 each, from which they are no cents: a chance of 1 in 130,000
FIVE_MINUTES = frozenset(f"{minute:02}" for minute in range(0, 60, 5))  # nothing but these, of 20: the same
MIN_NAMED_ENDINGS = 3  # the same for a column whose name speaks of time


def dotted_times(texts: list[str], values: Array, column: str) -> Reading | None:
    """The reading of decimals that all are hours and minutes (9.30, 14.05); None for others.

    They always have two digits, below 60, behind the point, and many of these, or the column's name says that they are
    times. `values` are the numbers among the texts.
    """
    if values.min() < 0 or values.max() >= HOURS_OF_DAY:
        return None
    filled = (text for text in texts if not says_missing(text))
    if not all(map(DOTTED.fullmatch, map(str.strip, islice(filled, SAMPLE_TEXTS)))):
        return None
    distinct = {text.strip() for text in texts if not says_missing(text)}
    endings = {text[-2:] for text in distinct}
    is_named = bool(TIME_NAME.search(column.replace("_", " ")))
    enough = len(endings) >= (MIN_NAMED_ENDINGS if is_named else MIN_ENDINGS) or endings == FIVE_MINUTES
    if not enough or not all(map(DOTTED.fullmatch, distinct)):
        return None
    example = max(distinct)
    otherwise = f"if it is a number, set {setting(column, 'number')}"
    note = f"column {column!r} is read so that {example!r} is a time of day, {_hours(example)}; {otherwise}"
    return Reading("number", "hours", notes=(note,))


def clock_candidate(counts: Counter[str], column: str) -> Candidate | None:
    """The reading of texts as times of day or durations; None if most are decimals that could be such."""
    if sum(map(bool, map(DOTTED.fullmatch, counts))) > len(counts) / 2:
        return None
    hours = candidate(counts, "number", "hours", read_hours)
    read = [text for text in counts if text not in hours.reading.odd]
    widths = Counter(text.count(":") for text in read)
    longest = next((text for text in read if read_hours(text) >= HOURS_OF_DAY), "")
    if not longest and len(widths) < 2:
        return hours
    minutes = candidate(counts, "number", "minutes", read_minutes)
    if minutes.filled_share < hours.filled_share:
        example = longest or read[0]
        otherwise = f"if it is something else, set {setting(column, 'category')}"
        return hours.noted(f"column {column!r} is read so that {example!r} is {_hours(example)}; {otherwise}")
    # What has seconds where it is long has them where it is short: 58:30 beside 1:02:10.
    shortest = next((text for text in read if text.count(":") == 1 and read_hours(text) >= HOURS_OF_DAY), "")
    if shortest and len(widths) > 1:
        otherwise = f"if these are hours, set {setting(column, 'number', 'hours')}"
        note = f"column {column!r} is read so that {shortest!r} is {read_minutes(shortest):.4g} minutes; {otherwise}"
        return minutes.noted(note)
    example = longest or next(text for text in read if text.count(":") == 1)
    otherwise = f"if these are minutes, set {setting(column, 'number', 'minutes')}"
    return hours.noted(f"column {column!r} is read so that {example!r} is {_hours(example)}; {otherwise}")


def _hours(text: str) -> str:
    return f"{read_hours(text):.4g} hours"
