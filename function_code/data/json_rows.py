"""JSON files as blocks of rows: JSON Lines, an object a line, or one array of objects."""

import codecs
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from function_code.data.blocks import BLOCK_ROWS, Block
from function_code.data.column_names import name_notes
from function_code.data.encoding import named, recognise
from function_code.data.header import check_header
from function_code.data.nested import flatten
from function_code.errors import Refused

SAMPLE_BYTES = 1 << 20  # that show the encoding
MAX_ARRAY_BYTES = 1 << 28  # of a document that is read as a whole
BEGINNING = re.compile(r'\s*(?:\[\s*(?:\{|\]|\[)|\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:))')
EXPECTED_FORM = "write an object a line (JSON Lines), or one array of objects"


def is_json(beginning: bytes) -> bool:
    """Says whether a file that begins so holds JSON objects; a CSV header may begin with [id], too."""
    encoding = recognise(beginning, False)
    return BEGINNING.match(codecs.getincrementaldecoder(encoding)(errors="replace").decode(beginning)) is not None


class JsonBlocks:
    """The blocks of a JSON file, with a column for each key that any row has. Raises Refused if it is no table."""

    decimal_comma = False

    def __init__(self, file: IO[bytes], name: str, encoding: str = "") -> None:
        self._file, self._name = file, name
        beginning = file.read(SAMPLE_BYTES)
        self._encoding = recognise(beginning, len(beginning) < SAMPLE_BYTES, encoding)
        self._is_array = beginning.decode(self._encoding, errors="replace").lstrip().startswith("[")
        keys: dict[str, None] = {}
        count, last = 0, dict[str, Any]()
        for where, last in self._objects():
            keys.update(dict.fromkeys(flatten(last, where)))
            count += 1
        if count == 0:
            raise Refused(f"{name} has no rows: {EXPECTED_FORM}")
        if count == 1 and _holds_a_table(last):
            raise Refused(f"{name} is one JSON object, and no table: {EXPECTED_FORM}")
        self._keys, self.header = list(keys), check_header(keys, name)
        self.notes = name_notes(name, self._keys, self.header)

    def __iter__(self) -> Iterator[Block]:
        """Yields the blocks. Raises Refused if the file turns out to be broken."""
        records, first = (flatten(record, where) for where, record in self._objects()), 1
        while chunk := list(islice(records, BLOCK_ROWS)):
            columns = {
                column: [record.get(key) for record in chunk]
                for column, key in zip(self.header, self._keys, strict=True)
            }
            yield Block(first, len(chunk), columns)
            first += len(chunk)

    def _objects(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yields the rows, with the place of each."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, self._encoding)
        try:
            for where, record in self._documents(text):
                if not isinstance(record, dict):
                    raise Refused(f"{where} of {self._name} is no JSON object: {EXPECTED_FORM}")
                yield f"{where} of {self._name}", record
        except UnicodeDecodeError as error:
            raise Refused(f"{self._name} is not {named(self._encoding)} ({error.reason})") from None
        finally:
            text.detach()  # a wrapper that goes takes its file along

    def _documents(self, text: io.TextIOWrapper) -> Iterator[tuple[str, Any]]:
        """Yields what stands in the file, with the place of each."""
        if self._is_array:
            yield from self._array(text.read(MAX_ARRAY_BYTES))
            return
        for number, line in enumerate(text, 1):
            if not line.isspace():
                yield f"line {number}", self._parse(line, f"line {number} of {self._name}")

    def _array(self, text: str) -> Iterator[tuple[str, Any]]:
        if len(text) >= MAX_ARRAY_BYTES:
            raise Refused(
                f"{self._name} is one JSON array of more than {MAX_ARRAY_BYTES >> 20} MiB; write an object a line"
            )
        yield from ((f"row {number}", record) for number, record in enumerate(self._parse(text, self._name), 1))

    def _parse(self, text: str, where: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(f"{where} is no JSON ({error}): {EXPECTED_FORM}") from None


def _holds_a_table(record: dict[str, Any]) -> bool:
    """Says whether a row is a table in another form: a list of rows in it, or a list or an object for each column."""
    values = list(record.values())
    is_list_of_rows = any(isinstance(value, list) and dict in map(type, value) for value in values)
    return is_list_of_rows or (bool(values) and all(isinstance(value, list | dict) for value in values))
