"""Recognition of a CSV file by its beginning: encoding, delimiter, header."""

import codecs
import csv
import io
import re
from dataclasses import dataclass

from function_code.data.column_names import clean_name
from function_code.data.encoding import recognise
from function_code.data.header import check_header
from function_code.errors import Refused

DELIMITERS = ",;\t|"
HEADER_BYTES = 1 << 20  # in which the header must end
SNIFFED_LINES = 1_000  # that show which delimiter it is
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

    `skipped_lines` come before the header: a line that says `sep=;`, and rows of empty fields.
    """

    encoding: str
    delimiter: str
    header: list[str]
    skipped_lines: int = 0


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


def sniff(beginning: bytes, name: str, encoding: str = "") -> CsvFile:
    """Recognises a CSV file by its beginning. Raises Refused if its columns have no distinct names, or it is no CSV.

    `encoding` is the one that it has if it is none of Unicode's.
    """
    for mark, what in OTHER_FORMATS.items():
        if beginning[:MAX_MARK_BYTES].lstrip().lower().startswith(mark):
            raise Refused(f"{name} is {what}, and no table; save the table as CSV UTF-8")
    is_whole = len(beginning) < HEADER_BYTES
    encoding = recognise(beginning, is_whole, encoding)
    # The beginning may end in the middle of a character, which is not an error of the file.
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(beginning, final=is_whole)
    if "\0" in text[:1000]:
        raise Refused(f"{name} is not a CSV file: it contains NUL bytes")
    if not text.strip():
        raise Refused(f"{name} is empty: a CSV file begins with a line of column names")
    declared = SEPARATOR_LINE.match(text)
    text = text[declared.end() :] if declared else text
    lines = text.splitlines(keepends=True)
    complete = "".join(lines[:SNIFFED_LINES] if is_whole or len(lines) > SNIFFED_LINES else lines[:-1] or lines)
    delimiter = declared[1] if declared else max(DELIMITERS, key=lambda mark: _consistency(complete, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    header, empty_lines = [""], 0
    for record in reader:
        if "".join(record).strip():
            header = record
            break
        empty_lines = reader.line_num
    return CsvFile(encoding, delimiter, check_header(header, name), int(bool(declared)) + empty_lines)


def _consistency(text: str, delimiter: str) -> tuple[bool, float, int]:
    """Tells how well a delimiter suits a text; the greater the better.

    Most records have as many fields as the header, and more than one; of several such delimiters the one by which more
    records have them, and then the one that is more often in the header, outside of quotes.
    """
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    widths = [len(record) for record in records if "".join(record).strip()] or [0]
    usual = max(set(widths), key=widths.count)
    share = widths.count(usual) / len(widths) if usual > 1 and widths[0] > 1 else 0.0
    header = next((line for line in text.splitlines() if line.strip()), "")
    return (
        usual > 1 and usual == widths[0],
        share,
        sum(len(re.findall(re.escape(delimiter) + r"(?! )", part)) for part in header.split('"')[::2]),
    )
