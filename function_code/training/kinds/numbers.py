"""The marks with which a column writes numbers, and its reading as one of numbers."""

import re
from collections import Counter
from collections.abc import Collection

from function_code.column import MAX_WHOLE_NUMBER
from function_code.data.text_kinds import MIN_ID_VALUES
from function_code.dialects.hours import is_dotted
from function_code.dialects.numbers import (
    ANY_UNIT,
    has_remark,
    is_bound,
    may_stand_before,
    normalised_unit,
    parse,
    plain,
    reader,
)
from function_code.training.kinds.clocks import are_hours_and_minutes
from function_code.training.kinds.reading import (
    MIN_DISTINCT_SHARE,
    Candidate,
    Conventions,
    candidate,
    is_read,
    setting,
)
from function_code.training.kinds.units import Parsed, capitals_note, others_note, unit_of
from function_code.training.kinds.values import LEADING_ZERO

MAX_EXACT_DIGITS = 16  # so many has the first number beyond MAX_WHOLE_NUMBER
# A code of two parts, and no number: programs write 1.2E5 and 1.2E+05, with one digit before the mark.
CODE_WITH_E = re.compile(r"^\d{2,}E\d+[ \t]*$", re.MULTILINE | re.IGNORECASE)
MIN_TELEPHONE_DIGITS = 8
GRADE = re.compile(r"\d[-+]")  # 2- is a grade, or a boundary
DIGIT_GROUPS = re.compile(r"\+?\d+(?:[ .]\d+)*")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
MAX_ROUND_SHARE = 0.3  # of decimals that end in a 0
OF_THREE_DECIMALS = ("bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd")  # currencies, by ISO 4217
MAX_UNGROUPED = 999  # the largest number that is written without a mark for thousands where there are some


def are_codes(texts: Collection[str]) -> bool:
    """Says whether texts of digits are codes: 007, 12E4, or so long that a float is another number."""
    if any(map(LEADING_ZERO.match, texts)):
        return True
    return sum(1 for text in texts if _is_long(text) or CODE_WITH_E.match(text)) > (1 - MIN_DISTINCT_SHARE) * len(texts)


def _is_long(text: str) -> bool:
    digits = text.lstrip("+-")
    is_long = digits.isdecimal() and len(digits) >= MAX_EXACT_DIGITS
    return is_long and (len(digits) > MAX_EXACT_DIGITS or int(digits) > MAX_WHOLE_NUMBER)


def _are_no_amounts(texts: list[str], is_set: bool) -> bool:
    """Says whether texts that could be numbers are something else: telephone numbers, grades, all in brackets."""
    if all(text.startswith("(") for text in texts) or any(map(GRADE.fullmatch, texts)):
        return True
    if is_set or not all(map(DIGIT_GROUPS.fullmatch, texts)) or all(map(THOUSANDS.fullmatch, texts)):
        return False
    lengths = {sum(map(str.isdigit, text)) for text in texts}
    is_signed = all(text.startswith("+") for text in texts)
    is_grouped = any(not text.lstrip("+").isdecimal() for text in texts)
    return max(lengths) >= MIN_TELEPHONE_DIGITS and (is_signed or (is_grouped and len(lengths) == 1 and len(texts) > 1))


def number_candidate(
    counts: Counter[str], conventions: Conventions, column: str, is_set: bool = False
) -> Candidate | None:
    """The reading of texts as numbers; None if they are codes. `is_set` says that a person has set the kind."""
    by_marks = {marks: [parse(text, marks) for text in counts] for marks in ("us", "eu")}
    pairs = list(zip(counts, by_marks["us"], by_marks["eu"], strict=True))
    read = [text for text, us, eu in pairs if us or eu]
    if not read or are_codes(counts) or _are_no_amounts(read, is_set) or are_hours_and_minutes(read):
        return None
    marks, proof, doubtful = _marks(pairs, conventions)
    parsed = by_marks[marks]
    bounds = list(filter(is_bound, read))
    if bounds and not is_set and len({number[0] for number in parsed if number}) < len(read) < MIN_ID_VALUES:
        return None  # <1 is another category than 1
    unit, units_note = unit_of(counts, parsed, column, is_set)
    capitals = capitals_note({number[1] for number in parsed if number and number[1]}, column)
    form = f"{marks} {unit}" if unit else marks
    if form == "us" and all(is_read(text, plain) for text, number in zip(counts, parsed, strict=True) if number):
        form = ""
    texts = [*bounds, *filter(has_remark, read)]
    notes = (
        _marks_note(doubtful, marks, unit, column),
        units_note,
        capitals,
        _cut_note(texts, column),
        _hours_note(read, unit, column),
    )
    return candidate(counts, "number", form, reader(form)).noted(*filter(None, notes), proof=proof)


