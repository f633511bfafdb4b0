"""Tables in files whose values have types of their own: Parquet, Excel, JSON Lines."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

DATE_FORMATS = {date: "dd/mm/yyyy", datetime: "dd/mm/yyyy hh:mm:ss", time: "hh:mm", timedelta: "[h]:mm:ss"}
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (as Arrow's timestamps without a zone)
MICROSECOND = timedelta(microseconds=1)
# For the types that arro3 makes of numbers only: the number, its type, and the type of the column.
ARROW_NUMBERS: dict[type, tuple[Callable[[Any], Any], DataType, DataType]] = {
    date: (lambda value: (value - EPOCH.date()).days, DataType.int32(), DataType.date32()),
    datetime: (lambda value: (value - EPOCH) // MICROSECOND, DataType.int64(), DataType.timestamp("us")),
    time: (
        lambda value: (datetime.combine(EPOCH, value) - EPOCH) // MICROSECOND,
        DataType.int64(),
        DataType.time64("us"),
    ),
    timedelta: (lambda value: value // MICROSECOND, DataType.int64(), DataType.duration("us")),
    Decimal: (str, DataType.utf8(), DataType.decimal128(38, 2)),
}
ARROW_TYPES = {
    bool: DataType.bool(),
    int: DataType.int64(),
    float: DataType.float64(),
    str: DataType.utf8(),
    bytes: DataType.binary(),
}


def parquet(columns: Mapping[str, Sequence[Any] | Array]) -> bytes:
    """A Parquet file; the type of a column follows from its first value that is there."""
    file = io.BytesIO()
    write_parquet(Table.from_pydict({name: arrow(values) for name, values in columns.items()}), file)
    return file.getvalue()


def arrow(values: Sequence[Any] | Array) -> Array:
    if isinstance(values, Array):
        return values
    kind = type(next(value for value in values if value is not None))
    if kind not in ARROW_NUMBERS:
        return Array(values, ARROW_TYPES[kind])
    number, of_numbers, of_values = ARROW_NUMBERS[kind]
    return Array([None if value is None else number(value) for value in values], of_numbers).cast(of_values)


def workbook(sheets: Mapping[str, Iterable[Sequence[Any]]], also: Callable[[Any], None] = lambda book: None) -> bytes:
    """A workbook with the rows of its sheets; `also` gets the workbook to add what is not in cells."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "remove_timezone": True}) as book:
        formats = {kind: book.add_format({"num_format": text}) for kind, text in DATE_FORMATS.items()}
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, value, formats.get(type(value)))
        also(book)
    return file.getvalue()


def json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON Lines; dates become texts of ISO 8601, and what is missing is left out."""
    records = ({name: value for name, value in row.items() if value is not None} for row in rows)
    return "".join(json.dumps(record, ensure_ascii=False, default=date.isoformat) + "\n" for record in records).encode()
