"""Objects of a store as files: read and written piece by piece, however large they are."""

from __future__ import annotations

import io
from contextlib import contextmanager

import obstore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from obstore.store import ObjectStore

    Answer = TypeVar("Answer")
    CallStore = Callable[[Callable[[], Answer]], Answer]

READ_BYTES = 4 << 20  # by one request
PART_BYTES = 8 << 20  # by one request; but for the last one S3 takes no part of less than 5 MiB


class ObjectReader(io.RawIOBase):
    """An object as a file to read, piece by piece as needed. `call_store` translates what the store raises."""

    def __init__(self, objects: ObjectStore, key: str, call_store: CallStore[Any]) -> None:
        self._call_store = call_store
        self._file = call_store(lambda: obstore.open_reader(objects, key, buffer_size=READ_BYTES))
        self.size: int = self._file.size

    def readable(self) -> bool:
        """Says that the file is readable."""
        return True

    def seekable(self) -> bool:
        """Says that the file is seekable."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads into the buffer, as any raw file does."""
        data = self._call_store(lambda: self._file.read(len(buffer)))
        buffer[: len(data)] = memoryview(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position, as in any file."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """The position, as in any file."""
        return int(self._file.tell())


class ObjectWriter:
    """An object to write to, as `open_writer` gives it."""

    def __init__(self, file: Any, call_store: CallStore[Any]) -> None:
        self._file, self._call_store = file, call_store

    def write(self, data: bytes) -> None:
        """Appends to the object. Raises as every method of a store does."""
        self._call_store(lambda: self._file.write(data))


@contextmanager
def open_writer(objects: ObjectStore, key: str, call_store: CallStore[Any]) -> Iterator[ObjectWriter]:
    """A new object to write to: there as a whole at the end, and not at all after an exception."""
    file = call_store(lambda: obstore.open_writer(objects, key, buffer_size=PART_BYTES))
    try:
        yield ObjectWriter(file, call_store)
    except BaseException as error:
        file.__exit__(type(error), error, error.__traceback__)  # which forgets it
        raise
    call_store(file.close)
