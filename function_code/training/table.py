"""A CSV file as a table of texts."""

import csv
import io
import warnings
from typing import Any

import numpy as np
import pandas as pd

from function_code.data.csv_file import HEADER_BYTES, CsvFile, sniff
from function_code.errors import Refused

Array = np.ndarray[Any, Any]


def read_table(data: bytes, name: str) -> pd.DataFrame:
    """The file as a frame of texts, "" where a field is empty. Raises Refused naming the line."""
    file = sniff(data[:HEADER_BYTES], name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(data),
                sep=file.delimiter,
                encoding=file.encoding,
                dtype=str,
                keep_default_na=False,
                index_col=False,
                skipinitialspace=True,
            )
    except UnicodeDecodeError as error:
        raise Refused(f"{name} is not UTF-8 ({error.reason}); save it as CSV UTF-8") from None
    except pd.errors.ParserWarning:
        raise Refused(
            f"{name} has more fields in its first rows than the header has names ({len(file.header)})"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise Refused(
            f"{name} is not a table: {str(error).removeprefix('Error tokenizing data. C error: ').strip()}"
        ) from None
    frame.columns = pd.Index(file.header)
    if (frame.iloc[:, -1] == "").any():
        _refuse_short_lines(data, file, name)
    return frame


def _refuse_short_lines(data: bytes, file: CsvFile, name: str) -> None:
    """Refuses a line with too few fields, which pandas would fill up: more often it is a broken line."""
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(data), file.encoding, newline=""), delimiter=file.delimiter)
    for fields in lines:
        if 0 < len(fields) < len(file.header):
            raise Refused(
                f"line {lines.line_num} of {name} has {len(fields)} fields, but the header has {len(file.header)}"
            )
