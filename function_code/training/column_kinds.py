"""The kind of a column, inferred from its texts, and its values of that kind."""

import re

import numpy as np
import pandas as pd

from function_code import schema
from function_code.data.csv_file import MIN_ID_VALUES, MISSING_WORDS, hardly_repeats
from function_code.errors import Refused
from function_code.training.table import Array

LEADING_ZERO = re.compile(r"^[-+]?0\d", re.MULTILINE)  # 007 is a code, not a number
MAX_NUMBER = 1e100  # the square of a number must still be one


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
