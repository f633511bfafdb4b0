"""Compressed files as what they hold, told by how they begin: gzip, bzip2, xz, and zip of one file."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from typing import IO, cast

from function_code.errors import Refused

GZIP, BZIP2, XZ, ZIP, ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
UNPACKING_ERRORS = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
WORKBOOK = "xl/workbook.xml"  # in the zip that an .xlsx is


def unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    """The file itself, or what it holds if it is compressed, to be read from its beginning.

    Raises Refused if it is a zip of several files, or compressed by what there is no reader for.
    """
    beginning = file.read(len(XZ))
    file.seek(0)
    if beginning.startswith(GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if beginning.startswith(BZIP2):
        return bz2.BZ2File(file)
    if beginning.startswith(XZ):
        return lzma.LZMAFile(file)
    if beginning.startswith(ZSTANDARD):
        raise Refused(f"{name} is compressed by zstd; unpack it, or compress it by gzip")
    return _member(file, name) if beginning.startswith(ZIP) else file


def unpack(data: bytes, name: str) -> bytes:
    """The bytes of a file that may be compressed. Raises Refused, also if it is cut off or damaged."""
    file = unpacked(io.BytesIO(data), name)
    if isinstance(file, io.BytesIO):
        return data
    try:
        return file.read()
    except (*UNPACKING_ERRORS, OSError, ValueError) as error:
        raise Refused(f"{name} cannot be unpacked: {error}") from None


def _member(file: IO[bytes], name: str) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(file)
        names = [each for each in archive.namelist() if not each.endswith("/") and not each.startswith("__MACOSX/")]
        if WORKBOOK in names:
            raise Refused(f"{name} is an Excel workbook; save its sheet as CSV UTF-8")
        if len(names) != 1:
            raise Refused(f"{name} is a zip of {len(names)} files ({', '.join(names[:3])}); one is wanted")
        return archive.open(names[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise Refused(f"{name} cannot be unpacked: {error}") from None
