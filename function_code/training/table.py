"""A file as a table of texts, whatever its format."""

import csv
import io
import warnings
from typing import Any

import numpy as np
import pandas as pd

from function_code.data.blocks import Blocks
from function_code.data.column_names import name_notes
from function_code.data.compression import unpack
from function_code.data.csv_file import HEADER_BYTES, CsvFile, sniff
from function_code.data.encoding import UNICODE, guess_notes, named
from function_code.data.formats import typed_blocks
from function_code.data.quotes import LineKeeper
from function_code.errors import Refused

Array = np.ndarray[Any, Any]
MAX_SHARED_TEXTS = 10_000  # of a column


def read_table(data: bytes, name: str, encoding: str = "", sheet: str = "") -> pd.DataFrame:
    """The file, compressed or not, as a frame of texts, "" where a field is empty. Raises Refused naming the line.

    `encoding` is the one that it has if it is none of Unicode's, `sheet` the one of a workbook. `attrs["notes"]` are
    sentences on what was assumed, `attrs["typed"]` the columns that hold numbers, and not texts of them.
    """
    data = unpack(data, name)
    blocks = typed_blocks(io.BytesIO(data), name, encoding, sheet)
    return _table_of_blocks(blocks) if blocks else _table_of_csv(data, name, encoding)


def _table_of_blocks(blocks: Blocks) -> pd.DataFrame:
    columns: dict[str, list[str]] = {name: [] for name in blocks.header}
    known: dict[str, dict[str, str]] = {name: {} for name in blocks.header}
    typed: set[str] = set()
    for block in blocks:
        typed |= {name for name in blocks.header if name not in typed and block.holds_numbers(name)}
        for name in blocks.header:
            texts = block.texts(name)
            if len(known[name]) < MAX_SHARED_TEXTS:  # those of a category are there once, not once a row
                texts = [known[name].setdefault(text, text) for text in texts]
            columns[name] += texts
    # One after the other: the lists need not be there twice.
    frame = pd.DataFrame(
        {name: pd.Series(np.array(columns.pop(name), dtype=object), dtype=str) for name in blocks.header}
    )
    frame.attrs |= {"typed": typed, "notes": blocks.notes}
    return frame


def _table_of_csv(data: bytes, name: str, encoding: str) -> pd.DataFrame:
    file = sniff(data[:HEADER_BYTES], name, encoding)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(data),
                sep=file.delimiter,
                encoding=file.encoding,
                skiprows=file.skipped_lines,
                dtype=str,
                keep_default_na=False,
                index_col=False,
                skipinitialspace=True,
            )
    except UnicodeDecodeError as error:
        raise Refused(
            f"{name} is not {named(file.encoding)} as it begins ({error.reason}); save it as CSV UTF-8"
        ) from None
    except pd.errors.ParserWarning:
        raise Refused(
            f"{name} has more fields in its first rows than the header has names ({len(file.header)})"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        _refuse_quotes(data, file, name)
        raise Refused(
            f"{name} is not a table: {str(error).removeprefix('Error tokenizing data. C error: ').strip()}"
        ) from None
    if len(frame.columns) != len(file.header):  # of bytes that are no text
        raise Refused(
            f"{name} is not a table: it has {len(frame.columns)} columns, and {len(file.header)} names of them"
        )
    of_names = name_notes(name, list(map(str, frame.columns)), file.header)
    frame.columns = pd.Index(file.header)
    if (frame.iloc[:, -1] == "").any():
        _refuse_short_lines(data, file, name)
    if max(data.count(b"\n"), data.count(b"\r")) + (not data.endswith((b"\n", b"\r"))) > len(frame) + 1:
        _refuse_quotes(data, file, name)
    frame.attrs["delimiter"] = file.delimiter
    if file.encoding not in UNICODE:
        frame.attrs["encoding"] = file.encoding
    frame.attrs["notes"] = [*guess_notes(name, file.encoding, encoding), *of_names]
    return frame


def _lines(data: bytes, file: CsvFile) -> LineKeeper:
    return LineKeeper(io.TextIOWrapper(io.BytesIO(data), file.encoding, newline=""), file.skipped_lines)


def _refuse_short_lines(data: bytes, file: CsvFile, name: str) -> None:
    """Refuses a line with too few fields, which pandas would fill up: more often it is a broken line."""
    lines = _lines(data, file)
    for fields in csv.reader(lines, delimiter=file.delimiter):
        if 0 < len(fields) < len(file.header):
            raise Refused(
                f"line {lines.number} of {name} has {len(fields)} fields, but the header has {len(file.header)}"
            )


def _refuse_quotes(data: bytes, file: CsvFile, name: str) -> None:
    """Refuses a quote that is opened by mistake: the rows behind it would vanish in one field."""
    lines = _lines(data, file)
    for _ in csv.reader(lines, delimiter=file.delimiter, skipinitialspace=True):
        if swallowed := lines.swallowed(file.delimiter):
            raise Refused(f"{name} cannot be read: {swallowed}; remove that quote, or write it twice within quotes")
