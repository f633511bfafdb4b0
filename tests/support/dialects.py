"""One table in many dialects and formats, and the check that it is read as the clean one, or a warning names why."""

import bz2
import csv
import gzip
import io
import json
import lzma
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from backports import zstd
from hypothesis import strategies as st

from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.typed_files import json_lines, parquet, workbook

ROWS = 120
EPOCH = date(1970, 1, 1)
CITIES = ("Köln", "Ulm", "Ghent", "Málaga", "Bern")
Writer = Callable[[Any], str]
Dialect = dict[str, Any]
Table = dict[str, list[Any]]


def clean() -> Table:
    """A table with a column of every kind, each but the last with missing values."""
    chance = random.Random(7)
    columns: Table = {
        "amount": [round(chance.lognormvariate(7, 1.5) * chance.choice((1, 1, -1)), 2) for _ in range(ROWS)],
        "count": [chance.randrange(4000) for _ in range(ROWS)],
        "since": [date(2019, 1, 1) + timedelta(chance.randrange(1500)) for _ in range(ROWS)],
        "member": [chance.random() < 0.4 for _ in range(ROWS)],
        "city": [chance.choice(CITIES) for _ in range(ROWS)],
        "target": [chance.choice("abc") for _ in range(ROWS)],
    }
    for name in ("amount", "since", "member"):
        for row in chance.sample(range(ROWS), 6):
            columns[name][row] = None
    return columns


TABLE = clean()


def grouped(thousands: str, decimal: str) -> Writer:
    return lambda value: f"{value:,.2f}".replace(",", "_").replace(".", decimal).replace("_", thousands)


AMOUNTS: dict[str, Writer] = {
    "plain": lambda value: f"{value:.2f}",
    "1,234.50": grouped(",", "."),
    "1.234,50": grouped(".", ","),
    "1 234,50": grouped("\N{NARROW NO-BREAK SPACE}", ","),
    "1'234.50": grouped("'", "."),
    "1234,50": grouped("", ","),
    "$": lambda value: f"${value:,.2f}".replace("$-", "-$"),
    "EUR": lambda value: grouped(".", ",")(value) + " EUR",
    "brackets": lambda value: f"({-value:,.2f})" if value < 0 else f"{value:,.2f}",
    "kWh": lambda value: f"{value:.2f} kWh",
    "%": lambda value: f"{value:.2f}%",
    "behind": lambda value: f"{abs(value):.2f}-" if value < 0 else f"{value:.2f}",
}
DATES = [
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%y", "%Y/%m/%d", "%d %b %Y", "%B %d, %Y",
    "%Y-%m-%d 00:00:00", "%d.%m.%Y 00:00", "%Y%m%d",
]  # fmt: skip
BOOLEANS = [("true", "false"), ("Yes", "No"), ("Y", "N"), ("T", "F"), ("ja", "nein"), ("oui", "non"), ("on", "off")]
MISSING = ["", "NA", "?", r"\N", "#N/A", "null", "--", "(null)", "<NA>", "nan"]
COMPRESSIONS: list[Callable[[bytes], bytes]] = [bytes, bytes, gzip.compress, bz2.compress, lzma.compress, zstd.compress]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]


def rows_of(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


FORMATS: dict[str, Callable[[Table], bytes]] = {
    "parquet": parquet,
    "xlsx": lambda table: workbook({"Sheet1": [list(table), *zip(*table.values(), strict=True)]}),
    "jsonl": lambda table: json_lines(rows_of(table)),
    "json": lambda table: json.dumps(rows_of(table), indent=2, default=date.isoformat).encode(),
}

PLAIN: Dialect = {
    "delimiter": ",", "encoding": "utf-8", "quoting": csv.QUOTE_MINIMAL, "line": "\n", "compress": bytes,
    "amount": "plain", "date": "%Y-%m-%d", "boolean": ("true", "false"), "missing": "", "format": "csv", "typed": True,
}  # fmt: skip
DIALECT = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "encoding": st.sampled_from(ENCODINGS),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "line": st.sampled_from(["\n", "\r\n"]),
        "compress": st.sampled_from(COMPRESSIONS),
        "amount": st.sampled_from(list(AMOUNTS)),
        "date": st.sampled_from(DATES),
        "boolean": st.sampled_from(BOOLEANS),
        "missing": st.sampled_from(MISSING),
        "format": st.sampled_from(["csv", "csv", "csv", "parquet", "xlsx", "jsonl", "json"]),
        "typed": st.booleans(),  # numbers, dates and booleans as such, or as texts of the dialect
    }
)


def written(dialect: Dialect) -> bytes:
    true, false = dialect["boolean"]
    writers: dict[str, Writer] = {
        "amount": AMOUNTS[str(dialect["amount"])],
        "since": lambda value: value.strftime(str(dialect["date"])),
        "member": lambda value: true if value else false,
    }
    missing = str(dialect["missing"])

    def field(name: str, value: Any) -> str:
        return missing if value is None else writers.get(name, str)(value)

    if dialect["format"] != "csv":
        table = TABLE if dialect["typed"] else {name: [field(name, value) for value in TABLE[name]] for name in TABLE}
        return bytes(dialect["compress"](FORMATS[str(dialect["format"])](table)))
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=str(dialect["delimiter"]),
        quoting=dialect["quoting"],
        lineterminator=str(dialect["line"]),
    )
    writer.writerow(TABLE)
    for row in zip(*TABLE.values(), strict=True):
        writer.writerow(list(map(field, TABLE, row)))
    encoding = str(dialect["encoding"])
    if encoding == "cp1252" and "\N{NARROW NO-BREAK SPACE}" in text.getvalue():
        encoding = "utf-8"
    return bytes(dialect["compress"](text.getvalue().encode(encoding)))


def assert_is_the_clean_table(prepared: PreparedDataset) -> None:
    warnings = " ".join(prepared.warnings)
    expected = {
        "amount": TABLE["amount"],
        "count": TABLE["count"],
        "since": [value and (value - EPOCH).days for value in TABLE["since"]],
        "member": TABLE["member"],
    }
    for name, values in expected.items():
        read = prepared.typed.get(name)
        values_of_clean = np.array([np.nan if value is None else float(value) for value in values])
        is_same = (
            read is not None and read.dtype == float and np.allclose(read, values_of_clean, rtol=1e-12, equal_nan=True)
        )
        is_doubtful = name == "since" and "column 'since' is read so that" in warnings  # which order of day and month
        assert is_same or is_doubtful, (name, prepared.readings[name], warnings)
    assert prepared.typed["city"].tolist() == TABLE["city"]
    assert prepared.target.tolist() == TABLE["target"]


def assert_is_read_as_the_clean_table(dialect: Dialect) -> None:
    assert_is_the_clean_table(prepare(read_table(written(dialect), "t.csv"), Settings("target"), "t.csv"))
