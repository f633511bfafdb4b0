"""A stand-in for a public table: its columns, forms and habits, with rows drawn by a seed and a known best R2."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from function_code.training.table import Array

HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class StandIn:
    """Columns of texts by name, the target's among them, and the target's `expected` values given all of the causes."""

    columns: dict[str, list[str]]
    target: str
    expected: Array
    encoding: str = "utf-8"

    def divided(self) -> tuple[bytes, bytes, Array, Array]:
        """Two files, one to train on and one of held-out rows, and of these the targets and their expected values."""
        held_out = np.random.default_rng(0).random(len(self.expected)) < HELD_OUT_SHARE
        actual = np.array(self.columns[self.target], dtype=float)[held_out]
        return self._file(~held_out), self._file(held_out), actual, self.expected[held_out]

    def _file(self, chosen: Array) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        rows = zip(*self.columns.values(), strict=True)
        writer.writerows(row for row, is_chosen in zip(rows, chosen, strict=True) if is_chosen)
        return text.getvalue().encode(self.encoding)


def r2(actual: Array, predicted: Array) -> float:
    """The share of the variance that is explained."""
    return 1 - float(np.sum((actual - predicted) ** 2) / np.sum((actual - actual.mean()) ** 2))


def popularity(count: int, exponent: float) -> Array:
    """Shares of the most frequent, the second most frequent, ...: a power law, as names and streets have it."""
    shares = 1.0 / np.arange(1, count + 1) ** exponent
    return np.asarray(shares / shares.sum())


def blanked(texts: list[str], blank: Array) -> list[str]:
    """The texts, empty where `blank` is true."""
    return ["" if is_blank else text for text, is_blank in zip(texts, blank, strict=True)]
