"""Columns of texts: lists, free texts, ids and categories, told apart by their texts."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from function_code.data.frequency import min_rows
from function_code.dialects.lists import SEPARATORS, elements

NUMERIC_SEPARATORS = ";|"  # that can stand between numbers: 120/80 and 1,5 are something else
MIN_ID_VALUES = 50  # distinct texts, from which on a mostly distinct column counts as an id or free text
MIN_LISTED_SHARE = 0.5  # of the filled fields, that show the separator
MIN_FREQUENT_SHARE = 0.7  # of all elements that stand in the fields, that are frequent ones
MIN_MOVING_SHARE = 0.5  # of these, that are not always at the same place, as towns are in front of states
MIN_PLACE_SHARE = 0.05  # of the fields of an element, in which another place than the usual one is no mistake
MAX_ELEMENT_LENGTH = 60
MIN_WORDS, MIN_PROSE_SHARE = 2, 0.5  # in so many of the distinct texts, from which on they are free text
LETTERS_PER_WORD = 2  # in writing without spaces between words
SAMPLE_TEXTS = 5_000


def hardly_repeats(distinct: int, filled: int) -> bool:
    """Says whether a column of so many distinct texts in so many fields is an id or free text, and no category."""
    return distinct >= MIN_ID_VALUES and distinct > 0.5 * filled


def kind_of_texts(counts: Mapping[str, int]) -> tuple[str, str]:
    """The kind of a column, by how often it has each text that is not "", and of a list the separator."""
    sample = dict(islice(counts.items(), 0, None, len(counts) // SAMPLE_TEXTS + 1))
    for separator in SEPARATORS:
        if _are_lists(sample, separator):
            return "list", separator
    if hardly_repeats(len(counts), sum(counts.values())):
        return ("text" if _are_prose(sample) else "id"), ""
    return "category", ""


def best_separator(counts: Mapping[str, int]) -> str:
    """The separator that is in most fields, for a column that is known to hold lists."""
    return max(SEPARATORS, key=lambda separator: sum(n for text, n in counts.items() if separator in text))


def _are_lists(counts: Mapping[str, int], separator: str) -> bool:
    """Says whether texts are lists: the same elements come again, in lists of other lengths or at other positions."""
    fields = sum(counts.values())
    if sum(count for text, count in counts.items() if separator in text) < max(1.0, MIN_LISTED_SHARE * fields):
        return False
    rows: Counter[str] = Counter()
    positions: Counter[tuple[str, int]] = Counter()
    for text, count in counts.items():
        for position, element in enumerate(elements(text, separator)):
            rows[element] += count
            positions[element, position] += count
    least = min_rows(fields)
    frequent = {element: count for element, count in rows.items() if count >= least}
    usual: Counter[str] = Counter()
    for (element, _), count in positions.items():
        usual[element] = max(usual[element], count)
    moving = sum(count for element, count in frequent.items() if count - usual[element] >= MIN_PLACE_SHARE * count)
    return (
        2 < len(frequent) < len(counts)
        and sum(frequent.values()) >= MIN_FREQUENT_SHARE * rows.total()
        and moving >= MIN_MOVING_SHARE * sum(frequent.values())
        and max(map(len, frequent)) <= MAX_ELEMENT_LENGTH
        and (separator in NUMERIC_SEPARATORS or any(map(str.isalpha, "".join(frequent))))
    )


def _are_prose(texts: Mapping[str, int]) -> bool:
    """Says whether texts mostly have several words."""
    return sum(_words(text) >= MIN_WORDS for text in texts) >= MIN_PROSE_SHARE * len(texts)


def _words(text: str) -> float:
    """The number of words with a letter in a text."""
    unspaced = sum("\u3040" <= letter <= "\u9fff" or "\u0e00" <= letter <= "\u0eff" for letter in text)
    return sum(any(map(str.isalpha, word)) for word in text.split()) + unspaced / LETTERS_PER_WORD
