"""A zip archive of members that are compressed already, and the members of wheels, to be written as they are.

Python's zipfile compresses again whatever it writes, with the machine's zlib, and no two kinds of zlib (zlib, zlib-ng,
Apple's) make the same bytes. Here the compressed bytes that whoever built a wheel once uploaded, and whose hash is
locked, reach the archive untouched: it is the same on each machine, and made as fast as files are copied. What is not
from a wheel is stored as it is.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile
from zlib import crc32

from function_code.errors import Refused

# PKWARE's APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16.
LOCAL, CENTRAL, END = "<4s5H3L2H", "<4s6H3L5H2L", "<4s4H2LH"
LOCAL_SIZE, LOCAL_LENGTHS = struct.calcsize(LOCAL), 26  # of a local header, where the lengths of its end are
VERSION = 20  # of the format: what deflate needs
UNIX = 3  # the system that made it, one with modes
UTF8 = 1 << 11
EPOCH = (0 << 9 | 1 << 5 | 1, 0)  # 1980-01-01 00:00, the first date that there is
REGULAR = 0o100000
MAX_MEMBERS, MAX_BYTES = 0xFFFF, 0xFFFFFFFF  # beyond is zip64, which nobody has deployed as a function


@dataclass(frozen=True)
class Member:
    """A file of an archive: `data` is its contents, compressed by `method`."""

    data: bytes
    method: int
    crc: int
    size: int
    """The unpacked size in bytes."""
    executable: bool = False


def stored(data: bytes) -> Member:
    """A member with these contents, not compressed."""
    return Member(data, ZIP_STORED, crc32(data), len(data))


def members(wheel: Path) -> Iterator[tuple[str, Member]]:
    """Names and members of a wheel's files. Raises Refused if it is none, or is compressed in an unusual way."""
    with ZipFile(wheel) as archive, wheel.open("rb") as file:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise Refused(f"{wheel.name} is compressed in a way that functions can't unpack")
            file.seek(info.header_offset)
            header = file.read(LOCAL_SIZE)
            file.seek(sum(struct.unpack_from("<2H", header, LOCAL_LENGTHS)), 1)
            data = file.read(info.compress_size)
            executable = bool(info.external_attr >> 16 & 0o111)
            yield info.filename, Member(data, info.compress_type, info.CRC, info.file_size, executable)


def write(path: Path, contents: Iterable[tuple[str, Member]]) -> None:
    """Writes an archive. Raises Refused if it has more files or bytes than the format takes without extensions."""
    central = bytearray()
    count = 0
    with path.open("wb") as file:
        for count, (name, member) in enumerate(contents, 1):
            if count > MAX_MEMBERS or file.tell() + len(member.data) + len(central) > MAX_BYTES:
                raise Refused(f"{path.name} would have more files than a zip archive takes")
            central += _append(file, name.encode(), member)
        start = file.tell()
        file.write(central)
        file.write(struct.pack(END, b"PK\5\6", 0, 0, count, count, len(central), start, 0))


def _append(file: BinaryIO, name: bytes, member: Member) -> bytes:
    """Writes a member; returns its entry for the directory at the end."""
    offset = file.tell()
    mode = REGULAR | (0o755 if member.executable else 0o644)
    common = (
        VERSION, UTF8, member.method, EPOCH[1], EPOCH[0], member.crc, len(member.data), member.size, len(name), 0,
    )  # fmt: skip
    file.write(struct.pack(LOCAL, b"PK\3\4", *common))
    file.write(name)
    file.write(member.data)
    entry = struct.pack(CENTRAL, b"PK\1\2", UNIX << 8 | VERSION, *common, 0, 0, 0, mode << 16, offset)
    return entry + name
