"""Moments as numbers: seconds and their parts since 1970, and the days of spreadsheets."""

from function_code.dialects.iso_dates import FIRST_DAY, LAST_DAY, SECONDS_OF_DAY

# What a day is in each form, and the day since 1970 that its 0 is. A spreadsheet's is 1899-12-30, for days from March
# 1900 on; see https://learn.microsoft.com/office/troubleshoot/excel/wrongly-assumes-1900-is-leap-year.
FORMS = {
    "epoch": (SECONDS_OF_DAY, 0),
    "epoch ms": (SECONDS_OF_DAY * 10**3, 0),
    "epoch us": (SECONDS_OF_DAY * 10**6, 0),
    "excel": (1, -25_569),
}


def to_days(count: float, form: str) -> float:
    """A number of a form as days since 1970. Raises ValueError for what is no moment of the years 1 to 9999."""
    of_day, zero = FORMS[form]
    moment = count / of_day + zero
    if not FIRST_DAY <= moment < LAST_DAY + 1:
        raise ValueError(count)
    return moment
