"""The column names of a table."""

from collections.abc import Iterable, Sequence
from statistics import median

from function_code.data.column_names import clean_name
from function_code.dialects.numbers import plain
from function_code.errors import Refused

UNNAMED = "unnamed column"
MAX_TITLE_SHARE = 0.5  # of as many fields as rows usually have, up to which a row above the header is a title


def check_header(names: Iterable[str], file: str) -> list[str]:
    """The names as people can type them, `UNNAMED` and its position for a column without one.

    Raises Refused if no column has a name, or two have the same.
    """
    cleaned = list(map(clean_name, names))
    if not any(cleaned):
        raise Refused(f"{file} has no column names in its first row")
    header = [name or f"{UNNAMED} {position}" for position, name in enumerate(cleaned, 1)]
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise Refused(
            f"{file} has more than one column named {', '.join(map(repr, repeated))}; rename or remove all but one"
        )
    return header


def header_position(rows: Sequence[Sequence[str]]) -> int:
    """The index of the header among the first rows: the first one that is filled as rows usually are.

    What is above it is a title. If all fields of that row are numbers, it is no header, and the first row is.
    """
    filled = [list(filter(None, map(str.strip, row))) for row in rows]
    usual = median(map(len, filled))
    position = next((index for index, texts in enumerate(filled) if len(texts) > MAX_TITLE_SHARE * usual), 0)
    return 0 if all(map(_is_number, filled[position])) else position


def _is_number(text: str) -> bool:
    try:
        plain(text)
    except ValueError:
        return False
    return True
