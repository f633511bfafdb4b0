"""Dates as people write them."""

import re
from datetime import UTC, datetime

import pytest

from function_code.dialects import reader
from function_code.dialects.iso_dates import write_iso


def days(*calendar: int) -> float:
    return (datetime(*calendar, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86400  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "form", "calendar"),
    [
        ("17/04/2023", "dmy", (2023, 4, 17)),
        ("04/17/2023", "mdy", (2023, 4, 17)),
        ("4-7-23", "mdy", (2023, 4, 7)),
        ("17.04.69", "dmy", (1969, 4, 17)),
        ("2023/06/04", "dmy", (2023, 6, 4)),
        ("2023-06-04", "mdy", (2023, 6, 4)),
        ("23.06.04", "ymd", (2023, 6, 4)),
        ("17 Apr 2023", "mdy", (2023, 4, 17)),
        ("Apr 17, 2023", "dmy", (2023, 4, 17)),
        ("April 1st, 2023", "dmy", (2023, 4, 1)),
        ("17-Apr-23", "dmy", (2023, 4, 17)),
        ("17. März 2023", "dmy", (2023, 3, 17)),
        ("1 août 2022", "dmy", (2022, 8, 1)),
        ("Mon, 17 Apr 2023 10:00:00 GMT", "dmy", (2023, 4, 17, 10)),
        ("17.04.2023 14:30:15", "dmy", (2023, 4, 17, 14, 30, 15)),
        ("4/17/23 9:05 PM", "mdy", (2023, 4, 17, 21, 5)),
        ("17/04/2023T10:00+02:00", "dmy", (2023, 4, 17, 8)),
        ("Mar 17, 2023", "dmy", (2023, 3, 17)),
        ("mar. 17/03/2023", "dmy", (2023, 3, 17)),
        ("segunda-feira, 17 de abril de 2023", "dmy", (2023, 4, 17)),
        ("pon. 17.04.2023", "dmy", (2023, 4, 17)),
        ("Mo 17.04.23", "dmy", (2023, 4, 17)),
        ("1er mars 2023", "dmy", (2023, 3, 1)),
        ("17 мая 2023 г.", "dmy", (2023, 5, 17)),
        ("17 Kasım 2023", "dmy", (2023, 11, 17)),
        ("17 września 2023", "dmy", (2023, 9, 17)),
        ("17. července 2023", "dmy", (2023, 7, 17)),
        ("2023年4月17日", "dmy", (2023, 4, 17)),
        ("2023年4月17日(月) 9時05分", "dmy", (2023, 4, 17, 9, 5)),
        ("2023. 4. 17.", "dmy", (2023, 4, 17)),
        ("17/04/2023 à 10h30", "dmy", (2023, 4, 17, 10, 30)),
        ("17.04.2023, um 10:30 Uhr", "dmy", (2023, 4, 17, 10, 30)),
        ("17.04.2023 10.30", "dmy", (2023, 4, 17, 10, 30)),
        ("17-APR-23 10.30.00.000000 PM", "dmy", (2023, 4, 17, 22, 30)),
        ("Apr 17 2023 12:00AM", "mdy", (2023, 4, 17)),
        ("2023-04-17-10.30.00.000000", "ymd", (2023, 4, 17, 10, 30)),
        ("17/Apr/2023:10:30:00 +0200", "dmy", (2023, 4, 17, 8, 30)),
        ("17.04.2023 10:30 EST", "dmy", (2023, 4, 17, 15, 30)),
        ("Mon Apr 17 10:30:00 2023", "mdy", (2023, 4, 17, 10, 30)),
        ("Mon Apr 17 10:30:00 PDT 2023", "mdy", (2023, 4, 17, 17, 30)),
        ("Mon Apr 17 10:30:00 +0200 2023", "mdy", (2023, 4, 17, 8, 30)),
        ("Mon Apr 17 10:30:00 2023 +0200", "mdy", (2023, 4, 17, 8, 30)),
        ("10:30 17/04/2023", "dmy", (2023, 4, 17, 10, 30)),
        ("04/2023", "dmy", (2023, 4, 1)),
        ("Apr 2023", "dmy", (2023, 4, 1)),
        ("1681725600", "epoch", (2023, 4, 17, 10)),
        ("1681725600000", "epoch ms", (2023, 4, 17, 10)),
        ("2023-04-17T10:00:00Z", "epoch", (2023, 4, 17, 10)),
        ("20230417", "", (2023, 4, 17)),
        ("2023|17|04", "%Y|%d|%m", (2023, 4, 17)),
    ],
)
def test_a_date_by_the_form_of_its_column(text: str, form: str, calendar: tuple[int, ...]) -> None:
    assert reader("date", form)(text) == pytest.approx(days(*calendar), abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "12.5",
        "1/2",
        "31/02/2023",
        "13/13/2023",
        "17 Xyz 2023",
        "23:10",
        "17 Mar",
        "1.2.3",
        "KW 12/2021",
        "Room 12.5",
        "17.04.2023 10:30 XYZ",
        "17.04.2023 25:00",
        "10.20.30.40",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        reader("date", "dmy")(text)


@pytest.mark.parametrize("form", ["", "dmy", "%Y-%m-%dT%H:%M:%S%z"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_what_is_of_no_year_in_utc_is_no_date(text: str, form: str) -> None:
    """Nothing could write it: `write_iso` and the moments of snapshots would overflow."""
    with pytest.raises(ValueError, match=r"01-01|12-31"):
        reader("date", form)(text)


def test_the_last_microsecond_of_all_is_a_date_and_can_be_written() -> None:
    """A moment that is rounded, as a float, to the first one of the year 10000."""
    last = reader("date", "")("9999-12-31T23:59:59.999999Z")
    assert write_iso(last).startswith("9999-12-31T23:59:59.99")
