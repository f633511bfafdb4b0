"""Parquet files as blocks of rows, read by arro3: Rust's Parquet reader, a tenth of the size of pyarrow.

pyarrow would also change what pandas does where it is installed.
"""

import io
import os
from collections.abc import Callable, Iterator
from typing import IO, Any

from function_code.data.blocks import BLOCK_ROWS, Block
from function_code.data.column_names import name_notes
from function_code.data.header import check_header
from function_code.data.native_errors import refuse_damage
from function_code.errors import Refused

END_BYTES = 8  # the length of what describes the file, and MAGIC
MAGIC = b"PAR1"  # at the beginning and at the end of such a file
BUFFER_BYTES = 1 << 20
PANDAS_INDEX = "__index_level_"  # how the name of a column begins that pandas made of its numbers of rows


class ParquetBlocks:
    """The blocks of a Parquet file. Raises Refused if it is damaged."""

    decimal_comma = False

    def __init__(self, file: IO[bytes], name: str) -> None:
        # Imported here, as below: most files are CSV.
        from arro3.io import read_parquet

        from function_code.data.arrow_block import names_of

        _check_end(file, name)
        self._name, self._file = name, _ErrorKeepingReader(file, BUFFER_BYTES)  # type: ignore[arg-type]
        self._batches = self._call(lambda: read_parquet(self._file, batch_size=BLOCK_ROWS))
        self._fields = [
            (index, field)
            for index, field in enumerate(self._batches.schema)
            if not field.name.startswith(PANDAS_INDEX)
        ]
        names = [name for _, field in self._fields for name in names_of(field)]
        self.header = check_header(names, name)
        self.notes = name_notes(name, names, self.header)
        if len(self._fields) < len(self._batches.schema):
            self.notes.append(f"the row index of a pandas frame in {name} is left out: it is no column of the table")

    def __iter__(self) -> Iterator[Block]:
        """Yields the blocks. Raises Refused if the file turns out to be broken."""
        from function_code.data.arrow_block import ArrowBlock, ArrowColumns, leaves_of

        batches, first = iter(self._batches), 1
        while (batch := self._call(lambda: next(batches, None))) is not None:
            arrays = [array for index, _ in self._fields for array in leaves_of(batch.column(index))]
            yield ArrowBlock(first, batch.num_rows, ArrowColumns(dict(zip(self.header, arrays, strict=True))))
            first += batch.num_rows

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return refuse_damage(call, lambda line: f"{self._name} cannot be read as Parquet: {line}")
        except Refused:
            if self._file.error:
                raise self._file.error from None
            raise


def _check_end(file: IO[bytes], name: str) -> None:
    """Raises Refused for a file that was cut off: the reader would say so in a panic of its own, on stderr."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END_BYTES))
    end = file.read(END_BYTES)
    file.seek(0)
    if end[-len(MAGIC) :] != MAGIC or int.from_bytes(end[: -len(MAGIC)], "little") + END_BYTES > size:
        raise Refused(f"{name} cannot be read as Parquet: its end is missing or damaged")


class _ErrorKeepingReader(io.BufferedReader):
    """A reader that keeps what it raised: through arro3 comes no more than the text."""

    error: Exception | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except Exception as error:
            self.error = error
            raise
