"""Dates and times as people write them, in an order of day, month and year: 17/04/2023, 17 Apr 2023 9:05 PM."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from function_code.dialects import Reader
from function_code.dialects.hours import hour_of_day
from function_code.dialects.iso_dates import EPOCH, SECONDS_OF_DAY, days, read_iso
from function_code.dialects.numbers import plain

EPOCH_UNITS = {"epoch": 1.0, "epoch ms": 1e3}  # in a second
FIRST_DAY, LAST_DAY = date.min.toordinal() - EPOCH.toordinal(), date.max.toordinal() - EPOCH.toordinal()
PIVOT_YEAR = 30  # two digits from here on are of the 20th century, as for Excel
MAX_TEXT_LENGTH = 50
# The names of months and weekdays in languages of Europe, without accents.
MONTH_NAMES = (
    "january januar janner janvier enero gennaio januari janeiro stycznia",
    "february februar fevrier febrero febbraio februari fevereiro lutego",
    "march marz mrz mars marzo maart marco marca",
    "april avril abril aprile kwietnia",
    "may mai mayo maggio mei maio maja",
    "june juni juin junio giugno junho czerwca",
    "july juli juillet julio luglio julho lipca",
    "august aout agosto augustus sierpnia",
    "september septembre septiembre settembre setembro wrzesnia",
    "october oktober octobre octubre ottobre outubro pazdziernika",
    "november novembre noviembre novembro listopada",
    "december dezember decembre diciembre dicembre dezembro grudnia",
)
WEEKDAY_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo "
    "lunedi martedi mercoledi giovedi venerdi sabato maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
)
WEEKDAYS = {name[:length] for name in WEEKDAY_NAMES.split() for length in range(2, len(name) + 1)}
MONTHS = {
    name[:length]: number
    for number, names in reversed(list(enumerate(MONTH_NAMES, 1)))
    for name in names.split()
    for length in range(3, len(name) + 1)
}
WEEKDAY = re.compile(r"^([^\W\d_]{2,10})\.?,?\s+")
MARK = r"(?:\s*[-/., ]\s*|\s+(?:de|of)\s+|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d))"
DATE = re.compile(
    r"(?P<first>\d{1,4}|[^\W\d_]{3,12}\.?)(?:st|nd|rd|th)?" + MARK + ""
    r"(?P<second>\d{1,4}|[^\W\d_]{3,12}\.?)(?:st|nd|rd|th)?"
    r"(?:" + MARK + r"(?P<third>\d{1,4}))?\.?"
    r"(?:[T,\s]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second_of_minute>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<meridiem>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|Uhr|[+-]\d\d:?(?:\d\d)?)?)?",
    re.IGNORECASE,
)


def reader(form: str) -> Reader:
    """The reader of dates in a form, see `function_code.dialects`. Dates of ISO 8601 are read in every form."""

    def read_pattern(text: str) -> float:
        try:
            return days(datetime.strptime(text.strip(), form))  # noqa: DTZ007 (UTC where it has no zone)
        except ValueError:
            return read_iso(text)

    def read_epoch(text: str) -> float:
        try:
            count = plain(text)
        except ValueError:
            return read_iso(text)
        return epoch_days(count, form)

    def read(text: str) -> float:
        try:
            return read_iso(text)
        except ValueError:
            return in_order(text, form)

    if not form:
        return read_iso
    return read_pattern if "%" in form else read_epoch if form in EPOCH_UNITS else read


def epoch_days(count: float, form: str) -> float:
    """Seconds or milliseconds since 1970 as days. Raises ValueError for what is no moment of the years 1 to 9999."""
    moment = count / EPOCH_UNITS[form] / SECONDS_OF_DAY
    if not FIRST_DAY <= moment < LAST_DAY + 1:
        raise ValueError(count)
    return moment


def in_order(text: str, order: str) -> float:
    """A date whose day, month and year stand in an order (dmy, mdy, ymd), as days. Raises ValueError."""
    text = text.strip()
    try:
        match = DATE.fullmatch(_without_weekday(text)) if len(text) <= MAX_TEXT_LENGTH else None
        if match:
            return days(_moment(match, order))
    except ValueError:
        pass
    raise ValueError(text)


def _moment(match: re.Match[str], order: str) -> datetime:
    year, month, day = _calendar(match, order)
    if not match["hour"]:
        return datetime(year, month, day, tzinfo=UTC)
    hour = hour_of_day(int(match["hour"]), match["meridiem"])
    microsecond = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    second = int(match["second_of_minute"] or 0)
    return datetime(year, month, day, hour, int(match["minute"]), second, microsecond, _zone(match["zone"]))


def _calendar(match: re.Match[str], order: str) -> tuple[int, int, int]:
    """Year, month and day; the day is 1 where there are a month and a year alone. Raises ValueError."""
    parts = [part for part in match.group("first", "second", "third") if part]
    names = [index for index, part in enumerate(parts) if not part.isdigit()]
    if len(names) > 1 or (names and names[0] > 1):
        raise ValueError(parts)
    values = [_month(part) if index in names else int(part) for index, part in enumerate(parts)]
    if len(parts) == 2:  # a month and a year, of which the longer one is the year
        month = names[0] if names else int(len(parts[0]) > len(parts[1]))
        if len(parts[1 - month]) != 4 or (not names and len(parts[month]) != 2) or not 1900 <= values[1 - month] < 2100:
            raise ValueError(parts)
        return values[1 - month], values[month], 1
    if names:
        order = "mdy" if names[0] == 0 else "ymd" if len(parts[0]) >= 3 else "dmy"
    elif len(parts[0]) >= 3:
        order = "ymd"
    if len(parts[order.index("y")]) not in (2, 4) or len(parts[order.index("d")]) > 2:
        raise ValueError(parts)
    year, month, day = (values[order.index(key)] for key in "ymd")
    return _year(parts[order.index("y")], year), month, day


def _year(text: str, year: int) -> int:
    if len(text) == 4:
        return year
    if len(text) != 2:
        raise ValueError(text)
    return year + (1900 if year >= PIVOT_YEAR else 2000)


def _without_weekday(text: str) -> str:
    """The text without the name of a weekday before it."""
    match = WEEKDAY.match(text)
    return text[match.end() :] if match and _plain_letters(match[1]) in WEEKDAYS else text


def _month(name: str) -> int:
    month = MONTHS.get(_plain_letters(name))
    if month is None:
        raise ValueError(name)
    return month


def _plain_letters(name: str) -> str:
    """A name in small letters without accents."""
    from unicodedata import combining, normalize

    decomposed = normalize("NFKD", name.casefold().rstrip("."))
    return "".join(letter for letter in decomposed if not combining(letter))


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(offset if text[0] == "+" else -offset)
