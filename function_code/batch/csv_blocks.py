"""CSV files as blocks of rows."""

import csv
import warnings
from collections.abc import Collection, Container, Iterator, Mapping
from itertools import islice
from typing import IO, Any

import pandas as pd

from function_code.data.blocks import BLOCK_ROWS, Block
from function_code.data.compression import UNPACKING_ERRORS
from function_code.data.csv_file import HEADER_BYTES, sniff, text_from_header
from function_code.data.encoding import named
from function_code.data.quotes import LineKeeper
from function_code.dialects.missing import USUAL
from function_code.errors import Refused


class CsvBlocks:
    """The blocks of a CSV file. Raises Refused if it is none.

    pandas reads it, which takes a fifth of the time, up to the first rows that are not as they should be; from there on
    each row is looked at by itself. `numbers` are the columns to be read as such, `columns` those that there may be.
    """

    def __init__(
        self, file: IO[bytes], name: str, numbers: Container[str], encoding: str = "", columns: Collection[str] = ()
    ) -> None:
        self._file = file
        try:
            self._name, self._format = name, sniff(self._file.read(HEADER_BYTES), name, encoding, columns)
        except UNPACKING_ERRORS as error:
            raise Refused(f"{name} cannot be unpacked: {error}") from None
        self.header = self._format.header
        self.decimal_comma = self._format.delimiter == ";"
        self.notes = list(self._format.notes)
        self._is_complete = False
        self._numbers = [column for column in self.header if column in numbers]

    def __iter__(self) -> Iterator[Block]:
        """Yields the blocks. Raises Refused if the file turns out to be broken."""
        count = 0
        try:
            for frame in self._frames():
                yield Block(count + 1, len(frame), _ColumnLists(frame))
                count += len(frame)
            if not self._is_complete:
                yield from self._read_carefully(count)
        except UNPACKING_ERRORS as error:
            raise Refused(f"{self._name} cannot be unpacked after row {count}: {error}") from None

    def _frames(self) -> Iterator[pd.DataFrame]:
        """Yields what pandas reads without complaint; `_is_complete` says whether that is all there is."""
        if not self._begins_well():
            return
        self._file.seek(0)
        text = text_from_header(self._file, self._format)
        try:
            frames = pd.read_csv(
                text,
                sep=self._format.delimiter,
                names=self.header,
                header=0,
                dtype={name: "float64" if name in self._numbers else object for name in self.header},
                keep_default_na=False,
                na_values={column: sorted(USUAL) for column in self._numbers},
                index_col=False,
                skipinitialspace=True,
                chunksize=BLOCK_ROWS,
            )
            with frames:
                while (frame := _without_warnings(frames)) is not None:
                    if _may_be_short(frame) or _has_line_breaks(frame):
                        return
                    yield frame
            self._is_complete = True
        except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning):
            return
        finally:
            text.detach()  # a wrapper that goes takes its file along

    def _begins_well(self) -> bool:
        """Says whether the first row is as wide as the header.

        Where it is wider by an empty field, pandas drops that of all rows without a word; where another one is, it
        complains.
        """
        self._file.seek(0)
        text = text_from_header(self._file, self._format)
        try:
            records = csv.reader(text, delimiter=self._format.delimiter, skipinitialspace=True)
            _, *rows = islice(filter(None, records), 2)
            return all(len(row) == len(self.header) for row in rows)
        except (UnicodeDecodeError, csv.Error):
            return False
        finally:
            text.detach()

    def _read_carefully(self, count: int) -> Iterator[Block]:
        """Yields the blocks after `count` rows, looking at each row."""
        self._file.seek(0)
        text = text_from_header(self._file, self._format)
        lines = LineKeeper(text, self._format.skipped_lines)
        records = self._records(lines)
        try:
            next(islice(records, count, None), None)  # the header, and the rows before
            while chunk := list(islice(records, BLOCK_ROWS)):
                yield self._block(count + 1, chunk)
                count += len(chunk)
        except UnicodeDecodeError as error:
            raise Refused(
                f"{self._name} is not {named(self._format.encoding)} after row {count} ({error.reason})"
            ) from None
        except csv.Error as error:
            raise Refused(f"line {lines.number} of {self._name} is no CSV: {error}") from None
        finally:
            text.detach()

    def _records(self, lines: LineKeeper) -> Iterator[tuple[list[str], str]]:
        """Yields the records that are not blank, each with the reason why it is no row, or ""."""
        width = len(self.header)
        for record in csv.reader(lines, delimiter=self._format.delimiter, skipinitialspace=True):
            swallowed = lines.swallowed(self._format.delimiter)
            if len(record) > 1 or "".join(record).strip():
                short = f"it has {len(record)} fields, but the header has {width}" if len(record) != width else ""
                yield (record + [""] * width)[:width], swallowed or short

    def _block(self, first: int, chunk: list[tuple[list[str], str]]) -> Block:
        records = [record for record, _ in chunk]
        broken = {index: reason for index, (_, reason) in enumerate(chunk) if reason}
        columns = dict(zip(self.header, zip(*records, strict=True), strict=True))
        return Block(first, len(records), columns, broken)


class _ColumnLists(Mapping[str, list[Any]]):
    """The columns of a frame as lists, made when they are asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._lists: dict[str, list[Any]] = {}

    def __getitem__(self, column: str) -> list[Any]:
        if column not in self._lists:
            self._lists[column] = self._frame[column].tolist()
        return self._lists[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frame.columns)

    def __len__(self) -> int:
        return self._frame.shape[1]


def _without_warnings(frames: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # of rows that are too long
        return next(frames, None)


def _has_line_breaks(frame: pd.DataFrame) -> bool:
    """Says whether fields hold line breaks, which a quote that was opened by mistake makes of rows."""
    texts = [name for name in frame if frame[name].dtype == object]
    return any("\n" in "".join(frame[name]) for name in texts)


def _may_be_short(frame: pd.DataFrame) -> bool:
    """Says whether rows may have too few fields, which pandas fills up."""
    last = frame.iloc[:, -1]
    return bool(last.isna().any() or (last == "").any())
