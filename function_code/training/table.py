"""A file as a table of texts, whatever its format."""

import csv
import io
import warnings
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from function_code.data.blocks import Blocks
from function_code.data.compression import unpack
from function_code.data.csv_file import HEADER_BYTES, CsvFile, sniff, text_from_header
from function_code.data.encoding import UNICODE, named
from function_code.data.formats import typed_blocks
from function_code.data.header import MAX_TITLE_SHARE, is_value
from function_code.data.quotes import LineKeeper
from function_code.errors import Refused
from function_code.training.row_filters import without_repeated_header, without_total

Array = np.ndarray[Any, Any]
MAX_SHARED_TEXTS = 10_000  # of a column


def read_table(
    data: bytes, name: str, encoding: str = "", sheet: str = "", columns: Collection[str] = ()
) -> pd.DataFrame:
    """The file, compressed or not, as a frame of texts, "" where a field is empty. Raises Refused naming the line.

    `encoding` is the one that it has if it is none of Unicode's, `sheet` the one of a workbook; `columns` are names
    that are known. `attrs["notes"]` are sentences on what was assumed, `attrs["typed"]` the columns that hold numbers,
    and not texts of them.
    """
    data = unpack(data, name)
    blocks = typed_blocks(io.BytesIO(data), name, encoding, sheet, columns)
    frame = _table_of_blocks(blocks) if blocks else _table_of_csv(data, name, encoding, columns)
    return without_total(without_repeated_header(frame, name), name)


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


def _table_of_csv(data: bytes, name: str, encoding: str, columns: Collection[str]) -> pd.DataFrame:
    file = sniff(data[:HEADER_BYTES], name, encoding, columns)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                text_from_header(io.BytesIO(data), file),
                sep=file.delimiter,
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
    frame.columns = pd.Index(file.header)
    lines = max(data.count(b"\n"), data.count(b"\r")) + (not data.endswith((b"\n", b"\r")))
    if lines > file.skipped_lines + 1 + len(frame):
        _refuse_quotes(data, file, name)
    of_footer: list[str] = []
    if (frame.iloc[:, -1] == "").any():
        frame, of_footer = _without_short_lines(frame, data, file, name)
    frame.attrs["delimiter"] = file.delimiter
    if file.encoding not in UNICODE:
        frame.attrs["encoding"] = file.encoding
    frame.attrs["notes"] = [*file.notes, *of_footer]
    return frame


def _lines(data: bytes, file: CsvFile) -> LineKeeper:
    return LineKeeper(text_from_header(io.BytesIO(data), file), file.skipped_lines)


def _without_short_lines(frame: pd.DataFrame, data: bytes, file: CsvFile, name: str) -> tuple[pd.DataFrame, list[str]]:
    """The rows without sources and the like at the end, which fill few columns, and what is said of it.

    They come behind an empty line, or begin with a sentence.

    Raises Refused for other lines with too few fields, which pandas fills up: more often these are broken.
    """
    lines, width = _lines(data, file), len(file.header)
    rows, footer = -1, list[tuple[int, list[str]]]()  # without the header
    is_apart = False  # by an empty line
    for fields in csv.reader(lines, delimiter=file.delimiter, skipinitialspace=True):
        is_row, filled = len(fields) >= width, list(filter(None, map(str.strip, fields)))
        rows += is_row
        is_apart = not is_row and (is_apart or not filled)
        if not is_row and filled:
            footer.append((lines.number, fields))
        is_sentence = is_apart or len(footer) > 1 or (len(filled) == 1 and not is_value(filled[0]))
        if footer and (is_row or len(filled) > MAX_TITLE_SHARE * width or not is_sentence):
            number, fields = footer[0]
            raise Refused(f"line {number} of {name} has {len(fields)} fields, but the header has {width}")
    if not footer:
        return frame, []
    number, fields = footer[0]
    first = next(filter(None, fields))
    more = f" and {len(footer) - 1} more lines" if len(footer) > 1 else ""
    return frame.iloc[:rows], [f"what is below the rows of {name}, from line {number} on, is left out: {first!r}{more}"]


def _refuse_quotes(data: bytes, file: CsvFile, name: str) -> None:
    """Refuses a quote that is opened by mistake: the rows behind it would vanish in one field."""
    lines = _lines(data, file)
    for _ in csv.reader(lines, delimiter=file.delimiter, skipinitialspace=True):
        if swallowed := lines.swallowed(file.delimiter):
            raise Refused(f"{name} cannot be read: {swallowed}; remove that quote, or write it twice within quotes")
