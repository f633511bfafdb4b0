"""Dialects: how a column of texts writes its values, as a short form beside its kind, and the readers of such texts.

A form is what a person sets by `kinds` after a colon, and what a schema keeps of the file that was learned from:
- number: "" as in 1234.5, `us` (1,234.5) or `eu` (1.234,5), each with a unit or currency after a space (`eu kg`,
  `us $`; `us #` for magnitudes behind some numbers, as in 953.0K, and `us *` for flags that say nothing), `hours` for
  times of day and durations (14:30, 2h 50m), which become hours, or `minutes` for durations of minutes and seconds
  (3:45, 1:02:10), which become minutes;
- date: "" for ISO 8601, `dmy`, `mdy` or `ymd` for the order of day, month and year, `my` for a month and the last two
  digits of its year, `dm` for a day and a month of any year, `epoch`, `epoch ms` or `epoch us` for seconds and
  their parts since 1970, `excel` for the days of a spreadsheet, or a pattern of strptime (%d.%m.%Y);
- boolean: "" for true, yes, y, t and their opposites, or two words with a slash, as in `ja/nein`;
- list: the separator of its elements, one of ; | , and /.

Standard library only: training infers forms, serving reads texts by them, and imports no more than it needs.
"""

from collections.abc import Callable

from function_code.dialects import lists

NUMBER_FORMS = ("us", "eu", "hours", "minutes")
CLOCKS = ("hours", "minutes")  # the forms of numbers without a unit beside them
DATE_FORMS = ("dmy", "mdy", "ymd", "my", "dm", "epoch", "epoch ms", "epoch us", "excel")

Reader = Callable[[str], float]


def reader(kind: str, form: str) -> Reader:
    """The function that reads a text of a kind and form as a number; it raises ValueError for any other text.

    Dates become days since 1970-01-01 UTC, booleans 1.0 or 0.0.
    """
    if kind == "date":
        from function_code.dialects import dates

        return dates.reader(form)
    if kind == "boolean":
        from function_code.dialects import booleans

        return booleans.reader(form)
    if form in CLOCKS:
        from function_code.dialects.hours import read_hours, read_minutes

        return read_hours if form == "hours" else read_minutes
    from function_code.dialects import numbers

    return numbers.reader(form)


def _is_pattern(form: str) -> bool:
    from datetime import UTC, datetime

    try:
        datetime.strptime(datetime(2001, 2, 3, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007 (a try, and no date)
    except ValueError:
        return False
    return "%" in form


def check_form(kind: str, form: str) -> None:
    """Raises ValueError, with the forms that there are, if a kind has no such form."""
    mark, _, unit = form.partition(" ")
    if not form or (kind == "number" and mark in NUMBER_FORMS and not (mark in CLOCKS and unit)):
        return
    if kind == "date" and (form in DATE_FORMS or _is_pattern(form)):
        return
    if kind == "boolean" and len(set(form.split("/"))) == 2 and all(form.split("/")):
        return
    if kind == "list" and form in lists.SEPARATORS:
        return
    forms = {
        "number": "us or eu, each with a unit behind it (us $, eu kg), or hours, or minutes",
        "date": f"{', '.join(DATE_FORMS)}, or a pattern like %d.%m.%Y",
        "boolean": "the two words with a slash between them, as in ja/nein",
        "list": f"what separates the elements, one of {' '.join(lists.SEPARATORS)}",
    }
    raise ValueError(f"{form!r}; it can be {forms[kind]}" if kind in forms else f"{form!r}; a {kind} has none")
