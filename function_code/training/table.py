"""A CSV file as a table of texts, and each of its columns as values of a kind."""

import csv
import io
import re
import warnings
from typing import Any

import numpy as np
import pandas as pd

from function_code import schema
from function_code.data.csv_file import HEADER_BYTES, MIN_ID_VALUES, MISSING_WORDS, CsvFile, hardly_repeats, sniff
from function_code.errors import Refused

Array = np.ndarray[Any, Any]

LEADING_ZERO = re.compile(r"^[-+]?0\d", re.MULTILINE)  # 007 is a code, not a number
MAX_NUMBER = 1e100  # the square of a number must still be one


def read_table(data: bytes, name: str, lists: str = "") -> pd.DataFrame:
    """The file as a frame of texts, "" where a field is empty. Raises Refused naming the line.

    In the column `lists`, if there is one, a comma is no decimal mark.
    """
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
    if file.delimiter == ";":
        _mend_decimal_commas(frame, lists)
    return frame


def _refuse_short_lines(data: bytes, file: CsvFile, name: str) -> None:
    """Refuses a line with too few fields, which pandas would fill up: more often it is a broken line."""
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(data), file.encoding, newline=""), delimiter=file.delimiter)
    for fields in lines:
        if 0 < len(fields) < len(file.header):
            raise Refused(
                f"line {lines.line_num} of {name} has {len(fields)} fields, but the header has {len(file.header)}"
            )


def infer_kind(texts: pd.Series) -> str:
    """The kind of a column of texts; it is id if they hardly ever repeat, and "" if all are empty."""
    distinct_texts = texts.unique().tolist()
    numbers = _numbers(distinct_texts)
    if numbers is not None and np.isfinite(numbers).any() and not LEADING_ZERO.search("\n".join(distinct_texts)):
        return "number"
    distinct = [text for text in distinct_texts if text.strip().casefold() not in MISSING_WORDS]
    if not distinct:
        return "" if not texts.str.strip().any() else "category"
    words = {text.strip().casefold() for text in distinct} if len(distinct) < MIN_ID_VALUES else set()
    if words and words <= schema.TRUE_WORDS | schema.FALSE_WORDS:
        return "boolean"
    if _all_dates(distinct):
        return "date"
    return "id" if hardly_repeats(len(distinct), int((texts != "").sum())) else "category"


def values(column: pd.Series, kind: str) -> pd.Series:
    """A column, of texts or as pandas reads it, as values of a kind: floats with NaN, or texts with "" for a category.

    Raises Refused naming the column, the row and the value that is not of the kind.
    """
    if kind == "category":
        if not isinstance(column.dtype, pd.StringDtype):
            return column.map(_text).astype(object)
        codes, distinct = pd.factorize(column, use_na_sentinel=False)
        texts = np.array([_text(text) for text in distinct], dtype=object)
        return pd.Series(texts[codes], column.index, object, column.name)
    converted = column.astype(np.float64) if _is_numeric(column, kind) else _convert(column, kind)
    if kind == "number" and (huge := converted.abs() > MAX_NUMBER).any():
        row = int(huge.to_numpy().argmax())
        raise Refused(
            f"column {column.name!r} has {column.iloc[row]} in row {row + 1}; numbers beyond {MAX_NUMBER:g} are refused"
        )
    return converted


def _is_numeric(column: pd.Series, kind: str) -> bool:
    return kind in ("number", "boolean") and bool(pd.api.types.is_numeric_dtype(column))


def _convert(column: pd.Series, kind: str) -> pd.Series:
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    texts = [value if type(value) is str else _text(value) for value in distinct.tolist()]
    converted = _numbers(texts) if kind == "number" else None
    if converted is None:
        convert = {"number": _number, "boolean": schema.boolean, "date": schema.date}[kind]
        converted = np.full(len(texts), schema.MISSING)
        for code, text in enumerate(map(str.strip, texts)):
            if text.casefold() not in MISSING_WORDS:
                try:
                    converted[code] = convert(text)
                except ValueError:
                    row = int((codes == code).argmax()) + 1
                    raise Refused(f"column {column.name!r} is of kind {kind}, but row {row} has {text!r}") from None
    return pd.Series(converted[codes], column.index, name=column.name)


def _numbers(texts: list[str]) -> Array | None:
    """Converts texts as `_number` does, NaN for those that say missing; None if one is neither."""
    words = (text if text.strip().casefold() not in MISSING_WORDS else "" for text in texts)
    for plain in (texts, words):
        try:
            numbers = np.array([float(text) if text else schema.MISSING for text in plain])
        except ValueError:
            continue  # at first in the hope that nothing but "" says missing, which is much faster
        return None if "_" in "".join(texts) else np.where(np.isfinite(numbers), numbers, schema.MISSING)
    return None


def _number(text: str) -> float:
    if "_" in text:  # Python's spelling, nobody else's
        raise ValueError(text)
    result = float(text)
    return result if result - result == 0.0 else schema.MISSING  # an infinity says no more than a missing value


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a code in a column with gaps, which pandas reads as floats
    return str(value).strip()


def _all_dates(texts: list[str]) -> bool:
    try:
        for text in texts:
            schema.date(text)
    except ValueError:
        return False
    return True


def _mend_decimal_commas(frame: pd.DataFrame, lists: str) -> None:
    """Replaces decimal commas, as in 3,14, which are usual where the semicolon separates fields."""
    for name in frame.columns.difference([lists]):
        distinct = pd.Series(frame[name].unique())
        if distinct.str.fullmatch(r"\s*|\s*[-+]?\d+(,\d+)?\s*").all() and distinct.str.contains(",").any():
            frame[name] = frame[name].str.replace(",", ".", regex=False)
