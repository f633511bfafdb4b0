"""Compressed files as what they hold, told by how they begin: gzip, bzip2, xz, zstd, and zip of one file."""

import bz2
import gzip
import io
import lzma
import struct
import sys
import zipfile
import zlib
from importlib import import_module
from typing import IO, Any, cast

from function_code.errors import Refused

GZIP, BZIP2, XZ, ZIP, ZSTANDARD = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
# The standard library's own from Python 3.14 on, and before that the same for older ones.
zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
UNPACKING_ERRORS = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, zlib.error, zstd.ZstdError)
# What a damaged or encrypted zip raises when it is opened or read.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
# What is a file of several in a zip, by a member that only it has.
WORKBOOK = "xl/workbook.xml"
OTHER_ZIPS = {
    "xl/workbook.bin": "a binary Excel workbook (.xlsb); save it as .xlsx",
    "content.xml": "an OpenDocument file; save its sheet as .xlsx",
    "word/document.xml": "a Word document; copy the table into a spreadsheet",
}


def unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    """The file itself, or what it holds if it is compressed, to be read from its beginning.

    A workbook is itself, though it is a zip. Raises Refused if it is a zip of several files, or compressed by what
    there is no reader for.
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
        return cast("IO[bytes]", zstd.ZstdFile(file))
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
            file.seek(0)
            return file
        for member, what in OTHER_ZIPS.items():
            if member in names:
                raise Refused(f"{name} is {what}, or as CSV UTF-8")
        if len(names) != 1:
            raise Refused(f"{name} is a zip of {len(names)} files ({', '.join(names[:3])}); one is wanted")
        return archive.open(names[0])
    except ZIP_ERRORS as error:
        raise Refused(f"{name} cannot be unpacked: {error}") from None
