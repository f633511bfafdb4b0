"""Recognition of a CSV file by its beginning: encoding, delimiter, header. Standard library only."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from function_code.errors import Refused

DELIMITERS = ",;\t|"
HEADER_BYTES = 1 << 20  # in which the header must end
MIN_ID_VALUES = 50  # distinct texts, from which on a mostly distinct column counts as an id or free text


@dataclass(frozen=True)
class CsvFile:
    """The format of a file, and its column names without the spaces around them."""

    encoding: str
    delimiter: str
    header: list[str]


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
    return [name.strip() for name in names]


def read_header(path: str | Path) -> list[str]:
    """The column names of a CSV file. Raises Refused as `sniff` does."""
    try:
        with open(path, "rb") as file:
            return sniff(file.read(HEADER_BYTES), str(path)).header
    except OSError as error:
        raise Refused(f"dataset {path} cannot be read: {error.strerror}") from None


def sniff(beginning: bytes, name: str) -> CsvFile:
    """Recognises a CSV file by its beginning. Raises Refused if its columns have no distinct names."""
    encoding = _encoding(beginning)
    try:
        # The beginning may end in the middle of a character, which is not an error of the file.
        text = _decode(beginning, encoding)
    except UnicodeDecodeError as error:
        raise Refused(
            f"{name} is not UTF-8 (byte {error.start} is {beginning[error.start]:#x}); save it as CSV UTF-8"
        ) from None
    if "\0" in text[:1000]:
        raise Refused(f"{name} is not a CSV file: it contains NUL bytes")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise Refused(f"{name} is empty: a CSV file begins with a line of column names")
    delimiter = max(DELIMITERS, key=lambda mark: _outside_quotes(first, mark))
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(([column.strip() for column in record] for record in records if "".join(record).strip()), [""])
    for position, column in enumerate(header, 1):
        if not column:
            raise Refused(f"column {position} of {name} has no name (an exported row index?); name it or remove it")
    repeated = sorted({column for column in header if header.count(column) > 1})
    if repeated:
        raise Refused(
            f"{name} has more than one column named {', '.join(map(repr, repeated))}; rename or remove all but one"
        )
    return CsvFile(encoding, delimiter, header)


def hardly_repeats(distinct: int, filled: int) -> bool:
    """Says whether a column of so many distinct texts in so many fields is an id or free text, and no category."""
    return distinct >= MIN_ID_VALUES and distinct > 0.5 * filled


def _encoding(beginning: bytes) -> str:
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8-sig"


def _decode(beginning: bytes, encoding: str) -> str:
    import codecs

    return codecs.getincrementaldecoder(encoding)().decode(beginning, final=len(beginning) < HEADER_BYTES)


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])
