"""The values of a column of texts, by its kind and form."""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from function_code.column import MISSING, TEXT_KINDS, category
from function_code.dialects import CLOCKS, reader
from function_code.dialects.iso_dates import write_iso
from function_code.dialects.missing import says_missing
from function_code.dialects.numbers import split
from function_code.errors import Refused
from function_code.training.kinds.reading import MAX_NUMBER
from function_code.training.table import Array

LEADING_ZERO = re.compile(r"^[-+]?0\d+[ \t]*$", re.MULTILINE)  # 007 is a code, not a number


def values(column: pd.Series, kind: str, form: str = "") -> pd.Series:
    """A column, of texts or as pandas reads it, as values of a kind: floats with NaN, or texts with "" for a category.

    Raises Refused naming the column, the row and the value that is not of the kind.
    """
    if kind in TEXT_KINDS:
        codes, distinct = pd.factorize(column, use_na_sentinel=False)
        convert = _text if kind == "category" else _stripped
        texts = np.array([convert(text) for text in distinct.tolist()], dtype=object)
        return pd.Series(texts[codes], column.index, object, column.name)
    converted = column.astype(np.float64) if _is_numeric(column, kind) else _convert(column, kind, form)
    if kind == "number" and (huge := converted.abs() > MAX_NUMBER).any():
        row = int(huge.to_numpy().argmax())
        raise Refused(
            f"column {column.name!r} has {column.iloc[row]} in row {row + 1}; numbers beyond {MAX_NUMBER:g} are refused"
        )
    return converted


def written_plainly(column: pd.Series, kind: str, form: str) -> pd.Series:
    """The texts of a column as programs write them: 1234.50, 2023-04-17."""
    if kind in ("boolean", "list") or form in CLOCKS:
        return column
    if kind == "number":
        marks = form.partition(" ")[0]
        return column.map(lambda text: (split(text, marks) or (text, ""))[0])
    days = values(column, kind, form)
    return days.map(lambda day: write_iso(day).removesuffix("T00:00:00+00:00"), na_action="ignore")


def to_numbers(texts: list[str]) -> Array | None:
    """Numbers as programs write them, NaN for texts that say missing and for infinities; None if one is neither."""
    for attempt in _without_missing(texts):
        try:
            numbers = np.fromiter(map(float, attempt), np.float64, len(texts))
        except ValueError:
            continue
        return None if "_" in "".join(texts) else np.where(np.isfinite(numbers), numbers, MISSING)
    return None


def _without_missing(texts: list[str]) -> Iterator[Iterable[str]]:
    """The texts, with "nan" for what says missing: nothing, "" alone, then all. The first ones are much faster."""
    yield texts
    yield [text or "nan" for text in texts]
    yield map(_or_nan, texts)


def _or_nan(text: str) -> str:
    try:
        float(text)
    except ValueError:
        return "nan" if says_missing(text) else text
    return text


def _is_numeric(column: pd.Series, kind: str) -> bool:
    return kind in ("number", "boolean") and bool(pd.api.types.is_numeric_dtype(column))


def _convert(column: pd.Series, kind: str, form: str) -> pd.Series:
    if kind == "number" and not form and isinstance(column.dtype, pd.StringDtype):
        numbers = to_numbers(column.tolist())
        if numbers is not None:
            return pd.Series(numbers, column.index, name=column.name)
    codes, distinct = pd.factorize(column, use_na_sentinel=False)
    texts = [value if type(value) is str else _text(value) for value in distinct.tolist()]
    read = reader(kind, form)
    converted = np.full(len(texts), MISSING)
    for code, text in enumerate(map(str.strip, texts)):
        if text and not says_missing(text):
            try:
                converted[code] = read(text)
            except (ValueError, OverflowError):
                row = int((codes == code).argmax()) + 1
                raise Refused(f"column {column.name!r} is of kind {kind}, but row {row} has {text!r}") from None
    converted[np.isinf(converted)] = MISSING  # an infinity says no more than a missing value
    return pd.Series(converted[codes], column.index, name=column.name)


def _stripped(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a code in a column with gaps, which pandas reads as floats
    return category(str(value))
