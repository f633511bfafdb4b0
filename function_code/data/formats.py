"""The format of a file of rows, recognised by its content."""

from collections.abc import Collection
from pathlib import Path
from typing import IO

from function_code.data import csv_file, json_rows, parquet, workbook
from function_code.data.blocks import Blocks
from function_code.data.compression import UNPACKING_ERRORS, ZIP, unpacked
from function_code.errors import Refused

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how files begin that Office wrote before 2007, and those under a password
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
SAMPLE_BYTES = 4_096  # that show which format it is


def typed_blocks(
    file: IO[bytes], name: str, encoding: str = "", sheet: str = "", columns: Collection[str] = ()
) -> Blocks | None:
    """The blocks of a file whose values have types of their own: Parquet, Excel or JSON; None for any other file.

    The file, which is not compressed, is then at its beginning. `columns` are names that its header may have. Raises
    Refused if it is damaged.
    """
    beginning = file.read(SAMPLE_BYTES)
    file.seek(0)
    if beginning.startswith(parquet.MAGIC):
        return parquet.ParquetBlocks(file, name)
    if beginning.startswith(ZIP):  # one of one file would have been unpacked
        return workbook.WorkbookBlocks(file, name, sheet, columns)
    if beginning.startswith(OLE):
        what = "a workbook under a password" if ENCRYPTED in file.read() else "an old Excel workbook (.xls)"
        raise Refused(f"{name} is {what}; save it as .xlsx without one, or its sheet as CSV UTF-8")
    return json_rows.JsonBlocks(file, name, encoding) if json_rows.is_json(beginning) else None


def read_header(path: str | Path, encoding: str = "", sheet: str = "", columns: Collection[str] = ()) -> list[str]:
    """The column names of a file, which may be compressed; `columns` are those that are known.

    Raises Refused if it is no table.
    """
    try:
        with open(path, "rb") as file:
            content = unpacked(file, str(path))
            blocks = typed_blocks(content, str(path), encoding, sheet, columns)
            if blocks:
                return blocks.header
            return csv_file.sniff(content.read(csv_file.HEADER_BYTES), str(path), encoding, columns).header
    except (OSError, *UNPACKING_ERRORS) as error:
        raise Refused(f"dataset {path} cannot be read: {error.args[-1]}") from None
