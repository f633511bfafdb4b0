"""The column names of a table."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate

from function_code.data.column_names import clean_name, name_notes
from function_code.dialects.missing import says_missing
from function_code.dialects.numbers import plain
from function_code.errors import Refused

UNNAMED = "unnamed column"
COMMENT_MARKS = ("#", "%", "//", "--")
MAX_TITLE_SHARE = 0.5  # of as many fields as rows usually have, up to which a row above the header is a title

RULE = re.compile(r"\s*[-=_+:]*\s*")
MIN_RULE_MARKS = 3  # of its longest part; fewer stand for missing values


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


def read_names(row: Sequence[str], columns: Collection[str], file: str) -> tuple[list[str], list[str]]:
    """The header that a row is, and sentences on what was assumed. Raises Refused, as `check_header` does."""
    written = _without_mark(row, columns)
    header = check_header(written, file)
    notes = name_notes(file, written, header)
    if written[0] != row[0]:
        notes.append(f"the comment mark before the first name of {file} is left out: {row[0].strip()!r}")
    return header, notes


def _without_mark(row: Sequence[str], columns: Collection[str]) -> list[str]:
    """The names without the mark of a comment before them, if the first one is known without it."""
    first, *others = row
    name = first.strip().lstrip("".join(COMMENT_MARKS))
    known = {clean_name(name)}.intersection(columns) - {*map(clean_name, others)}
    return [name if is_comment(row) and known and clean_name(first) not in columns else first, *others]


def count_known(row: Sequence[str], columns: Collection[str]) -> int:
    """The number of names in a row that are known to be names of columns."""
    return sum(clean_name(name) in columns for name in _without_mark(row, columns)) if columns else 0


def header_position(rows: Sequence[Sequence[str]], columns: Collection[str] = ()) -> int:
    """The index of the header among the first rows: the likely one, unless only others have names that are known."""
    position = _likely_position(rows)
    known = [count_known(row, columns) for row in rows]
    return position if known[position] or not any(known) else known.index(max(known))


def _likely_position(rows: Sequence[Sequence[str]]) -> int:
    """The index of the first row that is filled as rows usually are.

    What is above it is a title. So are rows of another width, and comments, that are above a row of names. If all
    fields of the header are numbers, it is none, and the first row is.
    """
    filled = [list(filter(None, map(str.strip, row))) for row in rows]
    usual = _of_most_fields(map(len, filled))
    position = next((index for index, texts in enumerate(filled) if len(texts) > MAX_TITLE_SHARE * usual), 0)
    width = usual_width(rows)

    def is_title(row: Sequence[str]) -> bool:
        return len(row) != width or is_comment(row)

    if is_title(rows[position]):
        later = next((index for index in range(position, len(rows)) if not is_title(rows[index])), position)
        position = later if are_names(rows[later], rows[later + 1 :]) else position
    return 0 if all(map(_is_number, filled[position])) else position


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """The number of fields of most rows. A table of a few rows may have as many lines above its header."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width] > 1, widths[width] * width))


def is_comment(row: Sequence[str]) -> bool:
    """Says whether a row begins as comments do, as in `# made on Monday`."""
    return bool(row) and row[0].lstrip().startswith(COMMENT_MARKS)


def are_names(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Says whether a row has names of columns: it has none of the numbers, dates and times that are below it."""
    names = []  # of columns with values of which all are numbers, dates or times
    for column, name in enumerate(row):
        others = [other[column] for other in below if len(other) == len(row) and other[column].strip()]
        if others and all(map(is_value, others)) and not says_missing(name):
            names.append(name)
    return bool(names) and not any(map(is_value, names))


def are_names_again(row: Sequence[str], header: list[str]) -> bool:
    """Says whether a row has the names of the columns again, as where files were put together."""
    return len(header) > 1 and list(map(clean_name, row)) == header


def is_rule(row: Sequence[str]) -> bool:
    """Says whether a row is a line, as there is one below the header in `---,---`."""
    return all(map(RULE.fullmatch, row)) and max(map(len, row)) >= MIN_RULE_MARKS


def title_note(file: str, where: str, title: str) -> str:
    """A sentence on what is above the header."""
    return f"what is above the header of {file}, which is {where}, is left out: {title!r}"


def _of_most_fields(counts: Iterable[int]) -> int:
    """The median number of filled fields, where a row counts as often as it has such: titles can be many, but short."""
    ordered = sorted(counts)
    reached = accumulate(ordered)
    return next(count for count, total in zip(ordered, reached, strict=True) if 2 * total >= sum(ordered))


def is_value(text: str) -> bool:
    """Says whether a text is mostly of digits, as numbers, dates and times are."""
    return sum(map(str.isdigit, text)) > sum(map(str.isalpha, text))


def _is_number(text: str) -> bool:
    try:
        plain(text)
    except ValueError:
        return False
    return True
