"""The unit with which a column writes numbers, and what is said of others beside it."""

from collections import Counter
from collections.abc import Collection
from statistics import median

from function_code.dialects.numbers import ANY_UNIT, COUNT, normalised_unit
from function_code.dialects.units import FAMILIES, MAGNITUDES, factor
from function_code.training.kinds.reading import MIN_FILLED_SHARE, setting

CLOCK_WORDS = ("am", "a.m", "pm", "p.m", "uhr")  # of times of day
MIN_COUNT_RATIO = 100.0  # of bare numbers to those with a letter behind, from which that is a magnitude
MAX_FLAG_LETTERS = 2
USUAL_LETTERS = frozenset("bgtmlhsvwackn")  # of bytes, grams, tonnes, ... kelvins, newtons, and of thousands, millions

Parsed = tuple[float, str] | None


def unit_of(counts: Counter[str], parsed: list[Parsed], column: str, is_set: bool) -> tuple[str, str]:
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
    return spellings[unit], "; ".join(sentences + others_note(others, unit, spellings))


def others_note(others: list[tuple[str, int]], unit: str, spellings: dict[str, str]) -> list[str]:
    """Parts of a sentence on units beside that of a column, with the rows of each: its multiples, and all others."""
    parts = []
    for what, is_multiple in (("converted from its multiples are", True), ("in other units, and missing, are", False)):
        of_these = [(other, rows) for other, rows in others if (factor(other, unit) is not None) == is_multiple]
        if of_these:
            listed = ", ".join(f"{spellings[other]} ({rows:,})" for other, rows in of_these[:3])
            parts.append(f"{what} {listed}")
    return parts


def capitals_note(spellings: Collection[str], column: str) -> str:
    """A sentence on units that are read as one though they differ in capitals: mW and MW are a billion apart."""
    by_unit: dict[str, list[str]] = {}
    for spelling in sorted(spellings):
        by_unit.setdefault(spelling.casefold(), []).append(spelling)
    several = [each for each in by_unit.values() if len(each) > 1]
    listed = "; ".join(" and ".join(map(repr, each)) for each in several)
    return f"column {column!r} has units that differ in capitals alone, read as one: {listed}" if several else ""


def _letter_note(unit: str, texts: Collection[str], column: str) -> str:
    """A sentence on numbers with a letter right behind them that may be that of a code: 5E is a seat, too."""
    if len(unit) > 1 or not unit.isalpha() or unit.casefold() in USUAL_LETTERS:
        return ""
    if not any(text.endswith(unit) and text[-2:-1].isdecimal() for text in texts):
        return ""
    return f"column {column!r} is read in {unit}, as a unit; if these are codes, set {setting(column, 'category')}"


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


def _are_flags(units: Collection[str]) -> bool:
    """Says whether units are letters of several meanings (12.3 b, 12.3 p), and neither usual units nor multiples."""
    first, *others = units
    are_letters = all(len(unit) <= MAX_FLAG_LETTERS and unit.isalpha() for unit in units)
    are_usual = any(len(unit) > 1 and any(unit in family for family in FAMILIES) for unit in units)
    return are_letters and not are_usual and not any(factor(other, first) for other in others)
