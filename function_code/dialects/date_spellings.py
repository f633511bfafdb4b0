"""Other orders and words for a date and its time, as the ones that `dates` reads."""

import re
from collections.abc import Iterator

MIN_WORDS = 3  # day, month and year: what follows a word and is less is no date, but a number
LEADING_WORD = re.compile(r"^[^\W\d_]+(?:-[^\W\d_]+)?\.?,?\s+")  # a weekday, in any language
# Clocks before the day (10:30 17/04/2023), and years behind the clock (Mon Apr 17 10:30:00 UTC 2023).
CLOCK_FIRST = re.compile(r"^(\d{1,2}:\d\d(?::\d\d)?)\s+(\d.*)$")
ZONE = r"(\s+(?:[A-Z]{3,4}|[+-]\d{4}))?"
YEAR_LAST = re.compile(rf"^(.*\D\d{{1,2}})\s+(\d{{1,2}}:\d\d:\d\d){ZONE}\s+(\d{{4}}){ZONE}$")
ZONE_NAME = re.compile(r"(?<=\d)\s*\([^()]*\)$")  # GMT-0300 (Brasilia Standard Time), as JavaScript writes it
MERIDIEM = re.compile(r"(?:(上午|午前|오전)|下午|午後|오후)\s*(\d{1,2}[:時시点]\s?\d\d?(?::\d\d)?)")
# Years of an emperor: the year before the first one of each.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "R": 2018, "H": 1988, "S": 1925}
ERA = re.compile(r"^(令和|平成|昭和|[RHS](?=\d{1,2}[./]))(\d{1,2}|元)(?=[年./])")
# Quarters, halves and months of a year by their number: 2021-Q1, Q1 2021, 1T2021, 2021H2, 2021M02.
PERIODS = {"Q": 4, "T": 4, "K": 4, "H": 2, "S": 2, "M": 12}  # of a year
PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)[-/ ]?(?P<letter>[QTKHSM])(?P<number>\d{1,2})"
    r"|(?:(?P<before>[QTKHS])(?P<first>\d)|(?P<other>\d)(?P<behind>[QTKHS]))[-/. ]?(?P<last>(?:19|20)\d\d)"
)


def spellings(text: str) -> Iterator[str]:
    """Yields a text as it is, and then with its day, month and year in front, and its words as numbers."""
    yield text
    if period := PERIOD.fullmatch(text):
        yield _month_of(period)
        return
    rest = ERA.sub(_year_of, MERIDIEM.sub(_clock_of, ZONE_NAME.sub("", text)))
    rest = CLOCK_FIRST.sub(r"\2 \1", LEADING_WORD.sub("", rest))
    rest = YEAR_LAST.sub(r"\1 \4 \2\3\5", rest)
    if rest != text and len(re.findall(r"\d+|[^\W\d]+", rest)) >= MIN_WORDS:
        yield rest


def _month_of(period: re.Match[str]) -> str:
    """The first month of a period, as 2021-04; "" if a year has no such one."""
    letter = period["letter"] or period["before"] or period["behind"]
    number, parts = int(period["number"] or period["first"] or period["other"]), PERIODS[letter]
    return f"{period['year'] or period['last']}-{(number - 1) * 12 // parts + 1:02}" if 1 <= number <= parts else ""


def _year_of(era: re.Match[str]) -> str:
    return str(ERAS[era[1]] + (1 if era[2] == "元" else int(era[2])))


def _clock_of(clock: re.Match[str]) -> str:
    return f"{clock[2]} {'AM' if clock[1] else 'PM'}"
