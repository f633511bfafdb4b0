"""Codes that could be dates (R1.2.3, S1-2010, Model 3/4/10), and what is said of dates that could be codes."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from function_code.dialects import Reader, dates
from function_code.dialects.date_spellings import LEADING_WORD, PERIOD, PERIODS
from function_code.dialects.iso_dates import EPOCH
from function_code.training.kinds.reading import Candidate, sample_step, setting

ERA_LETTER = re.compile(r"[RHS]\d{1,2}[./]")
MIN_LAST_DAY = 28  # from which numbers go over all days of a month
MIN_DAYS = 20  # different ones, beside all months, from which a letter before them is that of an era
MONTHS_OF_YEAR = set(range(1, 13))
FIRST_MONTHS, LAST_MONTHS = 3, 10  # by and from which every year that is whole has dates
MIN_YEARS, MIN_DATES = 3, 20  # different ones, from which dates show that
NUMBER = re.compile(r"\d+")
FULL_YEAR = re.compile(r"\d{4}")


def without_codes(possible: Candidate, counts: Counter[str], column: str) -> Candidate | None:
    """The reading of texts as dates, with a note if they may be codes; None if that is as likely."""
    read = dates.reader(possible.reading.form)
    sample = [text for text in list(counts)[:: sample_step(counts)] if text not in possible.reading.odd]
    doubtful: list[str] = []
    if eras := [text for text in sample if ERA_LETTER.match(text)]:
        if not _go_over_the_calendar(eras, read):
            return None
        doubtful += eras
    periods = [match for match in map(PERIOD.fullmatch, sample) if match and "Q" not in match[0]]
    if any(match["letter"] is None for match in periods) and not _are_all_parts(periods):
        return None
    doubtful += [match[0] for match in periods]
    worded = [text for text in sample if LEADING_WORD.match(text) and not dates.DATE.fullmatch(text)]
    if worded and not _are_weekdays(worded, read):
        if not all(map(FULL_YEAR.search, worded)):
            return None
        doubtful += worded
    named = [text for text in sample if any(map(str.isalpha, text)) and not FULL_YEAR.search(text)]
    if len(named) > 1 and len({_moment(text, read).month for text in named}) == 1:
        doubtful += named
    short = [
        text
        for text in sample
        if not any(map(str.isalpha, text)) and (len(NUMBER.findall(text)) == 2 or not FULL_YEAR.search(text))
    ]
    if len(short) >= MIN_DATES and _stay_in_a_season(short, read):
        doubtful += short
    if not doubtful:
        return possible
    example = doubtful[0]
    what = f"{example!r} is {_moment(example, read):%Y-%m-%d}; if it is a code, set {setting(column, 'category')}"
    notes = (*possible.reading.notes, f"column {column!r} is read so that {what}")
    return replace(possible, reading=replace(possible.reading, notes=notes))


def _moment(text: str, read: Reader) -> datetime:
    return EPOCH + timedelta(read(text))


def _go_over_the_calendar(texts: list[str], read: Reader) -> bool:
    """Says whether dates are of all months, and of most days of a month up to the last ones."""
    moments = [_moment(text, read) for text in texts]
    days = {moment.day for moment in moments}
    return (
        {moment.month for moment in moments} == MONTHS_OF_YEAR and len(days) >= MIN_DAYS and max(days) >= MIN_LAST_DAY
    )


def _stay_in_a_season(texts: list[str], read: Reader) -> bool:
    """Says whether dates of several years all are of the same part of the year, as small numbers of codes are."""
    moments = [_moment(text, read) for text in texts]
    months = {moment.month for moment in moments}
    is_part = min(months) > FIRST_MONTHS or max(months) < LAST_MONTHS
    return is_part and len({moment.year for moment in moments}) >= MIN_YEARS


def _are_all_parts(periods: Iterable[re.Match[str]]) -> bool:
    """Says whether the numbers behind each letter are all those that parts of a year have."""
    numbers: dict[str, set[int]] = {}
    for period in periods:
        letter = period["letter"] or period["before"] or period["behind"]
        numbers.setdefault(letter, set()).add(int(period["number"] or period["first"] or period["other"]))
    return all(each == set(range(1, PERIODS[letter] + 1)) for letter, each in numbers.items())


def _are_weekdays(texts: list[str], read: Reader) -> bool:
    """Says whether each word mostly stands before a day of the week of its own; zones shift some beyond midnight."""
    days: dict[str, Counter[int]] = {}
    for text in texts:
        word = text.split()[0]
        days.setdefault(word, Counter())[_moment(text, read).weekday()] += 1
    is_usual = all(max(counts.values()) > counts.total() / 2 for counts in days.values())
    return is_usual and len({counts.most_common(1)[0][0] for counts in days.values()}) == len(days)
