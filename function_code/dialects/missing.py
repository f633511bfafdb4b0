"""Texts that say that a value is missing, in columns whose other values are numbers, dates or booleans.

In a category they are categories: NA is Namibia. An empty field is missing everywhere.
"""

import re

# As letters and digits alone, whatever stands around and between them: N/A, n.a., (null), <NA>, NaT.
WORDS = frozenset(
    (
        *("na", "nan", "nat", "null", "none", "nil", "nul", "missing", "unknown", "undefined", "empty", "blank"),
        *("notavailable", "notapplicable", "novalue", "nodata", "nv", "nvt", "ka", "nd", "sd"),
    )
)
USUAL = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "-"))  # in any case of letters
SPREADSHEET_ERROR = re.compile(r"#(?:N/A|GETTING_DATA|[A-Z/0]+[!?]|#+)")
ZERO_DATE = re.compile(r"0+[-/.]0+[-/.]0+(?:[ T][0:.]*)?|0{8}|0{14}")


def says_missing(text: str) -> bool:
    """Says whether a text stands for a value that is not there."""
    text = text.strip()
    word = "".join(filter(str.isalnum, text)).casefold()
    if not word or word in WORDS or text == r"\N":
        return True
    return bool(SPREADSHEET_ERROR.fullmatch(text) or ZERO_DATE.fullmatch(text))


def is_unusual(text: str) -> bool:
    """Says whether it should be mentioned that a text counts as missing."""
    return text.strip().casefold() not in USUAL
