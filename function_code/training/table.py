"""A file as a table of texts."""

import csv
import io
import warnings
from typing import Any

import numpy as np
import pandas as pd

from function_code.data.column_names import name_note
from function_code.data.compression import unpack
from function_code.data.csv_file import HEADER_BYTES, CsvFile, sniff
from function_code.data.encoding import UNICODE, guess_note, named
from function_code.data.quotes import LineKeeper
from function_code.errors import Refused

Array = np.ndarray[Any, Any]


def read_table(data: bytes, name: str, encoding: str = "") -> pd.DataFrame:
    """The file, compressed or not, as a frame of texts, "" where a field is empty. Raises Refused naming the line.

    `encoding` is the one that it has if it is none of Unicode's. `attrs["notes"]` are sentences on what was assumed.
    """
    data = unpack(data, name)
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
    names_note = name_note(name, list(map(str, frame.columns)), file.header)
    frame.columns = pd.Index(file.header)
    if (frame.iloc[:, -1] == "").any():
        _refuse_short_lines(data, file, name)
    if max(data.count(b"\n"), data.count(b"\r")) + (not data.endswith((b"\n", b"\r"))) > len(frame) + 1:
        _refuse_quotes(data, file, name)
    frame.attrs["delimiter"] = file.delimiter
    if file.encoding not in UNICODE:
        frame.attrs["encoding"] = file.encoding
    if notes := list(filter(None, (guess_note(name, file.encoding, encoding), names_note))):
        frame.attrs["notes"] = notes
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
