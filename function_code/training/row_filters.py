"""Records of a table that are no rows: the header again, a line below it, the sum of all rows."""

import math
import re

import numpy as np
import pandas as pd

from function_code.data.column_names import clean_name
from function_code.dialects.numbers import DECIMAL_MARKS, parse

LINE = re.compile(r"\s*[-=_+:]*\s*")
MIN_LINE_MARKS = 3  # of its longest part; fewer stand for missing values
MAX_ROWS_BELOW = 5  # below the sum, such as sources
SAMPLE_ROWS = 200  # whose mean shows that a number can be a sum, before all rows are summed up
MAX_SAMPLE_RATIO = 3.0
MIN_ROWS, MIN_NUMBERS = 10, 3  # rows above a sum, and numbers in a column that are not 0
MAX_ERROR = 1e-4  # relative: what is summed up was rounded


def without_repeated_header(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame without rows that have the names of the columns again, or are a line below the header; that is said."""
    names = list(frame.columns)
    likely = np.flatnonzero(frame[names[0]] == names[0]) if len(names) > 1 else ()
    repeated = [int(row) for row in likely if list(map(clean_name, frame.iloc[row])) == names]
    sentences = []
    if repeated:
        rows = f"row {repeated[0] + 1}" + (f" and {len(repeated) - 1} more" if len(repeated) > 1 else "")
        sentences.append(f"{rows} of {name} have the names of the columns again, and are left out")
    first = frame.iloc[0].tolist() if len(frame) else [""]
    is_line = all(map(LINE.fullmatch, first)) and max(map(len, first)) >= MIN_LINE_MARKS
    if is_line:
        sentences.append(f"row 1 of {name} is a line, and left out: {first[0]!r}")
    if not sentences:
        return frame
    rows_left = frame.drop(index=[*repeated, *([0] if is_line else [])]).reset_index(drop=True)
    rows_left.attrs |= {"notes": [*frame.attrs["notes"], *sentences]}
    return rows_left


def without_total(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame without a row at its end that is the sum of the others, and what is below; that is said.

    A sum leaves fields empty, or says in one that it is a sum, and has the sums of all numbers in a column at least.
    """
    for position in range(len(frame) - 1, max(len(frame) - 1 - MAX_ROWS_BELOW, MIN_ROWS), -1):
        fields = dict(frame.iloc[position].str.strip())
        words = [text for text in fields.values() if text and _number(text, "us") is None]
        if all(fields.values()) and not words:
            continue
        if any(_is_sum(frame[column].iloc[:position], text) for column, text in fields.items()):
            listed = ", ".join(repr(text) for text in fields.values() if text)
            note = f"row {position + 1} of {name} is the sum of those above it, and no row: {listed}"
            rows = frame.iloc[:position]
            rows.attrs["notes"] = [*frame.attrs["notes"], note]
            return rows
    return frame


def _is_sum(column: pd.Series, text: str) -> bool:
    for marks in DECIMAL_MARKS:
        value = _number(text, marks)
        if not value:
            continue
        sample = column.iloc[:: len(column) // SAMPLE_ROWS + 1]
        likely = math.fsum(_numbers(sample, marks)) * len(column) / len(sample)
        if not 1 / MAX_SAMPLE_RATIO < likely / value < MAX_SAMPLE_RATIO:
            continue
        numbers = _numbers(column, marks)
        if len(numbers) >= MIN_NUMBERS and math.isclose(math.fsum(numbers), value, rel_tol=MAX_ERROR):
            return True
    return False


def _numbers(column: pd.Series, marks: str) -> list[float]:
    """The numbers in a column, without zeros."""
    return [number for text in column if (number := _number(text, marks))]


def _number(text: str, marks: str) -> float | None:
    parsed = parse(text, marks)
    return parsed[0] if parsed else None
