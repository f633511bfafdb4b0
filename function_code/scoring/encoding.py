"""Encoding of a checked row as the numbers that a model was fitted on: derived numbers, filling, scaling, one-hot.

Every step repeats what the training pipeline does, operation by operation, so that the results are the same to the last
bits. The steps come as JSON tables (see `Encoder`).
"""

from __future__ import annotations

from math import copysign, log1p

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from function_code.schema import Row
    from function_code.scoring.derivation import Derive


class Encoder:
    """Makes the input vector of a model from a row.

    Tables: `width`, the vector's length; `derived`, the tables of what is derived from features (`scoring.derivation`)
    and appended to the row; `logarithms`, the indices of numbers x that become sign(x) * log(1 + |x|) before all else;
    `largest`, if it is there, the number beyond which, or below the negative of which, those of the vector become that
    one; and
    - `raw`: [position, row index], the value as it is, NaN where missing;
    - `scaled`: [position, row index, fill, mean, scale], (value, or fill where missing, - mean) / scale;
    - `missing`: [position, row index, present, absent], one of two numbers, by whether the value is there;
    - `onehot`: [position, row index, {category: offset}, other], a 1 at position + offset; an unlisted category takes
      the offset `other`, or nothing if that is -1.
    """

    def __init__(self, tables: dict[str, Any]) -> None:
        self.tables = tables
        self._derived = _derivations(tables["derived"])
        self._logarithms: list[int] = tables["logarithms"]
        self._raw: list[tuple[int, int]] = tables["raw"]
        self._scaled: list[tuple[int, int, float, float, float]] = tables["scaled"]
        self._missing: list[tuple[int, int, float, float]] = tables["missing"]
        self._onehot: list[tuple[int, int, dict[str, int], int]] = tables["onehot"]
        self._largest: float | None = tables.get("largest")
        self._zeros = [0.0] * tables["width"]
        self.numbers: int = min((part[0] for part in (*self._missing, *self._onehot)), default=tables["width"])
        """The count of the vector's positions before the first that has two values."""

    def encode(self, row: Row) -> list[float]:
        """The input vector, of `width` numbers."""
        if self._derived:
            row = row + [number for index, derive in self._derived for number in derive(row[index])]
        if self._logarithms:
            row = row.copy()
            for index in self._logarithms:
                row[index] = copysign(log1p(abs(row[index])), row[index])
        vector = self._zeros.copy()
        for position, index in self._raw:
            vector[position] = row[index]
        for position, index, fill, mean, scale in self._scaled:
            value = row[index]
            vector[position] = ((value if value == value else fill) - mean) / scale
        for position, index, present, absent in self._missing:
            vector[position] = present if row[index] == row[index] else absent
        for position, index, offsets, other in self._onehot:
            offset = offsets.get(row[index], other)
            if offset >= 0:
                vector[position + offset] = 1.0
        return _clip(vector, self._largest) if self._largest else vector

    def prepare(self, features: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """The columns of features with logarithms where they are taken, and behind them those that are derived."""
        prepared = list(features)
        for index, derive in self._derived:
            numbers = {value: derive(value) for value in set(prepared[index])}
            prepared += zip(*map(numbers.__getitem__, prepared[index]), strict=True)
        for index in self._logarithms:
            prepared[index] = list(map(copysign, map(log1p, map(abs, prepared[index])), prepared[index]))
        return prepared

    def origins(self, features: int) -> list[int]:
        """The index of the feature that each position of the vector comes from; `features` is how many a row has."""
        origins = [0] * len(self._zeros)
        for position, index in (*self._raw, *(s[:2] for s in self._scaled), *(m[:2] for m in self._missing)):
            origins[position] = index
        for position, index, offsets, other in self._onehot:
            for offset in (*offsets.values(), *([other] if other >= 0 else [])):
                origins[position + offset] = index
        rows = [*range(features), *(t["index"] for t in self.tables["derived"] for _ in range(t["width"]))]
        return [rows[index] for index in origins]

    def columns(self, features: Sequence[Sequence[Any]]) -> list[Sequence[float]]:
        """The input vectors of many rows, as `width` columns, from a column for each feature: what `encode` gives."""
        prepared = self.prepare(features)
        zeros = [0.0] * len(prepared[0])
        columns: list[Any] = [zeros] * len(self._zeros)
        for position, index in self._raw:
            columns[position] = prepared[index]
        for position, index, fill, mean, scale in self._scaled:
            columns[position] = [((value if value == value else fill) - mean) / scale for value in prepared[index]]
        for position, index, present, absent in self._missing:
            columns[position] = [present if value == value else absent for value in prepared[index]]
        for position, index, offsets, other in self._onehot:
            one_hot = [zeros.copy() for _ in range(max([*offsets.values(), other]) + 1)]
            for row, category in enumerate(prepared[index]):
                offset = offsets.get(category, other)
                if offset >= 0:
                    one_hot[offset][row] = 1.0
            columns[position : position + len(one_hot)] = one_hot
        return [_clip(column, self._largest) for column in columns] if self._largest else columns


def _clip(values: list[float], largest: float) -> list[float]:
    smallest = -largest
    # A missing value stays: it is not greater, and max() keeps the first of two that cannot be compared.
    return [largest if value > largest else max(value, smallest) for value in values]


def _derivations(tables: list[dict[str, Any]]) -> list[tuple[int, Derive]]:
    """The index of a feature, and the function that derives numbers from it, of each table."""
    if not tables:
        return []
    from function_code.scoring.derivation import derivation  # other models start without it

    return [(table["index"], derivation(table)) for table in tables]
