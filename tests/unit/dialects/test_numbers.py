"""Numbers as people write them."""

import pytest

from function_code.dialects import check_form, reader
from function_code.dialects.numbers import parse


@pytest.mark.parametrize(
    ("text", "us", "eu"),
    [
        ("$1,234.50", 1234.5, None),
        ("1,234.50 USD", 1234.5, None),
        ("US$ 12", 12, 12),
        ("R$ 1.234,5", None, 1234.5),
        ("Rs. 12,34,567.8", 1234567.8, None),
        ("1.234,60 €", None, 1234.6),
        ("1334,60", None, 1334.6),
        ("1 234 567", 1234567, 1234567),
        ("1\N{NO-BREAK SPACE}234,5", None, 1234.5),
        ("1\N{NARROW NO-BREAK SPACE}234", 1234, 1234),
        ("1'234.5", 1234.5, None),
        ("1\N{RIGHT SINGLE QUOTATION MARK}234", 1234, 1234),
        ("1.334", 1.334, 1334),
        ("1,334", 1334, 1.334),
        ("0.125", 0.125, None),
        ("1.234.567", None, 1234567),
        ("37%", 37, 37),
        ("1248 CC", 1248, 1248),
        ("12.5 kg", 12.5, None),
        ("10,000+", 10000, 10),
        ("5 m²", 5, 5),
        ("(1,234.50)", -1234.5, None),
        ("($5)", -5, -5),
        ("-$5", -5, -5),
        ("€-5", -5, -5),
        ("EUR -2.921,49", None, -2921.49),
        ("%12,5", None, 12.5),
        ("4.5/5", 4.5, None),
        ("8 / 10", 8, 8),
        ("4 out of 5", 4, 4),
        ("\N{MINUS SIGN}5", -5, -5),
        ("5-", -5, -5),
        ("1.5E-3", 0.0015, None),
        ("-.5", -0.5, None),
        ("$5 USD", 5, 5),
        ("$977/mo", 977, 977),
        ("4.229,-", None, 4229),
        ("CHF 1101.-", 1101, None),
        ("Rs. 1,685/-", 1685, 1.685),
        ("983,-- €", None, 983),
        ("72 m2", 72, 72),
        ("54,590[2]", 54590, 54.59),
    ],
)
def test_a_number_by_the_marks_of_its_column(text: str, us: float | None, eu: float | None) -> None:
    read = [parse(text, marks) for marks in ("us", "eu")]
    assert [number and number[0] for number in read] == [us, eu]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kg",
        "10-20",
        "12:30",
        "24/2007",
        "4 out of 5 of 6",
        "1,23,4",
        "(5",
        "-(5)",
        "--5",
        "A5",
        "SKU 5",
        "CUP-317",
        "12" + " " * 3000 + "x 1",
        "1_000",
        "0x1p3",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert parse(text, "us") is parse(text, "eu") is None


def test_a_number_in_another_unit_is_not_read() -> None:
    read = reader("number", "eu kg")
    assert [read("1,5 kg"), read("1,5"), read("2 KG")] == [1.5, 1.5, 2.0]
    with pytest.raises(ValueError, match="hp"):
        read("2 hp")


def test_one_unit_is_spelt_in_singular_and_plural() -> None:
    read = reader("number", "us Years")
    assert [read("1 year"), read("2 years")] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("14:30", 14.5),
        ("2:30 pm", 14.5),
        ("12:15 a.m.", 0.25),
        ("23:59:30", 23 + 59.5 / 60),
        ("26:00", 26.0),
        ("1 day, 2:15:00", 26.25),
        ("2h 50m", 2 + 50 / 60),
        ("45 min", 0.75),
        ("1:30.9", 90.9 / 3600),
        ("2 hours and 30 minutes", 2.5),
        ("2 hours, 30 mins", 2.5),
        ("2 Std. 30 Min.", 2.5),
        ("1 heure et 30 minutes", 1.5),
        ("9時30分", 9.5),
        ("2時間30分", 2.5),
        ("PT1H30M", 1.5),
        ("P1DT2H", 26.0),
    ],
)
def test_times_of_day_and_durations_are_hours(text: str, hours: float) -> None:
    assert reader("number", "hours")(text) == pytest.approx(hours, abs=1e-12)


@pytest.mark.parametrize("text", ["12:61", "13:00 pm", "m", "5", "T", "noon", "and", "5 and"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        reader("number", "hours")(text)


@pytest.mark.parametrize(
    ("kind", "form", "says"),
    [
        ("number", "european", "us or eu"),
        ("number", "hours kg", "or hours"),
        ("date", "ddm", "dmy, mdy, ymd"),
        ("boolean", "ja", "ja/nein"),
        ("category", "us", "a category has none"),
    ],
)
def test_a_form_that_a_kind_does_not_have_is_refused(kind: str, form: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"'{form}'; .*{says}"):
        check_form(kind, form)
