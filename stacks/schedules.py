"""Schedules: the form that the settings have, translated for the clouds that have another one."""

import re

RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\S+(?: \S+){5})\)")
# One of a field's list: without L, W and #, which only AWS knows, and without steps from a name.
ITEM = re.compile(r"(\*(?!-)|\d+|[A-Z]{3}(?!/))(?:-(\d+|[A-Z]{3}))?(?:/(\d+))?")
MAX_VALUES = (59, 23, 31, 12, 6)  # of the minutes, hours, days, months and days of a week
WEEKDAY_INDEX = 4
AWS_WEEKDAYS = range(1, 8)


def unix_cron(schedule: str) -> str | None:
    """The form that Cloud Scheduler takes of rate(7 days) or cron(0 3 * * ? *); None if it is neither, or has none."""
    if rate := RATE.fullmatch(schedule):
        count, unit = int(rate[1]), rate[2]
        return f"every {count} minutes" if unit == "minute" else f"every {count * (24 if unit == 'day' else 1)} hours"
    cron = CRON.fullmatch(schedule)
    if not cron:
        return None
    *fields, year = cron[1].replace("?", "*").split(" ")
    lists = [[_item(item, index) for item in field.split(",")] for index, field in enumerate(fields)]
    parts = [",".join(item for item in items if item) for items in lists]
    return " ".join(parts) if year == "*" and all(map(all, lists)) else None


def ncrontab(schedule: str) -> str | None:
    """The form that timers of Azure's functions take; None for a rate, too, that does not divide a day, or a week."""
    rate = RATE.fullmatch(schedule)
    if not rate:
        cron = unix_cron(schedule)
        return cron and f"0 {cron}"
    count, unit = int(rate[1]), rate[2]
    if unit == "day":
        return {1: "0 0 0 * * *", 7: "0 0 0 * * 0"}.get(count)
    divided, form = {"minute": (60, "0 */{} * * * *"), "hour": (24, "0 0 */{} * * *")}[unit]
    return form.format(count) if count < divided and divided % count == 0 else None


def _item(item: str, index: int) -> str | None:
    """An item of the list of the field at that index; None if it has no form elsewhere."""
    match = ITEM.fullmatch(item)
    if not match:
        return None
    begin, end, step = match.groups()
    if index == WEEKDAY_INDEX:
        # In AWS the days of a week are 1 to 7, from Sunday on.
        if any(day and day.isdecimal() and int(day) not in AWS_WEEKDAYS for day in (begin, end)):
            return None
        begin, end = (str(int(day) - 1) if day and day.isdecimal() else day for day in (begin, end))
    if step and begin.isdecimal() and not end:
        end = str(MAX_VALUES[index])  # where AWS says 5/15, others say 5-59/15
    return begin + (f"-{end}" if end else "") + (f"/{step}" if step else "")
