"""Columns as programs and offices of many countries export them have the values that are meant."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from function_code.training.dataset import PreparedDataset
from tests.support.columns import ROWS, dataset

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHEET_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
DAYS = "月火水木金土日"
Written = Callable[[datetime], str]


def moments() -> list[datetime]:
    chance = random.Random(6)
    start = datetime(2021, 1, 1, tzinfo=UTC)
    return [start + timedelta(seconds=chance.randrange(900 * 86_400)) for _ in range(ROWS)]


def sizes() -> list[int]:
    chance = random.Random(7)
    return [chance.randrange(1, 90_000) for _ in range(ROWS)]


def warnings(prepared: PreparedDataset) -> str:
    return " ".join(warning for warning in prepared.warnings if "'x'" in warning)


DATES: dict[str, tuple[Written, float]] = {  # and the length of what they leave out, in seconds
    "JavaScript, in one zone": (lambda d: f"{d:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)", 1),
    "JavaScript, in another": (lambda d: f"{d + timedelta(hours=2):%a %b %d %Y %H:%M:%S} GMT+0200 (MESZ)", 1),
    "JavaScript, without the name": (lambda d: f"{d:%a %b %d %Y %H:%M:%S} GMT-0000", 1),
    "morning in Chinese": (lambda d: f"{d:%Y-%m-%d} {'上午' if d.hour < 12 else '下午'}{d:%I:%M}", 60),
    "morning in Japanese": (lambda d: f"{d:%Y/%m/%d} {'午前' if d.hour < 12 else '午後'} {d:%I:%M:%S}", 1),
    "morning in Korean": (lambda d: f"{d.year}. {d.month}. {d.day}. {'오전' if d.hour < 12 else '오후'} {d:%I:%M}", 60),
    "Finnish": (lambda d: f"{d.day}.{d.month}.{d.year} klo {d.hour}.{d.minute:02}", 60),
    "an emperor's year": (lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日", 86_400),
    "an emperor's letter": (lambda d: f"R{d.year - 2018}.{d.month}.{d.day}", 86_400),
    "a letter and slashes": (lambda d: f"R{d.year - 2018:02}/{d.month:02}/{d.day:02}", 86_400),
    "digits to the hour": (lambda d: f"{d:%Y%m%d%H}", 3_600),
    "digits to the day, or zeros": (lambda d: f"{d:%Y%m%d}" if d.day > 3 else "00000000", 86_400),
    "microseconds since 1970": (lambda d: f"{int(d.timestamp())}000000", 1),
    "seconds with a fraction": (lambda d: f"{int(d.timestamp())}.0", 1),
}


@pytest.mark.parametrize(("written", "length"), DATES.values(), ids=DATES)
def test_dates(written: Written, length: float) -> None:
    prepared = dataset([written(day) for day in moments()])
    assert prepared.kinds == {"x": "date"}
    expected = [(day - EPOCH).total_seconds() // length * length / 86_400 for day in moments()]
    days = prepared.typed["x"].to_numpy()
    assert ("if it is a code" in warnings(prepared)) == written(moments()[0]).startswith("R")
    assert np.mean(np.isnan(days)) < 0.15
    np.testing.assert_allclose(days[~np.isnan(days)], np.array(expected)[~np.isnan(days)], atol=1e-6)


PERIODS: dict[str, tuple[Written, int]] = {  # and the months of each
    "2021-Q1": (lambda d: f"{d.year}-Q{(d.month + 2) // 3}", 3),
    "Q1 2021": (lambda d: f"Q{(d.month + 2) // 3} {d.year}", 3),
    "1T2021": (lambda d: f"{(d.month + 2) // 3}T{d.year}", 3),
    "2021H1": (lambda d: f"{d.year}H{(d.month + 5) // 6}", 6),
    "2021M02": (lambda d: f"{d.year}M{d.month:02}", 1),
    "202102": (lambda d: f"{d:%Y%m}", 1),
}


@pytest.mark.parametrize(("written", "months"), PERIODS.values(), ids=PERIODS)
def test_periods(written: Written, months: int) -> None:
    prepared = dataset([written(day) for day in moments()])
    first = [datetime(d.year, (d.month - 1) // months * months + 1, 1, tzinfo=UTC) for d in moments()]
    assert prepared.typed["x"].tolist() == [(day - EPOCH).days for day in first]
    is_certain = "Q" in written(moments()[0]) or written(moments()[0]).isdigit()
    assert is_certain or "if it is a code, set KINDS='x=category'" in warnings(prepared)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["2021-Q5", "2021-Q1"], "category"),
        (["Q1", "Q2", "Q3"], "category"),
        (["S1 1234", "S2 5678"], "category"),
        (["201", "202113"], "number"),
        ([str(190_000 + index) for index in range(40)], "number"),
    ],
)
def test_what_only_looks_like_a_period(texts: list[str], kind: str) -> None:
    assert dataset([texts[index % len(texts)] for index in range(ROWS)]).kinds == {"x": kind}


@pytest.mark.parametrize("column", ["date", "Order Date", "OrderDate", "Lieferdatum", "ship_date"])
def test_days_of_a_spreadsheet(column: str) -> None:
    texts = [str((day - SHEET_ZERO).days) for day in moments()]
    prepared = dataset(texts, others={column: texts})
    assert prepared.kinds == {"x": "number", column: "date"}
    assert prepared.typed[column].tolist() == [(day - EPOCH).days for day in moments()]
    assert f"KINDS='{column}=number'" in " ".join(prepared.warnings)
    others = ["estimated", "candidates", "lifetime value", "updates"]
    assert set(dataset(texts, others=dict.fromkeys(others, texts)).kinds.values()) == {"number"}


@pytest.mark.parametrize("far", ["9999-12-31", "1900-01-01", "0001-01-01"])
def test_a_date_far_from_all_others_is_said(far: str) -> None:
    texts = [far if index % 10 == 0 else f"{day:%Y-%m-%d}" for index, day in enumerate(moments())]
    assert f"if it stands for missing, set MISSING='x={far}'" in warnings(dataset(texts))
    assert warnings(dataset(texts, missing={"x": far})).startswith(f"column 'x' has '{far}' in 30 rows")
    assert "stands for missing" not in warnings(dataset([f"{day:%Y-%m-%d}" for day in moments()]))


NUMBERS: dict[str, Callable[[int], str]] = {
    "lower bounds": lambda size: f"{'>' if size % 9 == 0 else ''}{size}",
    "bounds with a unit": lambda size: f"{'< ' if size % 9 == 0 else ''}{size} mg/l",
    "at least": lambda size: f"{size:,}{'+' if size % 9 == 0 else ''} years",
    "about": lambda size: f"~{size}",
    "circa": lambda size: f"ca. {size} m",
    "stars for a footnote": lambda size: f"{size:,}{'*' if size % 3 == 0 else ''}",
    "raised digits": lambda size: f"{size:,}{'¹²'[size % 2] if size % 3 == 0 else ''}",
    "letters in brackets": lambda size: f"{size:,}{' (a)' if size % 3 == 0 else ''}",
    "the same in another unit": lambda size: f"{size} kW ({size * 1.36:.0f} PS)",
    "the same, in inches": lambda size: f"{size} cm ({size / 2.54:.1f} in)",
    "the same, with a comma": lambda size: f"{size / 10:.1f} L (".replace(".", ",") + f"{size} cu in)",
    "consumption": lambda size: f"{size / 10:.1f} l/100km".replace(".", ","),
    "consumption, spaced": lambda size: f"{size / 10:.1f} kWh/100 km",
    "per 100 g": lambda size: f"{size} kcal/100g",
    "a unit with a remark": lambda size: f"{size} g/km (komb.)",
    "stars": lambda size: f"{size / 10:.1f} out of 5 stars",
    "Sterne": lambda size: f"{size / 10:.1f} von 5 Sternen".replace(".", ","),
    "étoiles": lambda size: f"{size / 10:.1f} sur 5 étoiles".replace(".", ","),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name: str) -> None:
    prepared = dataset([NUMBERS[name](size) for size in sizes()])
    assert prepared.kinds == {"x": "number"}
    by = 10 if "/ 10" in name or NUMBERS[name](1234).startswith(("123.4", "123,4")) else 1
    np.testing.assert_allclose(prepared.typed["x"], np.array(sizes()) / by)
    is_cut = any(
        word in name for word in ("bounds", "at least", "about", "circa", "footnote", "raised", "letters", "the same")
    )
    assert ("of which the number alone is read" in warnings(prepared)) == is_cut


@pytest.mark.parametrize(
    "texts",
    [
        ["<1", "1", "2", "3"],
        ["< 1 year", "1 year", "5 years"],
        ["<30", ">30", "50"],
        ["10", "20", "30", "40", "40+"],
        ["5 years", "10 years", "10+ years"],
        ["1,000", "1,000+", "2,000"],
    ],
)
def test_few_bounds_beside_the_same_numbers_are_categories(texts: list[str]) -> None:
    written = [texts[index % len(texts)] for index in range(ROWS)]
    assert dataset(written).kinds == {"x": "category"}
    assert dataset(written, others={"y": written}, kinds={"x": "number"}).typed["x"].notna().all()


@pytest.mark.parametrize(
    ("unit", "other", "by"),
    [("kg", "lb", 0.45359237), ("cm", "in", 2.54), ("km", "mi", 1.609344), ("g", "oz", 28.349523125)],
)
def test_units_of_america_are_converted(unit: str, other: str, by: float) -> None:
    texts = [f"{size} {other if index % 5 == 0 else unit}" for index, size in enumerate(sizes())]
    expected = [size * (by if index % 5 == 0 else 1) for index, size in enumerate(sizes())]
    prepared = dataset(texts)
    np.testing.assert_allclose(prepared.typed["x"], expected)
    assert "converted from its multiples" in warnings(prepared)


@pytest.mark.parametrize(("currency", "by"), [("$", -1), ("€", -1), ("₹", 1e7)])
def test_cr_is_a_credit_but_for_rupees(currency: str, by: float) -> None:
    texts = [f"{currency}{size}{' CR' if index % 5 == 0 else ''}" for index, size in enumerate(sizes())]
    expected = [size * (by if index % 5 == 0 else 1) for index, size in enumerate(sizes())]
    assert dataset(texts).typed["x"].tolist() == expected


@pytest.mark.parametrize("flags", [("b", "p"), ("e", "u", "bp"), ("r", "c", "d")])
def test_flags_are_left_out_and_said(flags: tuple[str, ...]) -> None:
    behind = [flags[index // 4 % len(flags)] if index % 4 == 0 else "" for index in range(ROWS)]
    texts = [f"{size / 10} {flag}" for size, flag in zip(sizes(), behind, strict=True)]
    prepared = dataset(texts)
    assert prepared.readings["x"].form == "us *"
    assert prepared.typed["x"].tolist() == [size / 10 for size in sizes()]
    assert "has numbers with flags behind them, which are left out" in warnings(prepared)


@pytest.mark.parametrize("units", [("k", "m"), ("kg", "g"), ("cm", "mm")])
def test_units_are_no_flags(units: tuple[str, str]) -> None:
    texts = [f"{size}{units[index % 8 // 4] if index % 4 == 0 else ''}" for index, size in enumerate(sizes())]
    forms = ("us #",) if units == ("k", "m") else (f"us {units[0]}", f"us {units[1]}")  # thousands and millions
    assert dataset(texts).readings["x"].form in forms
