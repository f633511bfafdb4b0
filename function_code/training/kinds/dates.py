"""The form in which a column writes dates."""

import re
from collections import Counter
from collections.abc import Collection

import numpy as np

from function_code.dialects import Reader, dates
from function_code.dialects.day_counts import FORMS, to_days
from function_code.dialects.iso_dates import SECONDS_OF_DAY, read_iso
from function_code.dialects.missing import says_missing
from function_code.training.kinds.date_codes import MIN_LAST_DAY, without_codes
from function_code.training.kinds.reading import (
    Candidate,
    Conventions,
    Reading,
    candidate,
    is_read,
    sample_step,
    setting,
)
from function_code.training.table import Array

ORDERS = ("dmy", "mdy", "ymd")
MIN_MONTHS = 3  # different ones beside numbers, from which they are no letters of a code
MIN_DATES = 20  # distinct whole numbers that all are dates, from which they are taken for dates
FIRST_EPOCH_SECOND, LAST_EPOCH_SECOND = 946_684_800, 2_208_988_800  # 2000 to 2039
FIRST_NAMED_SECOND = 631_152_000  # 1990, where the column's name says that it has moments
MAX_EPOCH_SPREAD = 20 * 365 * 86_400  # seconds, beyond which only a column's name says that it has moments
DATE_NAME = re.compile(
    r"(?:^|[\W_])(?:date|datum|fecha|DATE|DATUM|FECHA)(?:$|[\W_])|Date(?![a-z])|[a-z]datum|Datum|дата|日付|日期|날짜"
)
SHORT_READERS = tuple(map(dates.reader, dates.SHORT_ORDERS))
MOMENT_NAME = re.compile(r"time|date|epoch|unix|stamp|created|updated|_at$|_ts$|^ts$", re.IGNORECASE)
RANGE = re.compile(r"\d+-\d+")
SEASON = re.compile(r"(?:19|20)(\d\d)[-/](\d\d)")
# The forms of dates that are whole numbers, and the smallest and largest of each.
COMPACT_FORMS = {
    "%Y%m": (190_001, 209_912),
    "": (19_000_101, 20_991_231),
    "%Y%m%d%H": (19_000_101_00, 20_991_231_23),
    "%Y%m%d%H%M": (19_000_101_0000, 20_991_231_2359),
    "%Y%m%d%H%M%S": (19_000_101_000000, 20_991_231_235959),
}
SECONDS = {"epoch": "seconds", "epoch ms": "milliseconds", "epoch us": "microseconds"}
FIRST_SHEET_DAY, LAST_SHEET_DAY = 20_000, 60_000  # 1954 to 2064


def moments(texts: list[str], values: Array, column: str) -> Reading | None:
    """The reading of numbers that all are dates, seconds since 1970 or days of a spreadsheet; None for others.

    `values` are those of the texts that are filled.
    """
    low, high = float(values.min()), float(values.max())
    if low < FIRST_SHEET_DAY or len(np.unique(values)) < MIN_DATES:
        return None
    otherwise = f"if it is a number, set {setting(column, 'number')}"
    for form, (first, last) in COMPACT_FORMS.items():
        if first <= low and high <= last and (values == np.floor(values)).all():
            read = dates.reader(form)
            filled = [text for text in texts if not says_missing(text)]
            if all(is_read(text, read) for text in filled):
                note = f"column {column!r} is read as dates, such as {filled[0]}; {otherwise}"
                return Reading("date", form, notes=(note,))
    is_named = bool(MOMENT_NAME.search(column))
    for form, name in SECONDS.items():
        unit = FORMS[form][0] / SECONDS_OF_DAY
        is_close = high - low < MAX_EPOCH_SPREAD * unit or is_named
        earliest = (FIRST_NAMED_SECOND if is_named else FIRST_EPOCH_SECOND) * unit
        if is_close and earliest <= low and high < LAST_EPOCH_SECOND * unit:
            return Reading("date", form, notes=(f"column {column!r} is read as {name} since 1970; {otherwise}",))
    if DATE_NAME.search(column) and high < LAST_SHEET_DAY:
        day = np.datetime64(int(to_days(low, "excel")), "D")
        note = f"column {column!r} is read as days of a spreadsheet, the first one as {day}; {otherwise}"
        return Reading("date", "excel", notes=(note,))
    return None


def date_candidate(
    counts: Counter[str], conventions: Conventions, column: str, is_set: bool = False
) -> Candidate | None:
    """The reading of texts as dates; None if they are codes. `is_set` says that a person has set the kind."""
    possible = _dates(counts, conventions, column, is_set)
    return (
        possible
        if possible is None or is_set or possible.filled_share == 0.0
        else without_codes(possible, counts, column)
    )


