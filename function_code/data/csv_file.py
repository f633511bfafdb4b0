"""Recognition of a CSV file by its beginning: encoding, delimiter, header."""

import codecs
import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from function_code.data.column_names import clean_name
from function_code.data.encoding import guess_notes, recognise
from function_code.data.header import (
    are_names,
    count_known,
    header_position,
    is_comment,
    read_names,
    title_note,
    usual_width,
)
from function_code.errors import Refused

DELIMITERS = ",;\t|"
HEADER_BYTES = 1 << 20  # in which the header must end
SNIFFED_LINES = 1_000  # that show which delimiter it is
HEADER_ROWS = 200  # among which is the header
SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n])"?\r?\n', re.IGNORECASE)  # as Excel wants it, as the first line
MAX_MARK_BYTES = 100
OTHER_FORMATS = {
    b"%pdf": "a PDF document",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<head": "a web page",
    b"<body": "a web page",
    b"<table": "a web page",
    b"<!--": "a web page",
    b"<?xml": "an XML document",
    b"sqlite format 3": "an SQLite database",
    b"\x89hdf": "an HDF5 file",
    b"arrow1": "an Arrow file",
}
csv.field_size_limit(1 << 30)  # the limit of the library, of 128 kB, is for those who don't trust their own files


@dataclass(frozen=True)
class CsvFile:
    """The format of a file, and its column names (see `clean_name`).

    `skipped_lines` come before the header: a line that says `sep=;`, rows of empty fields, titles and comments. `notes`
    are sentences on what was assumed.
    """

    encoding: str
    delimiter: str
    header: list[str]
    skipped_lines: int = 0
    notes: tuple[str, ...] = ()


def parse_columns(text: str) -> list[str]:
    """Column names written as a fragment of a CSV header line: `user_id,"odd, name"`. Raises Refused."""
    if not text.strip():
        return []
    try:
        (names,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as error:
        raise Refused(
            f'the columns {text!r} are not a line of CSV ({error}); write them as: user_id,"odd, name"'
        ) from None
    return list(map(clean_name, names))


def sniff(beginning: bytes, name: str, encoding: str = "", columns: Collection[str] = ()) -> CsvFile:
    """Recognises a CSV file by its beginning. Raises Refused if its columns have no distinct names, or it is no CSV.

    `encoding` is the one that it has if it is none of Unicode's; `columns` are names that its header may have.
    """
    for mark, what in OTHER_FORMATS.items():
        if beginning[:MAX_MARK_BYTES].lstrip().lower().startswith(mark):
            raise Refused(f"{name} is {what}, and no table; save the table as CSV UTF-8")
    is_whole, known = len(beginning) < HEADER_BYTES, encoding
    encoding = recognise(beginning, is_whole, encoding)
    # The beginning may end in the middle of a character, which is not an error of the file.
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(beginning, final=is_whole)
    if "\0" in text[:1000]:
        raise Refused(f"{name} is not a CSV file: it contains NUL bytes")
    if not text.strip():
        raise Refused(f"{name} is empty: a CSV file begins with a line of column names")
    declared = SEPARATOR_LINE.match(text)
    lines = io.StringIO(text[declared.end() :] if declared else text, newline="").readlines()
    # Of a file that goes on the last line may be cut off.
    lines = lines[:SNIFFED_LINES] if is_whole or len(lines) > SNIFFED_LINES else lines[:-1] or lines
    readings = [_Reading(lines, mark, columns) for mark in (declared[1] if declared else DELIMITERS)]
    best = max(readings, key=_Reading.suitability)
    skipped_lines = best.skipped_lines + bool(declared)
    header, of_names = read_names(best.header, columns, name)
    notes = [*guess_notes(name, encoding, known), *of_names]
    if title := best.title:
        notes.append(title_note(name, f"line {skipped_lines + 1}", title))
    return CsvFile(encoding, best.delimiter, header, skipped_lines, tuple(notes))


def text_from_header(file: IO[bytes], form: CsvFile) -> io.TextIOWrapper:
    """The text of a file, which is at its beginning, from the header on."""
    text = io.TextIOWrapper(file, form.encoding, newline="")
    for _ in range(form.skipped_lines):
        text.readline()
    return text


class _Reading:
    """The first rows of a file as a delimiter separates their fields."""

    def __init__(self, lines: list[str], delimiter: str, columns: Collection[str]) -> None:
        self.delimiter, self._lines = delimiter, lines
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        rows, self._starts, self._ends = list[list[str]](), list[int](), list[int]()
        start = 0
        for record in reader:
            if "".join(record).strip():
                rows.append(record)
                self._starts.append(start)
                self._ends.append(reader.line_num)
            start = reader.line_num
        self._rows = rows or [[""]]
        self._width = usual_width(self._rows)
        first = self._rows[:HEADER_ROWS]
        position = header_position(first, columns)
        self._has_known_names = count_known(first[position], columns) > 0
        self._position = position if self._has_known_names or self._may_begin(position) else 0
        self.header, self.skipped_lines = self._rows[self._position], self._starts[self._position] if rows else 0

    @property
    def title(self) -> str:
        """The beginning of what is above the header, or ""."""
        lines = "".join(self._lines[self._starts[0] : self._ends[0]]) if self._position else ""
        return lines.strip(f" \r\n{self.delimiter}")

    def suitability(self) -> tuple[bool, bool, float, int]:
        """Tells how well the delimiter suits the rows; the greater the better.

        The header has names that are known. Most records have as many fields as it, and more than one; of several such
        delimiters the one by which more records have them, and then the one that is more often in the header, outside
        of quotes.
        """
        widths = [len(row) for row in self._rows[self._position :]]
        share = widths.count(self._width) / len(widths) if self._width > 1 and widths[0] > 1 else 0.0
        header = self._lines[self.skipped_lines] if self._lines else ""
        mark = re.escape(self.delimiter) + r"(?! )"
        return (
            self._has_known_names,
            self._width > 1 and self._width == widths[0],
            share,
            sum(len(re.findall(mark, part)) for part in header.split('"')[::2]),
        )

    def _may_begin(self, position: int) -> bool:
        """Says whether what is above a row of more fields is a title, and not the one name above lists or sentences."""
        above, header = self._rows[:position], self._rows[position]
        return (
            len(self._rows[0]) == len(header)
            or are_names(header, self._rows[position + 1 :])
            or all(map(is_comment, above))
            or self._starts[position] > self._ends[position - 1]  # by an empty line
        )
