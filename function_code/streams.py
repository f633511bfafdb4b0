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
    Ask = Callable[[Callable[[], Answer]], Answer]

PIECE = 4 << 20  # bytes that are read by one request
PART = 8 << 20  # bytes that are sent by one; but for the last one S3 takes no part of less than 5 MiB


class Reading(io.RawIOBase):
    """An object as a file to read; a piece is asked for when it is needed. `ask` translates what the store raises."""

    def __init__(self, objects: ObjectStore, key: str, ask: Ask[Any]) -> None:
        self._ask = ask
        self._file = ask(lambda: obstore.open_reader(objects, key, buffer_size=PIECE))
        self.size: int = self._file.size

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As of any raw file."""
        found = self._ask(lambda: self._file.read(len(buffer)))
        buffer[: len(found)] = memoryview(found)
        return len(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of any file."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """As of any file."""
        return int(self._file.tell())


class Writing:
    """What `written` gives."""

    def __init__(self, file: Any, ask: Ask[Any]) -> None:
        self._file, self._ask = file, ask

    def write(self, data: bytes) -> None:
        """Appends to the object. Raises as every method of a store does."""
        self._ask(lambda: self._file.write(data))


@contextmanager
def written(objects: ObjectStore, key: str, ask: Ask[Any]) -> Iterator[Writing]:
    """A new object to write to: there as a whole at the end, and not at all after an exception."""
    file = ask(lambda: obstore.open_writer(objects, key, buffer_size=PART))
    try:
        yield Writing(file, ask)
    except BaseException as error:
        file.__exit__(type(error), error, error.__traceback__)  # which forgets it
        raise
    ask(file.close)
