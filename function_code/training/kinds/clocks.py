"""Times of day and durations: which texts are such, and whether they are of hours or of minutes."""

import re
from collections import Counter
from collections.abc import Collection
from itertools import islice

from function_code.dialects.hours import DOTTED, is_dotted, read_hours, read_minutes
from function_code.dialects.missing import says_missing
from function_code.training.kinds.reading import SAMPLE_TEXTS, Candidate, Reading, candidate, setting
from function_code.training.table import Array

HOURS_OF_DAY = 24
TIME_OF_DAY_NAME = re.compile(
    r"(?<![a-z])(?:time|clock|hour|uhr|\w*zeit|hora|horario|heure|orario|ora|uur|tijd|godzina|klokk\w*|kl|saat)(?![a-z])"
    r"|час|время|時刻|시각",
    re.IGNORECASE,
)
DURATION_NAME = re.compile(
    r"(?<![a-z])(?:hours|horas|heures|ore|uren|stunden|duration|dauer)(?![a-z])|時間|시간", re.IGNORECASE
)
MIN_HOURS = 6  # different ones, the last of them after noon, from which whole parts are spread as hours of a day
MIN_TIMES = 20  # different ones, all below 60 behind the point, from which they are no cents: a chance of 1 in 27,000
FIVE_MINUTES = frozenset(range(0, 60, 5))
MIN_NAMED_MINUTES = 3  # different ones, where the column's name speaks of a time of day


def dotted_times(texts: list[str], values: Array, column: str) -> Reading | None:
    """The reading of decimals that all could be hours and minutes (9.30, 14.05); None for others.

    They are read as such if they show it, see `_are_times`. If they don't, but the column's name speaks of time, they
    are decimals, and that is said. `values` are the numbers among the texts.
    """
    if values.min() < 0 or not 1 <= values.max() < HOURS_OF_DAY:
        return None
    filled = (text for text in texts if not says_missing(text))
    if not all(map(DOTTED.fullmatch, map(str.strip, islice(filled, SAMPLE_TEXTS)))):
        return None
    distinct = {text.strip() for text in texts if not says_missing(text)}
    if not all(map(DOTTED.fullmatch, distinct)):
        return None
    words, example = column.replace("_", " "), max(distinct)
    is_named = bool(TIME_OF_DAY_NAME.search(words))
    if _are_times(distinct, is_named):
        otherwise = f"if it is a number, set {setting(column, 'number')}"
        note = f"column {column!r} is read so that {example!r} is a time of day, {_hours(example)}; {otherwise}"
        return Reading("number", "hours", notes=(note,))
    if is_named or DURATION_NAME.search(words):
        otherwise = f"if these are hours and minutes, set {setting(column, 'number', 'hours')}"
        note = f"column {column!r} is read so that {example!r} is a decimal, {float(example):g}; {otherwise}"
        return Reading("number", proof="us", notes=(note,))
    return None


def are_hours_and_minutes(texts: Collection[str]) -> bool:
    """Says whether texts with an h behind them show that they are hours and minutes (14.30 h), and no decimals."""
    if not all(is_dotted(text) and text[-1] in "hH" and text.count(".") == 1 for text in texts):
        return False
    return _are_times([text.rstrip("hH ") for text in texts], is_named=True)


def _are_times(texts: Collection[str], is_named: bool) -> bool:
    """Says whether decimals show that they are times of day, with minutes where others would have 60 to 99, too.

    The first and the last hour show nothing: values up to 1.5 have no 1.6. Quarters and tenths of an hour show
    nothing, either. Without a name of a time of day all minutes, or every fifth, must be there.
    """
    times = {divmod(round(100 * float(text)), 100) for text in texts}
    hours = {hour for hour, _ in times}
    if len(hours) < MIN_HOURS or max(hours) < HOURS_OF_DAY / 2:
        return False
    inner = {(hour, minute) for hour, minute in times if min(hours) < hour < max(hours)}
    minutes = {minute for _, minute in inner}
    if len(inner) < MIN_TIMES or any(all(minute % step == 0 for minute in minutes) for step in (10, 25)):
        return False
    return len(minutes) >= (MIN_NAMED_MINUTES if is_named else MIN_TIMES) or minutes == FIVE_MINUTES


def clock_candidate(counts: Counter[str], column: str) -> Candidate | None:
    """The reading of texts as times of day or durations; None if most are decimals that could be such."""
    dotted = list(filter(is_dotted, counts))
    hours = candidate(counts, "number", "hours", read_hours)
    if are_hours_and_minutes(dotted):
        what = f"{dotted[0]!r} is {_hours(dotted[0])}; if these are decimals, set {setting(column, 'number', 'us h')}"
        return hours.noted(f"column {column!r} is read so that {what}")
    if len(dotted) > len(counts) / 2:
        return None
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
