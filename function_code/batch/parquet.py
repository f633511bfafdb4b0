"""Parquet files as blocks of rows, read by arro3: Rust's Parquet reader, a tenth of the size of pyarrow.

pyarrow would also change what pandas does where it is installed.
"""

import io
from collections.abc import Callable, Iterator
from typing import IO, Any

from function_code.batch.blocks import BLOCK_ROWS, BUFFER_BYTES, Block
from function_code.errors import Refused

MAGIC = b"PAR1"  # at the beginning and at the end of such a file


class ParquetBlocks:
    """The blocks of a Parquet file. Raises Refused if it is none, or if there is no arro3."""

    decimal_comma = False
    note = ""

    def __init__(self, file: io.RawIOBase, name: str) -> None:
        try:
            from arro3.io import read_parquet
        except ImportError:
            raise Refused(
                f"{name} is Parquet, and there was no room for a reader of that; save it as CSV, or train from an "
                "image (image: true), which has one"
            ) from None
        self._name, self._file = name, _ErrorKeepingReader(file, BUFFER_BYTES)
        if not _is_parquet(self._file):
            raise Refused(f"{name} is not a Parquet file")
        self._batches = self._call(lambda: read_parquet(self._file, batch_size=BLOCK_ROWS))
        self.header: list[str] = list(self._batches.schema.names)

    def __iter__(self) -> Iterator[Block]:
        """Yields the blocks. Raises Refused if the file turns out to be broken."""
        batches, first = iter(self._batches), 1
        while (batch := self._call(lambda: next(batches, None))) is not None:
            columns = {name: batch.column(name).to_pylist() for name in self.header}
            yield Block(first, batch.num_rows, columns)
            first += batch.num_rows

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except BaseException as error:
            if self._file.error:
                raise self._file.error from None
            # A file that is broken makes arro3 panic, which is no Exception.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise Refused(f"{self._name} cannot be read as Parquet: {str(error).splitlines()[0]}") from None


class _ErrorKeepingReader(io.BufferedReader):
    """A reader that keeps what it raised: through arro3 comes no more than the text."""

    error: Exception | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except Exception as error:
            self.error = error
            raise


def _is_parquet(file: IO[bytes]) -> bool:
    start = file.read(len(MAGIC))
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - len(MAGIC)))
    end = file.read(len(MAGIC))
    file.seek(0)
    return size > 2 * len(MAGIC) and start == end == MAGIC
