"""Dates as people write them."""

import re
from datetime import UTC, datetime

import pytest

from function_code.dialects import reader


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


@pytest.mark.parametrize("text", ["12.5", "1/2", "31/02/2023", "13/13/2023", "17 Xyz 2023", "23:10", "17 Mar", "1.2.3"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        reader("date", "dmy")(text)
