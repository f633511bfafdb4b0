"""A file as blocks of rows, each as columns of what stands in it."""

import csv
import io
import warnings
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

import pandas as pd

from function_code.data.csv_file import BEGINNING, MISSING_WORDS, sniff
from function_code.errors import Refused

ROWS = 8_192  # of a block
BUFFER = 1 << 20  # bytes
# What a rejects file has beside the columns of the file itself: mended, it can be put in again as it is.
ROW, REASON = "rejected_row", "rejected_because"


@dataclass
class Block:
    """So many rows by column; `first` is the number of the first one, from 1.

    `broken` says of rows, by their index, why they are none.
    """

    first: int
    count: int
    columns: Mapping[str, Sequence[Any]]
    broken: dict[int, str] = field(default_factory=dict)


class Blocks(Protocol):
    """The blocks of a file, read one at a time."""

    header: list[str]
    decimal_comma: bool
    """Whether numbers in texts may be written as 3,14."""

    def __iter__(self) -> Iterator[Block]:
        """Raises Refused if the file turns out to be broken."""


class CsvBlocks:
    """The blocks of a CSV file. Raises Refused if it is none.

    pandas reads it, which takes a fifth of the time, up to the first rows that are not as they should be; from there on
    each row is looked at. `numbers` are the columns to be read as such.
    """

    def __init__(self, file: io.RawIOBase, name: str, numbers: Container[str]) -> None:
        self._file = io.BufferedReader(file, BUFFER)
        self._name, self._read = name, sniff(self._file.read(BEGINNING), name)
        self.header = self._read.header
        self.decimal_comma = self._read.delimiter == ";"
        self._whole = False
        self._numbers = [column for column in self.header if column in numbers]

    def __iter__(self) -> Iterator[Block]:
        """As of all Blocks."""
        done = 0
        for frame in self._frames():
            yield Block(done + 1, len(frame), _Lists(frame))
            done += len(frame)
        if not self._whole:
            yield from self._carefully(done)

    def _frames(self) -> Iterator[pd.DataFrame]:
        """What pandas reads without complaint; `_whole` says whether that is all there is."""
        self._file.seek(0)
        try:
            frames = pd.read_csv(
                self._file,
                sep=self._read.delimiter,
                encoding=self._read.encoding,
                names=self.header,
                header=0,
                dtype={column: "float64" if column in self._numbers else object for column in self.header},
                keep_default_na=False,
                na_values={column: sorted(MISSING_WORDS) for column in self._numbers},
                index_col=False,
                skipinitialspace=True,
                chunksize=ROWS,
            )
            with frames:
                while (frame := _without_warnings(frames)) is not None:
                    if _may_be_short(frame):
                        return
                    yield frame
            self._whole = True
        except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning):
            return

    def _carefully(self, done: int) -> Iterator[Block]:
        """The blocks after so many rows."""
        self._file.seek(0)
        # Detached in the end: a wrapper that goes takes its file along.
        text = io.TextIOWrapper(self._file, self._read.encoding, newline="")
        lines = csv.reader(text, delimiter=self._read.delimiter, skipinitialspace=True)
        records = (record for record in lines if len(record) > 1 or "".join(record).strip())
        try:
            next(islice(records, done, None), None)  # the header, and what is done
            while taken := list(islice(records, ROWS)):
                yield self._block(done + 1, taken)
                done += len(taken)
        except UnicodeDecodeError as error:
            raise Refused(f"{self._name} is not UTF-8 after row {done} ({error.reason})") from None
        except csv.Error as error:
            raise Refused(f"line {lines.line_num} of {self._name} is no CSV: {error}") from None
        finally:
            text.detach()

    def _block(self, first: int, records: list[list[str]]) -> Block:
        width = len(self.header)
        broken = {}
        if set(map(len, records)) != {width}:
            for index, record in enumerate(records):
                if len(record) != width:
                    broken[index] = f"it has {len(record)} fields, but the header has {width}"
                    records[index] = (record + [""] * width)[:width]
        columns = dict(zip(self.header, zip(*records, strict=True), strict=True))
        return Block(first, len(records), columns, broken)


class _Lists(Mapping[str, list[Any]]):
    """The columns of a frame as lists, made when they are asked for."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._made: dict[str, list[Any]] = {}

    def __getitem__(self, column: str) -> list[Any]:
        if column not in self._made:
            self._made[column] = self._frame[column].tolist()
        return self._made[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._frame.columns)

    def __len__(self) -> int:
        return self._frame.shape[1]


def _without_warnings(frames: Iterator[pd.DataFrame]) -> pd.DataFrame | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # of rows that are too long
        return next(frames, None)


def _may_be_short(frame: pd.DataFrame) -> bool:
    """Whether rows may have too few fields, which pandas fills up."""
    last = frame.iloc[:, -1]
    return bool(last.isna().any() or (last == "").any())
