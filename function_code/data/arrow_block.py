"""Blocks of rows as Arrow has them. arro3, which only some files need, is imported with this module."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from arro3.core import DataType, struct_field

from function_code.data.blocks import Block
from function_code.data.native_errors import refuse_damage
from function_code.data.nested import MARK

TYPES: Any = DataType  # it has a method called bool, which its own annotations mean by bool
NAN = "NaN"  # as Arrow writes it


class ArrowColumns(Mapping[str, list[Any]]):
    """Columns of Arrow as lists of Python's values, made when they are asked for."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays

    def __getitem__(self, column: str) -> list[Any]:
        array = self.arrays[column]
        return _read(column, lambda: _values(array))

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)


@dataclass
class ArrowBlock(Block):
    """A block whose texts Arrow writes, in a tenth of the time."""

    columns: ArrowColumns

    def holds_numbers(self, column: str) -> bool:
        """Says whether a column has numbers, and not texts of them."""
        kind = self.columns.arrays[column].type
        return bool(TYPES.is_numeric(kind) or TYPES.is_decimal(kind))

    def texts(self, column: str) -> list[str]:
        """The texts of a column, as `Block` has them. Raises Refused if a value of a damaged file is none."""
        return _read(column, lambda: self._texts(column))

    def _texts(self, column: str) -> list[str]:
        array = self.columns.arrays[column]
        if not _has_texts(array.type):
            return super().texts(column)
        texts = _listed(array.cast(TYPES.utf8()))
        if TYPES.is_floating(array.type):
            if all(not text or text.endswith((".0", NAN)) for text in texts):  # whole numbers in a column with gaps
                texts = _listed(array.cast(TYPES.int64()).cast(TYPES.utf8()))
            elif NAN in texts:
                texts = ["" if text == NAN else text for text in texts]
        return texts


def _read(column: str, call: Callable[[], list[Any]]) -> list[Any]:
    return refuse_damage(call, lambda line: f"column {column!r} holds a value that cannot be read: {line}")  # type: ignore[no-any-return]


def _listed(texts: Any) -> list[str]:
    """An array of texts as a list, "" for nulls."""
    if texts.null_count:
        return ["" if text is None else text for text in texts.to_pylist()]
    return list(texts.to_numpy())


def _has_texts(kind: Any) -> bool:
    """Says whether Arrow writes values of a type as a CSV file has them."""
    kind = kind.value_type if TYPES.is_dictionary(kind) else kind
    if TYPES.is_timestamp(kind):
        return kind.tz is None
    is_writable = (
        *(TYPES.is_boolean, TYPES.is_numeric, TYPES.is_decimal, TYPES.is_date32),
        *(TYPES.is_string, TYPES.is_large_string, TYPES.is_string_view),
    )
    return any(is_of(kind) for is_of in is_writable)


def _values(array: Any) -> list[Any]:
    """The values of an array as Python's own."""
    kind = array.type
    if TYPES.is_float32(kind) or TYPES.is_float16(kind):
        # The number that has been written, 0.1, and not what 0.1 is among floats of fewer bits.
        array = array.cast(TYPES.utf8()).cast(TYPES.float64())
    elif TYPES.is_timestamp(kind) and kind.tz:  # the zones by their names are not on every machine
        array = array.cast(TYPES.timestamp(kind.time_unit, tz="+00:00"))
    return list(array.to_pylist())


def names_of(field: Any) -> Iterator[str]:
    """Yields the names of the columns that a column is: those of its parts, if it holds structures."""
    if TYPES.is_struct(field.type):
        yield from (f"{field.name}{MARK}{name}" for part in field.type.fields for name in names_of(part))
    else:
        yield field.name


def leaves_of(array: Any) -> Iterator[Any]:
    """Yields the arrays of those columns."""
    if TYPES.is_struct(array.type):
        for index in range(array.type.num_fields):
            yield from leaves_of(struct_field(array, index))
    else:
        yield array
