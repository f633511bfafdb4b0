"""The marks and the unit with which a column writes numbers."""

import re
from collections import Counter
from collections.abc import Collection
from statistics import median

from function_code.column import MAX_WHOLE_NUMBER
from function_code.data.text_kinds import MIN_ID_VALUES
from function_code.dialects.hours import is_dotted
from function_code.dialects.numbers import (
    ANY_UNIT,
    COUNT,
    has_remark,
    is_bound,
    may_stand_before,
    normalised_unit,
    parse,
    plain,
    reader,
)
from function_code.dialects.units import FAMILIES, MAGNITUDES, factor
from function_code.training.kinds.clocks import are_hours_and_minutes
from function_code.training.kinds.reading import (
    MIN_DISTINCT_SHARE,
    MIN_FILLED_SHARE,
    Candidate,
    Conventions,
    candidate,
    is_read,
    setting,
)
from function_code.training.kinds.values import LEADING_ZERO

MAX_EXACT_DIGITS = 16  # so many has the first number beyond MAX_WHOLE_NUMBER
# A code of two parts, and no number: programs write 1.2E5 and 1.2E+05, with one digit before the mark.
CODE_WITH_E = re.compile(r"^\d{2,}E\d+[ \t]*$", re.MULTILINE | re.IGNORECASE)
CLOCK_WORDS = ("am", "a.m", "pm", "p.m", "uhr")  # of times of day
MIN_TELEPHONE_DIGITS = 8
GRADE = re.compile(r"\d[-+]")  # 2- is a grade, or a boundary
DIGIT_GROUPS = re.compile(r"\+?\d+(?:[ .]\d+)*")
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
MAX_ROUND_SHARE = 0.3  # of decimals that end in a 0
OF_THREE_DECIMALS = ("bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd")  # currencies, by ISO 4217
MIN_COUNT_RATIO = 100.0  # of bare numbers to those with a letter behind, from which that is a magnitude
MAX_FLAG_LETTERS = 2
USUAL_LETTERS = frozenset("bgtmlhsvwackn")  # of bytes, grams, tonnes, ... kelvins, newtons, and of thousands, millions
MAX_UNGROUPED = 999  # the largest number that is written without a mark for thousands where there are some

Parsed = tuple[float, str] | None


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
    unit, units_note = _unit(counts, parsed, column, is_set)
    capitals_note = _capitals_note({number[1] for number in parsed if number and number[1]}, column)
    form = f"{marks} {unit}" if unit else marks
    if form == "us" and all(is_read(text, plain) for text, number in zip(counts, parsed, strict=True) if number):
        form = ""
    texts = [*bounds, *filter(has_remark, read)]
    notes = (
        _marks_note(doubtful, marks, unit, column),
        units_note,
        capitals_note,
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
    parts = _others_note(units.most_common(), normalised_unit(unit), spellings)
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


def _are_flags(units: Collection[str]) -> bool:
    """Says whether units are letters of several meanings (12.3 b, 12.3 p), and neither usual units nor multiples."""
    first, *others = units
    are_letters = all(len(unit) <= MAX_FLAG_LETTERS and unit.isalpha() for unit in units)
    are_usual = any(len(unit) > 1 and any(unit in family for family in FAMILIES) for unit in units)
    return are_letters and not are_usual and not any(factor(other, first) for other in others)


def _capitals_note(spellings: Collection[str], column: str) -> str:
    """A sentence on units that are read as one though they differ in capitals: mW and MW are a billion apart."""
    by_unit: dict[str, list[str]] = {}
    for spelling in sorted(spellings):
        by_unit.setdefault(spelling.casefold(), []).append(spelling)
    several = [each for each in by_unit.values() if len(each) > 1]
    listed = "; ".join(" and ".join(map(repr, each)) for each in several)
    return f"column {column!r} has units that differ in capitals alone, read as one: {listed}" if several else ""


def _are_counts(counts: Counter[str], parsed: list[Parsed], units: Collection[str]) -> bool:
    """Says whether units are magnitudes of numbers that stand bare where they are small: 742, 953.0K, 60.6 million.

    A lone k is one right behind its number, as 293 K is a temperature; a lone m or b where bare numbers are far larger
    than those with it, as 1.80 m is a length beside 1.75.
    """
    bare = [abs(number[0]) for number in parsed if number and number[0] and not number[1]]
    if not bare or not set(units) <= MAGNITUDES.keys():
        return False
    (unit, *others) = units
    if others or len(unit) > 1:
        return True
    with_unit = [abs(number[0]) for number in parsed if number and number[1]]
    if unit == "k":
        return all(text[-2:-1].isdecimal() for text, number in zip(counts, parsed, strict=True) if number and number[1])
    return median(bare) > MIN_COUNT_RATIO * median(with_unit)


def _letter_note(unit: str, texts: Collection[str], column: str) -> str:
    """A sentence on numbers with a letter right behind them that may be that of a code: 5E is a seat, too."""
    if len(unit) > 1 or not unit.isalpha() or unit.casefold() in USUAL_LETTERS:
        return ""
    if not any(text.endswith(unit) and text[-2:-1].isdecimal() for text in texts):
        return ""
    return f"column {column!r} is read in {unit}, as a unit; if these are codes, set {setting(column, 'category')}"


def _unit(counts: Counter[str], parsed: list[Parsed], column: str, is_set: bool) -> tuple[str, str]:
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
    bare = with_number - units.total()
    if bare > units.total() and others and _are_flags(units):
        listed = ", ".join(spellings[flag] for flag in units)
        return ANY_UNIT, f"column {column!r} has numbers with flags behind them, which are left out: {listed}"
    if unit in CLOCK_WORDS:
        return "", ""
    if _are_counts(counts, parsed, units):
        listed = ", ".join(f"{spellings[magnitude]} ({rows:,})" for magnitude, rows in units.most_common(3))
        otherwise = f"if one is a unit, set {setting(column, 'number', f'us {spellings[unit]}')}"
        return COUNT, f"column {column!r} is read so that thousands and more are behind numbers: {listed}; {otherwise}"
    bare = sum(
        rows for rows, number in zip(counts.values(), parsed, strict=True) if number and number[0] and not number[1]
    )
    if not others and not bare:
        return spellings[unit], "" if is_set else _letter_note(spellings[unit], counts, column)
    sentences = [f"column {column!r} is read in {spellings[unit]} ({count:,} rows)"]
    if bare:
        sentences.append(f"so are {bare:,} rows that don't say so")
    return spellings[unit], "; ".join(sentences + _others_note(others, unit, spellings))


def _others_note(others: list[tuple[str, int]], unit: str, spellings: dict[str, str]) -> list[str]:
    """Parts of a sentence on units beside that of a column, with the rows of each: its multiples, and all others."""
    parts = []
    for what, is_multiple in (("converted from its multiples are", True), ("in other units, and missing, are", False)):
        of_these = [(other, rows) for other, rows in others if (factor(other, unit) is not None) == is_multiple]
        if of_these:
            listed = ", ".join(f"{spellings[other]} ({rows:,})" for other, rows in of_these[:3])
            parts.append(f"{what} {listed}")
    return parts
