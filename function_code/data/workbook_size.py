"""The size of a workbook, checked before it is opened: its cells are held in memory, also those that are empty."""

import re
import zipfile
from typing import IO

from function_code.data.compression import ZIP_ERRORS
from function_code.errors import Refused

MAX_UNPACKED_BYTES = 2 << 30
MAX_CELLS = 1 << 25  # of the rectangle around all cells that are filled; each takes 32 bytes
READ_BYTES = 1 << 20
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# The name of a cell that is filled; one that is not ends by a slash.
CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*\s)?r="([A-Z]{1,3})(\d{1,7})"(?:[^<>]*[^<>/])?>')
ERROR = b' t="e"'


def check_size(file: IO[bytes], name: str) -> int:
    """The number of cells that hold errors, which calamine takes for empty ones.

    Raises Refused if a workbook is damaged, or would take too much memory.
    """
    errors = 0
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > MAX_UNPACKED_BYTES:
                raise Refused(f"{name} is {size:,} bytes when it is unpacked; save its sheet as CSV UTF-8")
            for member in archive.namelist():
                with archive.open(member) as part:  # to the end: sizes and checksums are compared there
                    rows, columns, wrong = _scan(part) if SHEET.fullmatch(member) else _exhaust(part)
                errors += wrong
                if rows * columns > MAX_CELLS:
                    raise Refused(
                        f"a sheet of {name} spans {rows:,} rows and {columns:,} columns; delete what is far from the "
                        "table, or save the table as CSV UTF-8"
                    )
    except ZIP_ERRORS as error:
        raise Refused(f"{name} is damaged ({error}); save its sheet again, or as CSV UTF-8") from None
    file.seek(0)
    return errors


def _exhaust(part: IO[bytes]) -> tuple[int, int, int]:
    while part.read(READ_BYTES):
        pass
    return 0, 0, 0


def _scan(part: IO[bytes]) -> tuple[int, int, int]:
    """The numbers of the last row and of the last column with a value, and how many cells hold errors."""
    columns: set[bytes] = set()
    last_row, errors, rest = 0, 0, b""
    while block := part.read(READ_BYTES):
        text = rest + block
        end = max(text.rfind(b"<"), 0)  # of what has no tag that goes on in the next block
        text, rest = text[:end], text[end:]
        cells = CELL.findall(text)
        columns |= {letters for letters, _ in cells}
        last_row = max(last_row, max(map(int, {row for _, row in cells}), default=0))
        errors += text.count(ERROR)
    return last_row, max(map(_number, columns), default=0), errors


def _number(letters: bytes) -> int:
    """The number of a column by its letters."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
