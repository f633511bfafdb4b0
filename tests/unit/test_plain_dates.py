"""Plain dates are read to the bit as all others are, and what is none of them is left to the reader of all."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function_code.column import date
from function_code.dialects.iso_dates import read_iso
from function_code.plain_dates import PLAIN, read_plain

CLOCKS = ("%H:%M", "%H:%M:%S")
FORMS = ("%Y-%m-%d", *(f"%Y-%m-%d{mark}{clock}{zone}" for mark in "T " for clock in CLOCKS for zone in ("", "Z")))


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59)), st.sampled_from(FORMS))  # noqa: DTZ001
def test_they_are_read_as_all_others_are(moment: datetime, form: str) -> None:
    text = moment.strftime(form).rjust(len(moment.replace(year=2000).strftime(form)), "0")
    assert read_plain(text) == read_iso(text)


def test_every_day_of_four_centuries() -> None:
    first = datetime(1899, 12, 31)  # noqa: DTZ001
    for number in range(0, 150_000, 7):
        text = f"{first + timedelta(number):%Y-%m-%d}"
        assert read_plain(text) == read_iso(text), text


@given(st.one_of(st.sampled_from(sorted(PLAIN)), st.text("0123456789-:TZ +", min_size=8, max_size=20)), st.data())
def test_of_any_text_both_say_the_same(form: str, data: st.DataObject) -> None:
    text = "".join(data.draw(st.sampled_from("0123456789")) if mark == "0" else mark for mark in form)
    plain = read_plain(text)
    if plain is None:
        return
    assert plain == read_iso(text) == date(text)


@pytest.mark.parametrize(
    "text",
    ["2025-02-29", "1900-02-29", "2025-04-31", "2025-13-01", "2025-00-01", "2025-01-00", "0000-01-01",
     "2025-01-01T24:00",
     "2025-01-01T12:60", "2025-01-01T12:00:60", "2025-01-01Z", "2025-W01-1", "20250101", "2025-1-1", "２０２５-01-01",
     "2025-01-01T12:00+01:00", "2025-01-01T12:00:00.5", " 2025-01-01", ""],
)  # fmt: skip
def test_these_are_none(text: str) -> None:
    assert read_plain(text) is None
