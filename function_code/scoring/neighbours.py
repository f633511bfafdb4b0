"""Recommendations from a user's history, by tables of how much each item says for each other one.

The score of an item is its popularity, and from each item of the history the weight that this has for it, times
0.5 ** (steps back / half_life). A step is a moment at which the user took one item or several.

The tables (base64 of little-endian arrays): `popularity` (float64, one for each item), `counts` (uint16, how many
neighbours an item has), `neighbours` (uint16, the numbers of those, item after item) and `weights` (int16, one for each
neighbour, in units of `unit`). `half_life` is a number, or null where all steps count alike. Of the two long tables the
part of an item is decoded when a history has it: a start would take a tenth longer if all of them were.
"""

from __future__ import annotations

from binascii import a2b_base64

from function_code.scoring.scorer import Scorer
from function_code.scoring.tree_tables import unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any

    from function_code.schema import Row

    Steps = Sequence[Collection[int]]  # the numbers of the items of each step, the latest step last

BYTES = 2  # of a neighbour's number, and of its weight
TOP = 10  # items that are recommended where nobody asks for more or fewer


class Neighbours(Scorer):
    """The tables, ready to recommend. A row is the steps of a history (see `history_checks.check_histories`)."""

    def __init__(self, tables: dict[str, Any]) -> None:
        super().__init__(None, None)
        self._popularity: list[float] = list(unpack("d", tables["popularity"]))
        self._half_life: float | None = tables["half_life"]
        self._neighbours: str = tables["neighbours"]
        self._weights: str = tables["weights"]
        self._unit: float = tables["unit"]
        starts, start = [], 0
        for count in unpack("H", tables["counts"]):
            starts.append(start)
            start += count
        self._starts = [*starts, start]

    def score(self, rows: list[Row]) -> list[list[float]]:
        """The score of every item for each row, of those in its history, too."""
        return [self._scores(steps) for steps, *_ in rows]

    def recommend(self, steps: Steps, excluded: Collection[int], top: int) -> list[tuple[int, float]]:
        """The `top` items with the highest scores, and these; of equal ones the first.

        What is in the history or `excluded` is not among them.
        """
        scores = self._scores(steps)
        owned = set(excluded).union(*steps)
        able = (number for number in range(len(scores)) if number not in owned)
        return [(number, scores[number]) for number in sorted(able, key=lambda number: -scores[number])[:top]]

    def because(self, steps: Steps, items: Collection[int]) -> list[int | None]:
        """For each of some items the one of the history that adds most to its score; None if none adds anything."""
        most: dict[int, tuple[float, int | None]] = dict.fromkeys(items, (0.0, None))
        for number, share in self._shares(steps):
            for other, units in self._neighbours_of(number):
                if other in most and share * units > most[other][0]:
                    most[other] = share * units, number
        return [most[item][1] for item in items]

    def _scores(self, steps: Steps) -> list[float]:
        scores = self._popularity.copy()
        for number, share in self._shares(steps):
            for other, units in self._neighbours_of(number):
                scores[other] += share * units
        return scores

    def _neighbours_of(self, number: int) -> Iterable[tuple[int, int]]:
        """The neighbours of an item, each with its weight in units."""
        start, end = self._starts[number], self._starts[number + 1]
        return zip(_part("H", self._neighbours, start, end), _part("h", self._weights, start, end), strict=True)

    def _shares(self, steps: Steps) -> list[tuple[int, float]]:
        """The items of a history, each once, and what a unit of a weight counts, by the last step that has them."""
        shares: dict[int, float] = {}
        for back, items in enumerate(reversed(steps)):
            share = self._unit * (0.5 ** (back / self._half_life) if self._half_life else 1.0)
            for number in sorted(items):
                shares.setdefault(number, share)
        return list(shares.items())


def _part(form: str, text: str, start: int, end: int) -> Sequence[int]:
    """The numbers from `start` to `end` of a table, each of BYTES."""
    first, last = start * BYTES, end * BYTES
    # Three bytes are four characters of base64.
    content = memoryview(a2b_base64(text[first // 3 * 4 : -(-last // 3) * 4]))[first % 3 :]
    return content[: last - first].cast(form)  # type: ignore[call-overload, no-any-return]
