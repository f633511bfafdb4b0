"""Dates and times as people write them, in an order of day, month and year: 17/04/2023, 17 Apr 2023 9:05 PM."""

import re
from datetime import UTC, datetime, timedelta, timezone

from function_code.dialects import Reader, day_counts
from function_code.dialects.date_spellings import spellings
from function_code.dialects.day_counts import to_days
from function_code.dialects.hours import hour_of_day
from function_code.dialects.iso_dates import days, read_iso
from function_code.dialects.numbers import plain

SHORT_ORDERS = ("my", "dm")  # of two parts
ANY_YEAR = 2000  # of days without one: it has a 29 February
PIVOT_YEAR = 30  # two digits from here on are of the 20th century, as for Excel
MAX_TEXT_LENGTH = 100
# The names of months in languages of Europe, without accents, as they stand alone and in dates. Of two months that
# begin alike the earlier one has the short form: mar is March, and no marraskuu.
MONTH_NAMES = (
    "january januar janner janvier enero gennaio januari janeiro stycznia ledna ocak tammikuuta ianuarie января январь",
    (
        "february februar fevrier febrero febbraio februari fevereiro lutego unora subat helmikuuta februarie февраля "
        "февраль"
    ),
    "march marz mrz mrt mars marzo maart marco marca brezna mart marts maaliskuuta martie marcius марта март",
    "april avril abril aprile kwietnia dubna nisan huhtikuuta aprilie aprilis апреля апрель",
    "may mai mayo maggio mei maio maja maj kvetna mayis toukokuuta majus мая маи",
    "june juni juin junio giugno junho czerwca cervna haziran kesakuuta iunie junius июня июнь",
    "july juli juillet julio luglio julho lipca cervence temmuz heinakuuta iulie julius июля июль",
    "august aout agosto augustus augusti sierpnia srpna agustos elokuuta augusztus августа август",
    (
        "september septembre septiembre settembre setembro wrzesnia zari eylul syyskuuta septembrie szeptember "
        "сентября сентябрь"
    ),
    "october oktober octobre octubre ottobre outubro pazdziernika rijna ekim lokakuuta octombrie октября октябрь",
    "november novembre noviembre novembro listopada listopadu kasim marraskuuta noiembrie ноября ноябрь",
    (
        "december dezember decembre diciembre dicembre dezembro desember grudnia prosince aralik joulukuuta decembrie "
        "декабря декабрь"
    ),
)
MONTHS = {
    name[:length]: number
    for number, names in reversed(list(enumerate(MONTH_NAMES, 1)))
    for name in names.split()
    for length in range(3, len(name) + 1)
}
UNDECOMPOSED = str.maketrans("ıłø", "ilo")  # letters with a mark that Unicode does not take apart
# Hours from UTC. Those of America are RFC 2822's; others only where one zone alone is called so.
ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
ZONES |= {"UTC": 0, "GMT": 0, "Z": 0, "UHR": 0, "WET": 0, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "JST": 9}
NAME = r"[^\W\d_]{3,12}\.?"
ORDINAL = r"(?:st|nd|rd|th|er|º|ª)?"
MARK = r"(?:\s*[-/., ]\s*|\s*[年月년월]\s*|\s+(?:de|del|of)\s+|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d))"
DATE = re.compile(
    rf"(?P<first>\d{{1,4}}|{NAME}){ORDINAL}{MARK}(?P<second>\d{{1,4}}|{NAME}){ORDINAL}"
    rf"(?:{MARK}(?P<third>\d{{1,4}}))?[日일]?\.?(?:\s*\([^\W\d_]+\.?\)|\s*г\.?)?"
    r"(?:(?:\s*[T,:]|\s|-(?=\d\d\.))\s*(?:(?:à|às|at|um|om|kl\.?|klo|alle|a\slas)\s+)?"
    r"(?P<hour>\d{1,2})(?P<clock>[:.h時시])\s?(?P<minute>\d\d|\d(?=[分분]))"
    r"(?:(?P=clock)(?P<second_of_minute>\d\d)(?:[.,](?P<fraction>\d{1,9}))?|[分분])?"
    r"\s*(?P<meridiem>[ap]\.?m\.?)?\s*(?P<zone>[A-Z]{1,4}|(?:GMT|UTC)?[+-]\d\d:?(?:\d\d)?)?)?",
    re.IGNORECASE,
)


def reader(form: str) -> Reader:
    """The reader of dates in a form, see `function_code.dialects`. Dates of ISO 8601 are read in every form."""

    def read_pattern(text: str) -> float:
        try:
            return days(datetime.strptime(text.strip(), form))  # noqa: DTZ007 (UTC where it has no zone)
        except ValueError:
            return read_iso(text)

    def read_count(text: str) -> float:
        try:
            count = plain(text)
        except ValueError:
            return read_iso(text)
        return to_days(count, form)

    def read(text: str) -> float:
        try:
            return read_iso(text)
        except ValueError:
            return in_order(text, form)

    if not form:
        return read_iso
    return read_pattern if "%" in form else read_count if form in day_counts.FORMS else read


def in_order(text: str, order: str) -> float:
    """A date whose parts stand in an order (dmy, mdy, ymd, my, dm), as days. Raises ValueError."""
    text = text.strip()
    if len(text) <= MAX_TEXT_LENGTH:
        for spelling in spellings(text):
            try:
                if match := DATE.fullmatch(spelling):
                    return days(_moment(match, order))
            except ValueError:
                continue
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
    if len(parts) == 2 and order in SHORT_ORDERS:
        month = names[0] if names else order.index("m")
        other = parts[1 - month]
        return (
            (_year(other, values[1 - month]), values[month], 1)
            if order == "my"
            else (ANY_YEAR, values[month], _day(other, values[1 - month]))
        )
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


def _day(text: str, day: int) -> int:
    if len(text) > 2:  # 007 is a code
        raise ValueError(text)
    return day


def _month(name: str) -> int:
    month = MONTHS.get(_plain_letters(name))
    if month is None:
        raise ValueError(name)
    return month


def _plain_letters(name: str) -> str:
    """A name in small letters without accents."""
    from unicodedata import combining, normalize

    decomposed = normalize("NFKD", name.casefold().rstrip(".").translate(UNDECOMPOSED))
    return "".join(letter for letter in decomposed if not combining(letter))


def _zone(text: str | None) -> timezone:
    if not text:
        return UTC
    if text[:3].isalpha() and text[3:4] in ("+", "-"):
        text = text[3:]
    if text[0] not in "+-":
        if text.upper() not in ZONES:
            raise ValueError(text)
        return timezone(timedelta(hours=ZONES[text.upper()]))
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(offset if text[0] == "+" else -offset)