def _hours_note(texts: list[str], unit: str, column: str) -> str:
    """A sentence on decimals in hours that could be hours and minutes: 2.30 h."""
    if normalised_unit(unit) != "h" or not all(map(is_dotted, texts)):
        return ""
    example = max(texts)
    otherwise = f"if these are hours and minutes, set {setting(column, 'number', 'hours')}"
    return f"column {column!r} is read so that {example!r} are decimal hours; {otherwise}"


def _cut_note(texts: list[str], column: str) -> str:
    """A sentence on texts of which nothing but the number is read."""
    if not texts:
        return ""
    listed = ", ".join(map(repr, texts[:3])) + (f" and {len(texts) - 3} more" if len(texts) > 3 else "")
    otherwise = f"if they are something else, set {setting(column, 'category')}"
    return f"column {column!r} has texts of which the number alone is read: {listed}; {otherwise}"


def set_number_candidate(counts: Counter[str], form: str, column: str) -> Candidate:
    """The reading of texts as numbers of a form that a person has set, with a note on units that are not of it."""
    possible = candidate(counts, "number", form, reader(form))
    marks, _, unit = form.partition(" ")
    if not unit or unit == ANY_UNIT:
        return possible
    units: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for text, rows in counts.items():
        number = parse(text, marks)
        if number and number[1] and normalised_unit(number[1]) != normalised_unit(unit):
            units[normalised_unit(number[1])] += rows
            spellings.setdefault(normalised_unit(number[1]), number[1])
    parts = others_note(units.most_common(), normalised_unit(unit), spellings)
    return possible.noted(f"column {column!r} is read in {unit}; {'; '.join(parts)}") if parts else possible


def _marks(pairs: list[tuple[str, Parsed, Parsed]], conventions: Conventions) -> tuple[str, str, str]:
    """The marks, us or eu, the same again if the texts prove them, and a text that is another number with the others.

    That is "" where there is none, or where the other columns of the file have the same marks.
    """
    if conventions.is_typed:
        return "us", "", ""
    only_us = sum(1 for _, us, eu in pairs if us and not eu)
    only_eu = sum(1 for _, us, eu in pairs if eu and not us)
    doubtful = [(text, us, eu) for text, us, eu in pairs if us and eu and us[0] != eu[0]]
    proven = ("us" if only_us > only_eu else "eu") if only_us != only_eu else ""
    if proven and max(only_us, only_eu) > (1 - MIN_DISTINCT_SHARE) * len(doubtful):
        return proven, proven, ""
    if not doubtful:
        return "us", "", ""
    # Most of them decide, not the first one.
    points = [each for each in doubtful if each[1][0] < each[2][0]]
    point_is_in_doubt = 2 * len(points) >= len(doubtful)
    text = (points if point_is_in_doubt else [each for each in doubtful if each not in points])[0][0]
    marks = proven or _likelier(point_is_in_doubt, pairs)
    if conventions.marks and marks in ("", conventions.marks):
        return conventions.marks, "", ""
    return marks or ("eu" if conventions.delimiter == ";" else "us"), "", text


def _marks_note(text: str, marks: str, unit: str, column: str) -> str:
    """A sentence on a text that is another number with the other marks, if there is one."""
    number = parse(text, marks) if text else None
    if not number:
        return ""
    other = "eu" if marks == "us" else "us"
    otherwise = setting(column, "number", f"{other} {unit}" if unit else other)
    return f"column {column!r} is read so that {text!r} is {number[0]:g}; if that is wrong, set {otherwise}"


def _likelier(point_is_in_doubt: bool, pairs: list[tuple[str, Parsed, Parsed]]) -> str:
    """The likelier marks where 1.334 (or 1,334) may be more or less than two; "" if the column doesn't tell."""
    thousands, decimal = ("eu", "us") if point_is_in_doubt else ("us", "eu")
    if all(_is_money(us[1]) for _, us, eu in pairs if us and eu and us[0] != eu[0]):
        return thousands  # cents are of two digits
    ungrouped = [abs(us[0]) for _, us, eu in pairs if us and eu and us[0] == eu[0]]
    if not ungrouped:
        ends = [re.sub(r"\D", "", text)[-1] for text, us, eu in pairs if us and eu]
        return thousands if ends.count("0") > MAX_ROUND_SHARE * len(ends) else ""
    # Decimals always of three digits, of which none ends in a zero, would be a wonder.
    return thousands if max(ungrouped) <= MAX_UNGROUPED else decimal


def _is_money(unit: str) -> bool:
    return unit != "%" and may_stand_before(unit) and normalised_unit(unit) not in OF_THREE_DECIMALS
