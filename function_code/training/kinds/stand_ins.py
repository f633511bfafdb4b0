"""Values that stand for missing ones, such as -999: those that a person has named, and numbers that look like it."""

from dataclasses import replace

import numpy as np
import pandas as pd

from function_code.column import Column
from function_code.column_converters import StandIns
from function_code.training.kinds.reading import Reading, missing_setting, named_texts
from function_code.training.settings import Settings
from function_code.training.table import Array

MIN_ROWS = 3  # with the same number, from which it may be no measurement
MIN_OTHERS = 10  # distinct numbers beside it
MIN_OTHERS_FAR = 2  # the same where it is far from them
MIN_ZERO_RATIO = 2.0  # of the distance of a 0 to all others to what these span
MIN_EXPECTED = 10  # rows with the next smaller number, if numbers became rarer as before, from which none is no chance
MAX_CANDIDATES = 6  # of a column
MIN_DATE_RATIO = 3.0  # of the days to the next date to those that all others span
MIN_RATIO = 2.0  # of the rows of a lone negative number to those of the next one, where it is not far from it
SAMPLE_ROWS = 10_000
LAST_DIGITS = "987"  # that such numbers are written with, as in 999, 8888
SMALLEST_LIMIT = 2**15 - 1  # of whole numbers in programs


def without_named(table: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The table without the texts that a person has named as missing, as they were typed."""
    return without_stand_ins(
        table, {name: stand_ins_of(table[name], column) for name, column in _as_texts(settings).items()}
    )


def blank_stand_ins(
    table: pd.DataFrame, written: pd.DataFrame, settings: Settings, readings: dict[str, Reading]
) -> tuple[pd.DataFrame, dict[str, Reading], dict[str, dict[str, int]]]:
    """The table without the values that stand for missing ones, however they are written.

    With it come the readings, which name them, and their texts as `written` has them with the rows of each, by column.
    """
    readings = {**readings}
    texts = {}
    for name, column in _as_texts(settings).items():
        if name in readings:
            reading = readings[name] = replace(readings[name], stand_ins=column.stand_ins)
            if reading.kind not in ("", "id"):
                column = Column(name, reading.kind, True, None, (), reading.form, stand_ins=column.stand_ins)
        texts[name] = stand_ins_of(written[name], column)
    return without_stand_ins(table, texts), readings, texts


def stand_ins_of(texts: pd.Series, column: Column) -> dict[str, int]:
    """The texts of a file's column that are stand-ins, and the rows of each."""
    converter = StandIns(column)
    return {str(text): int(rows) for text, rows in texts.str.strip().value_counts().items() if converter.has(str(text))}


def _as_texts(settings: Settings) -> dict[str, Column]:
    """The columns that stand-ins are named of, as texts."""
    return {
        name: Column(name, "text", True, None, stand_ins=named_texts(named)) for name, named in settings.missing.items()
    }


def without_stand_ins(table: pd.DataFrame, texts: dict[str, dict[str, int]]) -> pd.DataFrame:
    """The table with nothing where one of the texts of a column stands."""
    return table.assign(
        **{name: table[name].mask(table[name].str.strip().isin(own), "") for name, own in texts.items()}
    )


def blanked_note(column: str, texts: dict[str, int], named: str) -> str:
    """A sentence on what a person has named for a column."""
    if not texts:
        return f"column {column!r} has no {named!r}, which stands for missing by the setting MISSING"
    return f"column {column!r} has {_listed(texts)}, and is missing there by the setting MISSING"


def stand_in_note(column: str, numbers: Array, texts: pd.Series) -> list[str]:
    """A sentence on numbers that may stand for missing ones, if there are some."""
    rest = numbers[np.isfinite(numbers)]
    candidates: dict[float, int] = {}  # and their rows
    while len(rest) and len(candidates) < MAX_CANDIDATES:
        peeled = {number: rows for number in (rest.min(), rest.max()) if (rows := _rows_of_candidate(number, rest))}
        if not peeled:
            break
        candidates |= peeled
        rest = rest[~np.isin(rest, list(peeled))]
    others = len(np.unique(rest[:SAMPLE_ROWS]))
    own = {
        str(texts.iloc[int((numbers == number).argmax())]).strip(): rows
        for number, rows in candidates.items()
        if (others >= MIN_OTHERS_FAR and _is_far(number, rest))
        or (others >= MIN_OTHERS and _is_lone_negative(number, rows, rest))
    }
    if not own:
        return []
    low, high = (f"{number:g}" for number in (rest.min(), rest.max()))
    otherwise = missing_setting(column, own)
    return [f"column {column!r} has {_listed(own)}, beside {low} to {high}; if it stands for missing, set {otherwise}"]


def far_date_note(column: str, days: Array, texts: pd.Series) -> list[str]:
    """A sentence on the first or last date if it comes again and again, and far from all others: 9999-12-31."""
    filled = days[np.isfinite(days)]
    for day in (filled.min(), filled.max()) if len(filled) else ():
        others = filled[filled != day]
        rows = len(filled) - len(others)
        if rows < MIN_ROWS or len(np.unique(others[:SAMPLE_ROWS])) < MIN_OTHERS:
            continue
        if max(others.min() - day, day - others.max()) > MIN_DATE_RATIO * np.ptp(others):
            own = {str(texts.iloc[int((days == day).argmax())]).strip(): rows}
            otherwise = f"if it stands for missing, set {missing_setting(column, own)}"
            return [f"column {column!r} has {_listed(own)}, far from its other dates; {otherwise}"]
    return []


def _rows_of_candidate(number: float, numbers: Array) -> int:
    """The rows that have a number, if it comes again and again and looks artificial; else 0."""
    is_possible = number < 0 or _is_artificial(number)
    if number == 0 and (others := numbers[numbers != 0]).size:
        is_possible = _is_far(number, others)  # more often it is the end of the others
    rows = int((numbers == number).sum()) if is_possible else 0
    return rows if rows >= MIN_ROWS else 0


def _is_far(number: float, others: Array) -> bool:
    """Says whether a number is farther from all others than these are from each other, and is no part of them."""
    low, high = float(others.min()), float(others.max())
    distance, span = max(low - number, number - high), high - low
    if number == 0:
        return distance > MIN_ZERO_RATIO * span > 0
    return distance > span and (number > 0 or low >= 0 or _is_artificial(-number))


def _is_lone_negative(number: float, rows: int, others: Array) -> bool:
    """Says whether a number is the only negative one, and there so often that it is not the end of the others.

    That is more often than the lowest of these, or so often that the next one below it would be there, too.
    """
    low = float(others.min())
    of_low = int((others == low).sum())
    return number < 0 <= low and (rows >= MIN_RATIO * of_low or rows * min(1.0, rows / of_low) >= MIN_EXPECTED)


def _is_artificial(size: float) -> bool:
    """Says whether a number is a limit of whole numbers in programs, or nothing but nines, eights or sevens."""
    if size.is_integer() and size >= SMALLEST_LIMIT:
        mantissas = {float(np.frexp(size)[0]), float(np.frexp(size + 1)[0])}
        if 0.5 in mantissas:  # it is a power of two, or one less
            return True
    digits = f"{size:.10g}".replace(".", "")
    return len(digits) > 1 and len(set(digits)) == 1 and digits[0] in LAST_DIGITS


def _listed(texts: dict[str, int]) -> str:
    return " and ".join(f"{text!r} in {rows:,} rows" for text, rows in texts.items())
