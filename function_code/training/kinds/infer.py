"""The reading of a column, inferred from its texts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from function_code.column import MAX_WHOLE_NUMBER
from function_code.data.text_kinds import MIN_ID_VALUES, best_separator, kind_of_texts
from function_code.dialects import CLOCKS, booleans, reader
from function_code.dialects.iso_dates import read_iso
from function_code.dialects.missing import is_unusual, says_missing
from function_code.training.kinds.clocks import clock_candidate, dotted_times
from function_code.training.kinds.dates import date_candidate, moments, range_note
from function_code.training.kinds.numbers import CODE_WITH_E, are_codes, number_candidate, set_number_candidate
from function_code.training.kinds.reading import (
    MAX_NUMBER,
    SAMPLE_TEXTS,
    Candidate,
    Conventions,
    Reading,
    candidate,
    is_read,
    sample_step,
    setting,
)
from function_code.training.kinds.values import LEADING_ZERO, to_numbers
from function_code.training.table import Array

MIN_MENTIONED_SHARE = 0.5  # of a kind, from which it is mentioned that the column is not of it
NO_CONVENTIONS = Conventions()
ZERO_DATES = ("0" * 8, "0" * 14)  # as SAP writes a date that is not there

Look = Callable[[Counter[str]], Candidate | None]


def infer(texts: pd.Series, conventions: Conventions = NO_CONVENTIONS, kind: str = "", form: str = "") -> Reading:
    """The reading of a column of texts; its kind is "" if all are empty.

    `kind` and `form` are what a person has set; the rest is inferred.
    """
    if kind in ("category", "text", "id") or (kind == "list" and form):
        return Reading(kind, form)
    name = str(texts.name)
    if (
        not form
        and kind in ("", "number")
        and (numbers := _plain_numbers(texts.tolist(), kind, name, conventions.is_typed))
    ):
        return numbers
    codes, uniques = pd.factorize(texts, use_na_sentinel=False)
    distinct = [text.strip() for text in uniques.tolist()]
    rows = np.bincount(codes, minlength=len(distinct))
    if not form and kind in ("", "date") and _are_iso_dates(distinct):
        return Reading("date")
    if kind == "list":
        return Reading(kind, best_separator(dict(zip(distinct, rows.tolist(), strict=True))))
    step = sample_step(distinct)
    sample = _counts(distinct[::step], rows[::step])[0]
    if not sample:
        sample = _counts(distinct, rows)[0]
    if not sample:
        return Reading(kind or ("category" if any(distinct) else ""))
    looks = _looks(conventions, kind, form, name)
    if not kind:
        # The rest of the texts is looked at only by those that read most of a sample.
        looks = [look for look in looks if (first := look(sample)) and first.distinct_share >= MIN_MENTIONED_SHARE]
    candidates: list[Candidate] = []
    if looks or len(distinct) < MIN_ID_VALUES:
        counts, missing = _counts(distinct, rows)
        candidates = [each for look in looks if (each := look(counts))]
        if reading := _best(counts, candidates, kind):
            return replace(reading, odd=reading.odd | missing)
    nearly, notes = _nearly(candidates, name)
    return replace(_of_texts(distinct, rows, name, notes), nearly=nearly)


def _of_texts(distinct: list[str], rows: Array, column: str, notes: tuple[str, ...]) -> Reading:
    """The reading of a column that is nothing but texts."""
    by_text: Counter[str] = Counter()
    for text, count in zip(distinct, rows.tolist(), strict=True):
        if text:
            by_text[text] += count
    kind, form = kind_of_texts(by_text)
    if kind == "list":
        otherwise = setting(column, "category")
        notes = (
            *notes,
            f"column {column!r} is read as lists with {form} between elements; {otherwise} keeps them whole",
        )
    if kind == "category" and len(by_text) < MIN_ID_VALUES:
        notes = (*notes, *range_note(by_text, column))
    return Reading(kind, form, notes=notes)


def _best(counts: Counter[str], candidates: list[Candidate], kind: str) -> Reading | None:
    """The best reading; None if no kind is set and too few texts are of one."""
    if not kind and len(counts) < MIN_ID_VALUES and (words := booleans.infer_form(counts)) is not None:
        return Reading("boolean", words)
    enough = [each for each in candidates if kind or each.is_enough]
    if enough:
        return max(enough, key=lambda each: each.filled_share).reading
    return Reading(kind, odd=dict(counts)) if kind else None


def _plain_numbers(texts: list[str], kind: str, column: str, is_typed: bool) -> Reading | None:
    """The reading of numbers as programs write them; None if there is a doubt, or anything else."""
    zeros = Counter[str]()
    if any(zero in texts for zero in ZERO_DATES):  # which is no code beside dates as numbers
        zeros.update(text for text in texts if text in ZERO_DATES)
        texts = ["" if text in ZERO_DATES else text for text in texts]
    values = to_numbers(texts)
    if values is None or not np.isfinite(values).any() or _may_be_codes("\n".join(texts)):
        return None
    missing = zeros + Counter(texts[row].strip() for row in np.flatnonzero(np.isnan(values)) if is_unusual(texts[row]))
    values = values[np.isfinite(values)]
    if 0 < np.mean(np.abs(values) > MAX_NUMBER) < MIN_MENTIONED_SHARE:
        return None  # 5E101 is a code among others
    proves_point = any(map(_proves_decimal_point, texts[:SAMPLE_TEXTS]))
    if not (kind or is_typed or proves_point) and _may_be_something_else(texts):
        return None
    if (values == np.floor(values)).all():
        if np.abs(values).max() > MAX_WHOLE_NUMBER and not kind and are_codes(texts):
            return None
        return replace((None if kind else moments(texts, values, column)) or Reading("number"), odd=dict(missing))
    if is_typed:  # which is no proof of how others are written
        return Reading("number", odd=dict(missing))
    if not kind and (of_moments := moments(texts, values, column)):
        return replace(of_moments, odd=dict(missing))
    if not kind and (times := dotted_times(texts, values, column)):
        return replace(times, odd=dict(missing))
    return Reading("number", proof="us" if kind or proves_point else "", odd=dict(missing))


def _may_be_something_else(texts: list[str]) -> bool:
    """Says whether numbers may be thousands, which 1.334 and 10.000 may be, or telephone numbers (+491702703087)."""
    if any("." in text for text in texts):
        return not any(map(_proves_decimal_point, texts))
    return all(text.startswith("+") for text in texts[:SAMPLE_TEXTS] if text)


def _may_be_codes(lines: str) -> bool:
    return bool(LEADING_ZERO.search(lines) or (("E" in lines or "e" in lines) and CODE_WITH_E.search(lines)))


def _are_iso_dates(distinct: list[str]) -> bool:
    return any(distinct) and all(not text or is_read(text, read_iso) for text in distinct)


def _proves_decimal_point(text: str) -> bool:
    whole, point, fraction = text.strip().lstrip("+-").partition(".")
    return bool(point) and (len(fraction) != 3 or len(whole) > 3 or whole in ("", "0"))


def _counts(distinct: list[str], rows: Array) -> tuple[Counter[str], dict[str, int]]:
    """The rows of each text that is filled, and of each that says missing in an unusual way."""
    counts: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for text, count in zip(distinct, rows.tolist(), strict=True):
        if not says_missing(text):
            counts[text] += count
        elif is_unusual(text):
            missing[text] += count
    return counts, dict(missing)


def _looks(conventions: Conventions, kind: str, form: str, column: str) -> list[Look]:
    """The ways to look at a column: as what was set, or as numbers, times and dates."""
    if form and kind == "number" and form not in CLOCKS:
        return [lambda counts: set_number_candidate(counts, form, column)]
    if form:
        return [lambda counts: candidate(counts, kind, form, reader(kind, form))]
    looks: dict[str, list[Look]] = {
        "number": [
            lambda counts: number_candidate(counts, conventions, column, bool(kind)),
            lambda counts: clock_candidate(counts, column),
        ],
        "date": [lambda counts: date_candidate(counts, conventions, column, bool(kind))],
        "boolean": [_boolean],
    }
    return looks[kind] if kind else [*looks["number"], *looks["date"]]


def _boolean(counts: Counter[str]) -> Candidate:
    forms = ["", *("/".join(pair) for pair in booleans.PAIRS if pair not in booleans.ENGLISH)]
    readings = [candidate(counts, "boolean", form, booleans.reader(form)) for form in forms]
    return max(readings, key=lambda each: each.filled_share)


def _nearly(candidates: list[Candidate], column: str) -> tuple[str, tuple[str, ...]]:
    """The setting that reads a column as of a kind that many of its values are of, and a note on it; "" if none is."""
    best = max(candidates, key=lambda each: each.filled_share, default=None)
    if best is None or min(best.distinct_share, best.filled_share) < MIN_MENTIONED_SHARE:
        return "", ()
    reading = best.reading
    odd = ", ".join(repr(text) for text in list(reading.odd)[:3])
    otherwise = f"{setting(column, reading.kind, reading.form)} makes those missing"
    note = f"column {column!r} is no {reading.kind}: {best.filled_share:.0%} are, {odd} are not; {otherwise}"
    return setting(column, reading.kind, reading.form), (note,)
