"""Records of a table that are no rows: the header again, a line below it, the sum of all rows."""

import math

import numpy as np
import pandas as pd

from function_code.data.header import MAX_TITLE_SHARE, are_names_again, is_rule
from function_code.dialects.missing import says_missing
from function_code.dialects.numbers import DECIMAL_MARKS, parse

MAX_ROWS_BELOW = 5  # below the sum, such as sources
SAMPLE_ROWS = 200  # whose mean shows that a number can be a sum, before all rows are summed up
MAX_SAMPLE_RATIO = 3.0
MIN_NUMBERS = 3  # of a sample, in which fewer show nothing
MIN_ROWS = 10  # above a sum, and numbers in its column that are not 0
MIN_SUM_RATIO = 2.0  # to the largest number above, at which numbers that double are not yet
MAX_ERROR = 1e-4  # relative: what is summed up was rounded


def without_repeated_header(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame without rows that have the names of the columns again, or are a line below the header; that is said."""
    names = list(frame.columns)
    likely = np.flatnonzero(frame[names[0]].str.contains(names[0], regex=False))
    repeated = [int(row) for row in likely if are_names_again(frame.iloc[row].tolist(), names)]
    sentences = []
    if repeated:
        rows = f"row {repeated[0] + 1}" + (f" and {len(repeated) - 1} more" if len(repeated) > 1 else "")
        sentences.append(f"{rows} of {name} have the names of the columns again, and are left out")
    first = frame.iloc[0].tolist() if len(frame) else [""]
    if is_rule(first):
        sentences.append(f"row 1 of {name} is a line, and left out: {first[0]!r}")
    if not sentences:
        return frame
    rows_left = frame.drop(index=[*repeated, *([0] if is_rule(first) else [])]).reset_index(drop=True)
    rows_left.attrs |= {"notes": [*frame.attrs["notes"], *sentences]}
    return rows_left


def without_total(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame without a row at its end that is the sum of the others, and lines below it; that is said."""
    for position in range(len(frame) - 1, max(len(frame) - 1 - MAX_ROWS_BELOW, MIN_ROWS) - 1, -1):
        below = [_filled(frame.iloc[index]) for index in range(position + 1, len(frame))]
        if any(len(fields) > MAX_TITLE_SHARE * len(frame.columns) for fields in below):
            return frame
        fields = _filled(frame.iloc[position])
        if _is_total(frame.iloc[:position], fields):
            note = f"row {position + 1} of {name} is the sum of those above it, and no row: {_listed(fields)}"
            if below:
                numbers = ", ".join(map(str, range(position + 2, len(frame) + 1)))
                note += f"; nor is what is below it, row {numbers}: {_listed(below[0])}"
            rows = frame.iloc[:position]
            rows.attrs["notes"] = [*frame.attrs["notes"], f"{note}; a row that is one is kept above the others"]
            return rows
    return frame


def _filled(row: pd.Series) -> dict[str, str]:
    return {str(column): text.strip() for column, text in row.items() if not says_missing(text)}


def _listed(fields: dict[str, str]) -> str:
    return ", ".join(map(repr, fields.values()))


def _is_total(above: pd.DataFrame, fields: dict[str, str]) -> bool:
    """Says whether the filled fields of a row can be but the sum of the rows above.

    They are the sums of all numbers in their columns, and at most one word that is nowhere else in its column. One sum
    is far larger than each value above, or two are. One alone can be a chance where no field is empty that never is.
    """
    words = [column for column, text in fields.items() if all(_number(text, marks) is None for marks in DECIMAL_MARKS)]
    if len(words) > 1:
        return False
    sums = 0
    for column in fields.keys() - words:
        numbers = _summands(above[column], fields[column])
        if numbers is None:
            return False
        sums += len(numbers) >= MIN_ROWS and abs(math.fsum(numbers)) > MIN_SUM_RATIO * max(map(abs, numbers))
    is_new = all((above[column].str.strip() != fields[column]).all() for column in words)
    empty = (column for column in above.columns if column not in fields)
    return is_new and sums > 0 and (sums > 1 or any(not above[column].map(says_missing).any() for column in empty))


def _summands(column: pd.Series, text: str) -> list[float] | None:
    """The numbers in a column, without zeros, if the text is their sum; else None."""
    for marks in DECIMAL_MARKS:
        value = _number(text, marks)
        if value is None:
            continue
        sample = column.iloc[:: len(column) // SAMPLE_ROWS + 1]
        sampled = _numbers(sample, marks)
        likely = math.fsum(sampled) * len(column) / len(sample)
        if len(sampled) >= MIN_NUMBERS and not (value and 1 / MAX_SAMPLE_RATIO < likely / value < MAX_SAMPLE_RATIO):
            continue
        numbers = _numbers(column, marks)
        if math.isclose(math.fsum(numbers), value, rel_tol=MAX_ERROR):
            return numbers
    return None


def _numbers(column: pd.Series, marks: str) -> list[float]:
    """The numbers in a column, without zeros."""
    return [number for text in column if (number := _number(text, marks))]


def _number(text: str, marks: str) -> float | None:
    parsed = parse(text, marks)
    return parsed[0] if parsed else None
