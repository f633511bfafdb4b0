"""The marks and the unit with which a column writes numbers."""

from collections import Counter
from collections.abc import Iterable

from function_code.dialects.numbers import normalised_unit, parse, plain, reader
from function_code.training.kinds.reading import MIN_FILLED_SHARE, Candidate, Conventions, candidate, is_read, setting
from function_code.training.kinds.values import LEADING_ZERO

MAX_WHOLE_NUMBER = 2**53  # beyond which a float is another whole number: such texts are codes
MAX_EXACT_DIGITS = 16  # so many has the first number beyond it
MAX_UNGROUPED = 999  # the largest number that is written without a mark for thousands where there are some

Parsed = tuple[float, str] | None


def are_codes(texts: Iterable[str]) -> bool:
    """Says whether texts of digits are codes: one is so long that a float would be another number."""
    digits = [text.lstrip("+-") for text in texts]
    return any(text.isdecimal() and len(text) >= MAX_EXACT_DIGITS and int(text) > MAX_WHOLE_NUMBER for text in digits)


def number_candidate(counts: Counter[str], conventions: Conventions, column: str) -> Candidate | None:
    """The reading of texts as numbers; None if they are codes."""
    by_marks = {marks: [parse(text, marks) for text in counts] for marks in ("us", "eu")}
    pairs = list(zip(counts, by_marks["us"], by_marks["eu"], strict=True))
    if any(LEADING_ZERO.search(text) for text, us, eu in pairs if us or eu) or are_codes(counts):
        return None
    marks, proof, note = _marks(pairs, conventions, column)
    parsed = by_marks[marks]
    unit, units_note = _unit(counts, parsed, column)
    form = f"{marks} {unit}" if unit else marks
    if form == "us" and all(is_read(text, plain) for text, number in zip(counts, parsed, strict=True) if number):
        form = ""
    return candidate(counts, "number", form, reader(form), proof, tuple(filter(None, (note, units_note))))


def _marks(pairs: list[tuple[str, Parsed, Parsed]], conventions: Conventions, column: str) -> tuple[str, str, str]:
    """The marks, us or eu, the same again if the texts prove them, and what to say where they don't."""
    only_us = sum(1 for _, us, eu in pairs if us and not eu)
    only_eu = sum(1 for _, us, eu in pairs if eu and not us)
    if only_us != only_eu:
        proven = "us" if only_us > only_eu else "eu"
        return proven, proven, ""
    doubtful = [(text, us, eu) for text, us, eu in pairs if us and eu and us[0] != eu[0]]
    if not doubtful:
        return "us", "", ""
    text, us, eu = doubtful[0]
    if (marks := _likelier(text, pairs)) is None:
        if conventions.marks:
            return conventions.marks, "", ""
        marks = "us"
    value, other = (us[0], "eu") if marks == "us" else (eu[0], "us")
    otherwise = setting(column, "number", other)
    return marks, "", f"column {column!r} is read so that {text!r} is {value:g}; if that is wrong, set {otherwise}"


def _likelier(doubtful: str, pairs: list[tuple[str, Parsed, Parsed]]) -> str | None:
    """The likelier marks where 1.334 (or 1,334) may be more or less than two; None if the column doesn't tell."""
    point_is_in_doubt = "." in doubtful
    thousands, decimal = ("eu", "us") if point_is_in_doubt else ("us", "eu")
    ungrouped = [abs(us[0]) for _, us, eu in pairs if us and eu and us[0] == eu[0]]
    if not ungrouped:
        return None
    # Decimals always of three digits, of which none ends in a zero, would be a wonder.
    return thousands if max(ungrouped) <= MAX_UNGROUPED else decimal


def _unit(counts: Counter[str], parsed: list[Parsed], column: str) -> tuple[str, str]:
    """The unit of most numbers, as it is spelt, and what to say if there are others."""
    units: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for count, number in zip(counts.values(), parsed, strict=True):
        if number and number[1]:
            unit = normalised_unit(number[1])
            units[unit] += count
            spellings.setdefault(unit, number[1])
    with_number = sum(count for count, number in zip(counts.values(), parsed, strict=True) if number)
    if units.total() <= (1 - MIN_FILLED_SHARE) * with_number:
        return "", ""
    (unit, count), *others = units.most_common()
    if not others:
        return spellings[unit], ""
    listed = ", ".join(f"{spellings[other]} ({rows:,})" for other, rows in others[:3])
    own = spellings[unit]
    return own, f"column {column!r} is read in {own} ({count:,} rows); in other units, and missing, are {listed}"