def _dates(counts: Counter[str], conventions: Conventions, column: str, is_set: bool) -> Candidate | None:
    """The reading of texts as dates, with the order of day and month that most of them have."""
    if all(map(_is_season, list(counts)[:: sample_step(counts)])):
        return None
    iso = candidate(counts, "date", "", read_iso)
    if iso.filled_share == 1.0:
        return iso
    candidates = {order: candidate(counts, "date", order, dates.reader(order)) for order in _worth_a_look(counts)}
    most = max(each.filled_share for each in candidates.values())
    if most == 0.0:
        return _of_two_parts(counts, column, is_set)
    if iso.filled_share == most:
        return iso
    likely = [order for order in candidates if candidates[order].filled_share == most]
    if len(likely) == 1:
        return candidates[likely[0]].noted(proof=likely[0])
    doubtful = _doubtful(counts, likely)
    if not doubtful or conventions.order in likely:
        return candidates[conventions.order if doubtful else likely[-1]]
    order, other = likely[:2]
    day = np.datetime64(int(dates.in_order(doubtful, order)), "D")
    otherwise = setting(column, "date", other)
    note = f"column {column!r} is read so that {doubtful!r} is {day}; if that is wrong, set {otherwise}"
    return candidates[order].noted(note)


def _of_two_parts(counts: Counter[str], column: str, is_set: bool) -> Candidate | None:
    """The reading of months beside digits (Dec-11, 11-Dec): of the year, or days where they reach to 31.

    None if there are so few months that they may be the letters of a code (SET-01, LED 32).
    """

    def named(form: str) -> Reader:
        read = dates.reader(form)
        # 10-49 is no month.
        return lambda text: read(text if any(map(str.isalpha, text)) else "")

    of_year, of_day = (candidate(counts, "date", form, named(form)) for form in dates.SHORT_ORDERS)
    read = [text for text in counts if text not in of_day.reading.odd]
    months = {
        int(np.datetime64(int(dates.in_order(text, form)), "D").astype("datetime64[M]").astype(int)) % 12
        for form, possible in zip(dates.SHORT_ORDERS, (of_year, of_day), strict=True)
        for text in counts
        if text not in possible.reading.odd
    }
    if len(months) < MIN_MONTHS and not is_set:
        return None
    last = max((int("".join(filter(str.isdigit, text))) for text in read), default=0)
    if of_day.filled_share >= of_year.filled_share and last >= MIN_LAST_DAY:
        otherwise = f"if it is a month of a year, set {setting(column, 'date', 'my')}"
        return of_day.noted(f"column {column!r} is read so that {read[0]!r} is a day of any year; {otherwise}")
    example = next((text for text in counts if text not in of_year.reading.odd), "")
    if not example:
        return None
    year = np.datetime64(int(dates.in_order(example, "my")), "D").item().year
    otherwise = f"if it is a day, set {setting(column, 'date', 'dm')}"
    return of_year.noted(f"column {column!r} is read so that {example!r} is a month of {year}; {otherwise}")


def range_note(texts: Collection[str], column: str) -> tuple[str, ...]:
    """A note on dates among ranges of numbers: a spreadsheet reads 3-5 as a day, and writes 5-Mar or 3-May."""
    ranges = [text for text in texts if RANGE.fullmatch(text)]
    days = [
        text for text in texts if any(map(str.isalpha, text)) and any(is_read(text, read) for read in SHORT_READERS)
    ]
    if not ranges or not days:
        return ()
    what = f"a spreadsheet may have made dates of ranges: {days[0]!r} beside {ranges[0]!r}"
    return (f"column {column!r} is read as texts, of which {what}; files to be scored must have the same",)


def _is_season(text: str) -> bool:
    """Says whether a text is two years, one after the other (2003-04), and so no month of a year."""
    years = SEASON.fullmatch(text)
    return years is not None and int(years[2]) == (int(years[1]) + 1) % 100


def _worth_a_look(counts: Counter[str]) -> list[str]:
    """The orders by which a sample of the texts reads best: to look at all texts by each takes long."""
    sample = list(counts)[:: sample_step(counts)]
    reads = {order: sum(is_read(text, dates.reader(order)) for text in sample) for order in ORDERS}
    return [order for order in ORDERS if reads[order] == max(reads.values())]


def _doubtful(counts: Counter[str], orders: list[str]) -> str:
    """A text that is another date in another order, or ""."""
    readers = [dates.reader(order) for order in orders]
    for text in counts:
        if all(is_read(text, read) for read in readers) and len({read(text) for read in readers}) > 1:
            return text
    return ""
