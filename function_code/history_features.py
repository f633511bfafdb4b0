"""Features of a user at a moment, from that user's events until then.

A definition says which. It is a JSON object:

- `windows`: durations such as "7d", of which each ends at the moment and does not include its beginning
- `trends`: those of the windows that are compared with the one of the same length before
- `items`: the items whose events are counted, each by itself
- `amounts`: whether events have amounts, which are added up

Events count once where another one has the same time, item and, with amounts, amount. A step is a time of one event or
several. What there is nothing to compute from is None: the days since the last event where there is none, the sum of
amounts of which none is known. Times count to the millisecond, so two readers of one text can't differ; sums are exact
before they are rounded (`math.fsum`), so the order of events means nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import accumulate
from math import fsum
from operator import sub

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypedDict

    class Definition(TypedDict):
        """The features of a user that are computed."""

        windows: list[str]
        trends: list[str]
        items: list[str]
        amounts: bool

    Event = tuple[float, str, float | None]  # days since 1970-01-01 UTC, item, amount
    Value = float | str | None

AT = "at"  # the moment
DAYS_SINCE_LAST = "days_since_last"
LAST_ITEM = "last_item"
MAY_BE_UNKNOWN = ("gap_", "amount")  # the beginnings of the names of features that may be None though there are events
OF_ITEM = "events_of_"  # the beginning of the names of the counts of items
MILLISECONDS_OF_DAY = 86_400_000
MILLISECONDS = {"h": MILLISECONDS_OF_DAY // 24, "d": MILLISECONDS_OF_DAY, "w": 7 * MILLISECONDS_OF_DAY}


def milliseconds(duration: str) -> int:
    """The length of a duration, as in 12h, 30d or 4w. Raises ValueError."""
    count, unit = duration[:-1], duration[-1:]
    if (
        unit not in MILLISECONDS
        or not (count.isascii() and count.isdecimal())
        or not count.strip("0")
        or len(count) > 9
    ):
        raise ValueError(f"{duration!r} is no number of hours, days or weeks, such as 12h, 30d or 4w")
    return int(count) * MILLISECONDS[unit]


def instant(days: float) -> int:
    """Days since 1970-01-01 UTC as milliseconds."""
    return round(days * MILLISECONDS_OF_DAY)


def names(definition: Definition) -> list[str]:
    """The names of the features, in their order."""
    windows, has_amounts = definition["windows"], definition["amounts"]
    counted = ["events", "steps", *(["amount"] if has_amounts else [])]
    return [
        DAYS_SINCE_LAST,
        "days_since_first",
        *(f"{of}{window}" for of in counted for window in ("", *(f"_{window}" for window in windows))),
        *(["amount_mean"] if has_amounts else []),
        *(f"trend_{window}" for window in definition["trends"]),
        "gap_last",
        "gap_mean",
        "gap_least",
        "items",
        *(OF_ITEM + item for item in definition["items"]),
        LAST_ITEM,
    ]


class HistoryFeatures:
    """The features that a definition says, ready to be computed."""

    def __init__(self, definition: Definition) -> None:
        self.names = names(definition)
        self._windows = list(map(milliseconds, definition["windows"]))
        self._trends = list(map(milliseconds, definition["trends"]))
        self._items = definition["items"]
        self._has_amounts = definition["amounts"]

    def at(self, events: Iterable[Event], moments: Sequence[float]) -> list[list[Value]]:
        """The values of `names` for a user's events at each of some moments, in days since 1970-01-01 UTC."""
        history = _History(events, self._has_amounts)
        return [self._features(history, instant(moment)) for moment in moments]

    def _features(self, history: _History, at: int) -> list[Value]:
        count, steps = bisect_right(history.instants, at), history.steps
        starts = [at - window for window in self._windows]
        counts = [count, *(count - bisect_right(history.instants, start) for start in starts)]
        end = bisect_right(steps, at)
        values: list[Value] = [*history.recency(end, at), *counts, end]
        values += [end - bisect_right(steps, start) for start in starts]
        if self._has_amounts:
            values += history.amounts(at, starts, counts)
        for window in self._trends:
            middle, first = (bisect_right(history.instants, at - times * window) for times in (1, 2))
            values.append(count - 2 * middle + first)
        values += history.gaps(end)
        of_items = Counter(history.items[:count])
        values.append(len(of_items))
        values += [of_items.get(item, 0) for item in self._items]
        values.append(history.items[count - 1] if count else None)
        return values


class _History:
    """A user's events by time, then item, then amount; without one first."""

    __slots__ = ("_known", "_known_instants", "_least_gaps", "instants", "items", "steps")

    def __init__(self, events: Iterable[Event], has_amounts: bool) -> None:
        rows: set[tuple[int, str, bool, float]] = set()
        for when, item, amount in events:
            known = amount if has_amounts and amount == amount else None
            rows.add((instant(when), item, known is not None, known or 0.0))
        ordered = sorted(rows)
        self.instants = [row[0] for row in ordered]
        self.items = [row[1] for row in ordered]
        self.steps = list(dict.fromkeys(self.instants))
        self._known_instants = [row[0] for row in ordered if row[2]]
        self._known = [row[3] for row in ordered if row[2]]
        self._least_gaps = list(accumulate(map(sub, self.steps[1:], self.steps), min))

    def recency(self, end: int, at: int) -> list[Value]:
        """Days since the last and the first of the steps before the index `end`."""
        return [_days(at - self.steps[end - 1]), _days(at - self.steps[0])] if end else [None, None]

    def gaps(self, end: int) -> list[Value]:
        """Days between the last two of the steps before the index `end`, in the mean, and at the least."""
        if end < 2:
            return [None, None, None]
        steps, last = self.steps, self.steps[end - 1]
        return [_days(last - steps[end - 2]), _days(last - steps[0]) / (end - 1), _days(self._least_gaps[end - 2])]

    def amounts(self, at: int, starts: list[int], counts: list[int]) -> list[Value]:
        """The sums of the known amounts of all events and of those after each start, and the mean of all.

        `counts` are how many events there are of these.
        """
        end = bisect_right(self._known_instants, at)
        firsts = [0, *(bisect_right(self._known_instants, start) for start in starts)]
        sums = [total(self._known[first:end], count) for first, count in zip(firsts, counts, strict=True)]
        return [*sums, sums[0] / end if end and sums[0] is not None else None]


def total(known: Sequence[float], events: int) -> float | None:
    """The sum of the amounts that are known of some events: 0 where there are none, None if no amount is known."""
    if events and not known:
        return None
    try:
        return fsum(known)
    except OverflowError:
        return None


def _days(duration: int) -> float:
    return duration / MILLISECONDS_OF_DAY
