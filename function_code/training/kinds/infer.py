"""The reading of a column, inferred from its texts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from function_code.data.csv_file import MIN_ID_VALUES, hardly_repeats
from function_code.dialects import booleans, reader
from function_code.dialects.hours import read_hours
from function_code.dialects.missing import is_unusual, says_missing
from function_code.training.kinds.dates import date_candidate, moments
from function_code.training.kinds.numbers import MAX_WHOLE_NUMBER, are_codes, number_candidate
from function_code.training.kinds.reading import Candidate, Conventions, Reading, candidate, setting
from function_code.training.kinds.values import LEADING_ZERO, to_numbers

SAMPLE_TEXTS = 300  # distinct texts that show which kinds are worth a look at all of them
MIN_MENTIONED_SHARE = 0.5  # of a kind, from which it is mentioned that the column is not of it
NO_CONVENTIONS = Conventions()


def infer(texts: pd.Series, conventions: Conventions = NO_CONVENTIONS, kind: str = "", form: str = "") -> Reading:
    """The reading of a column of texts; its kind is id if they hardly ever repeat, and "" if all are empty.

    `kind` and `form` are what a person has set; the rest is inferred.
    """
    if kind in ("category", "id"):
        return Reading(kind)
    codes, uniques = pd.factorize(texts, use_na_sentinel=False)
    distinct = [text.strip() for text in uniques.tolist()]
    rows = np.bincount(codes, minlength=len(distinct)).tolist()
    if not form and kind in ("", "number") and (plain := _plain_numbers(distinct, rows, kind, str(texts.name))):
        return plain
    counts, missing = _counts(distinct, rows)
    if not counts:
        return Reading(kind or ("category" if any(distinct) else ""))
    reading = _reading(counts, conventions, kind, form, str(texts.name))
    if reading:
        return replace(reading, odd=reading.odd | missing)
    filled = int((texts != "").sum())
    notes = _nearly(_candidates(counts, conventions, "", str(texts.name)), str(texts.name))
    return Reading("id" if hardly_repeats(len(counts), filled) else "category", notes=notes)


def _plain_numbers(distinct: list[str], rows: list[int], kind: str, column: str) -> Reading | None:
    """The reading of numbers as programs write them; None if there is a doubt, or anything else."""
    values = to_numbers(distinct)
    if values is None or not np.isfinite(values).any() or LEADING_ZERO.search("\n".join(distinct)):
        return None
    missing = {distinct[code]: rows[code] for code in np.flatnonzero(np.isnan(values)) if is_unusual(distinct[code])}
    values = values[np.isfinite(values)]
    if (values == np.floor(values)).all():
        if np.abs(values).max() > MAX_WHOLE_NUMBER and not kind and are_codes(distinct):
            return None
        return (None if kind else moments(values, distinct, column)) or Reading("number", odd=missing)
    if any(map(_proves_decimal_point, distinct[:SAMPLE_TEXTS])):
        return Reading("number", proof="us", odd=missing)
    return None  # 1.334 may be a thousand and more


def _reading(counts: Counter[str], conventions: Conventions, kind: str, form: str, column: str) -> Reading | None:
    """The reading as a number, a date or a boolean; None if no kind is set and too many texts are none of these."""
    if form:
        return candidate(counts, kind, form, reader(kind, form)).reading
    if not kind and len(counts) < MIN_ID_VALUES and (words := booleans.infer_form(counts)) is not None:
        return Reading("boolean", words)
    candidates = [each for each in _candidates(counts, conventions, kind, column) if kind or each.is_enough]
    if candidates:
        return max(candidates, key=lambda each: each.filled_share).reading
    return Reading(kind, odd=dict(counts)) if kind else None


def _proves_decimal_point(text: str) -> bool:
    whole, point, fraction = text.lstrip("+-").partition(".")
    return bool(point) and (len(fraction) != 3 or len(whole) > 3 or whole in ("", "0"))


def _counts(distinct: list[str], rows: list[int]) -> tuple[Counter[str], dict[str, int]]:
    """The rows of each text that is filled, and of each that says missing in an unusual way."""
    counts: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for text, count in zip(distinct, rows, strict=True):
        if not says_missing(text):
            counts[text] += count
        elif is_unusual(text):
            missing[text] += count
    return counts, dict(missing)


def _candidates(counts: Counter[str], conventions: Conventions, kind: str, column: str) -> list[Candidate]:
    """The readings as numbers, dates and times of which a sample shows that they are worth a look."""
    texts = list(counts)
    sample = Counter({text: counts[text] for text in texts[:: len(texts) // SAMPLE_TEXTS + 1]})
    looks: dict[str, list[Callable[[Counter[str]], Candidate | None]]] = {
        "number": [lambda some: number_candidate(some, conventions, column), _hours],
        "date": [lambda some: date_candidate(some, conventions, column)],
        "boolean": [_boolean],
    }
    candidates = []
    for look in looks[kind] if kind else (*looks["number"], *looks["date"]):
        first = look(sample)
        if first and (kind or first.distinct_share >= MIN_MENTIONED_SHARE):
            candidates.append(first if len(sample) == len(counts) else look(counts))
    return [each for each in candidates if each]


def _hours(counts: Counter[str]) -> Candidate:
    return candidate(counts, "number", "hours", read_hours)


def _boolean(counts: Counter[str]) -> Candidate:
    forms = ["", *("/".join(pair) for pair in booleans.PAIRS if pair not in booleans.ENGLISH)]
    readings = [candidate(counts, "boolean", form, booleans.reader(form)) for form in forms]
    return max(readings, key=lambda each: each.filled_share)


def _nearly(candidates: list[Candidate], column: str) -> tuple[str, ...]:
    """A note on a column that is not of a kind, though many of its values are."""
    best = max(candidates, key=lambda each: each.filled_share, default=None)
    if best is None or min(best.distinct_share, best.filled_share) < MIN_MENTIONED_SHARE:
        return ()
    reading = best.reading
    odd = ", ".join(repr(text) for text in list(reading.odd)[:3])
    otherwise = f"{setting(column, reading.kind, reading.form)} makes those missing"
    return (f"column {column!r} is no {reading.kind}: {best.filled_share:.0%} are, {odd} are not; {otherwise}",)
