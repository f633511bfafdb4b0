"""Snapshots: the features of each user at moments of the past, and what the user did in the horizon after each.

Nothing later than a moment can be in a row of it: features come from `function_code.history_features`, which looks at
what is before the moment alone, and which features there are is decided by the events until the first of the moments.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from function_code.data.column_names import clean_name
from function_code.dialects.iso_dates import EPOCH
from function_code.errors import Refused
from function_code.history_features import (
    AT,
    MILLISECONDS,
    MILLISECONDS_OF_DAY,
    OF_ITEM,
    HistoryFeatures,
    instant,
    milliseconds,
    names,
    total,
)
from function_code.snapshot_checks import MAX_DAYS_AHEAD, today
from function_code.training.histories.read_events import TypedEvents, once, read_typed_events
from function_code.training.settings import BOUGHT, OF_BOUGHT, SPENT, Settings

if TYPE_CHECKING:
    from function_code.history_features import Definition

WINDOWS = ("7d", "30d", "90d", "365d")
MAX_MOMENTS = 6
MAX_ITEMS = 20  # that are counted, each by itself
YES, NO = "yes", "no"
MIDNIGHT = "T00:00:00+00:00"


@dataclass(frozen=True)
class Times:
    """The first and the last time of events, in milliseconds since 1970-01-01 UTC, as all moments here.

    `are_days` says of them all that they are dates without a time of day.
    """

    first: int
    last: int
    are_days: bool = False

    @classmethod
    def of(cls, events: pd.DataFrame) -> "Times":
        """The times of events, of which there are some."""
        when = events["when"].to_numpy()
        return cls(instant(float(when.min())), instant(float(when.max())), bool(np.all(when == np.floor(when))))

    def moments(self, horizon: str, name: str) -> list[int]:
        """The moments of snapshots, a horizon apart; the last one has a whole horizon behind it.

        Before the first one lies as much, to tell how active somebody is. Raises Refused if there is no such moment.
        """
        span, step = self.last - self.first, milliseconds(horizon)
        if self.are_days and step % MILLISECONDS_OF_DAY:
            raise Refused(f"horizon is {horizon}, and the events of {name} have no time of day: it is to be whole days")
        count = min(MAX_MOMENTS, span // step - 1)
        if count < 1:
            largest = self.horizon(2)
            hint = f"at most {largest} fits" if largest else "none fits"
            first, last = iso([self.first, self.last])
            raise Refused(
                f"horizon is {horizon}, and the events of {name} are from {first} to {last}: as much is needed before "
                f"a moment as after it; {hint}"
            )
        return [self.last - number * step for number in range(count, 0, -1)]

    def horizon(self, parts: int) -> str:
        """The longest horizon that fits so often into the time of the events; empty if none does.

        In whole days, or hours where it is less than a day and times of day are known.
        """
        for unit in "d" if self.are_days else "dh":
            if count := (self.last - self.first) // parts // MILLISECONDS[unit]:
                return f"{count}{unit}"
        return ""


def read_past_events(table: pd.DataFrame, settings: Settings, name: str) -> tuple[TypedEvents, pd.DataFrame]:
    """The events of a table as `read_typed_events` has them, and those until now, each once. Raises Refused."""
    read = read_typed_events(table, settings, name)
    return read, _without_future(once(read.frame, read.warnings), name, read.warnings)


def _without_future(events: pd.DataFrame, name: str, warnings: list[str]) -> pd.DataFrame:
    """The events until now; adds to `warnings` how many are later, as one mistyped year would move all moments.

    Raises Refused if none is left.
    """
    ahead = (events["when"] > today() + MAX_DAYS_AHEAD).to_numpy()
    if not ahead.any():
        return events
    latest = iso([instant(float(events["when"].max()))])[0]
    if ahead.all():
        raise Refused(f"all events of {name} lie in the future, until {latest}")
    warnings.append(f"events of the future are left out: {int(ahead.sum()):,} of {len(ahead):,}, until {latest}")
    return events[~ahead]


def outcome_line(table: pd.DataFrame, moments: Sequence[int], horizon: str) -> str:
    """The number of rows and users of snapshots, their moments, and the share that an event followed, for people."""
    first, last = iso([moments[0], moments[-1]])
    when = f"{len(moments)} moments from {first} to {last}" if len(moments) > 1 else first
    line = f"{len(table):,} rows of {table.iloc[:, 0].nunique():,} users at {when}"
    followed = table[BOUGHT].replace("", None)
    if followed.isna().all():
        return line
    return f"{line}; {(followed == YES).mean():.1%} of them were followed by an event within {horizon}"


def one_moment_note(times: Times, setting: str) -> str:
    """A note that users are held out as there is one moment alone; `setting` names the horizon."""
    shorter = times.horizon(3)
    hint = f"; {setting}{shorter} leaves two" if shorter else ""
    return f"the events leave one moment alone, so there is no later one to test on{hint}"


def iso(moments: Sequence[int]) -> list[str]:
    """Moments as ISO 8601 texts, as dates alone where each begins a day."""
    texts = [(EPOCH + timedelta(milliseconds=moment)).isoformat() for moment in moments]
    are_days = all(text.endswith(MIDNIGHT) for text in texts)
    return [text.removesuffix(MIDNIGHT) for text in texts] if are_days else texts


def define(events: pd.DataFrame, horizon: str, moment: int) -> "Definition":
    """The features for moments from `moment` on, by the events until then; there is one at least.

    Windows are those of WINDOWS that do not begin before the events do; if none, that of the horizon. Items whose names
    a header can't have as they are, such as those with two spaces, are not counted by themselves.
    """
    before = events[np.rint(events["when"].to_numpy() * MILLISECONDS_OF_DAY) <= moment]
    span = moment - Times.of(before).first
    windows = [window for window in WINDOWS if milliseconds(window) <= span]
    windows = windows or [window for window in (horizon,) if milliseconds(window) <= span]
    counts = before["item"].value_counts()
    frequent = (item for _, item in sorted((-int(count), str(item)) for item, count in counts.items()))
    return {
        "windows": windows,
        "trends": [window for window in windows if 2 * milliseconds(window) <= span],
        "items": list(islice(filter(_can_be_named, frequent), MAX_ITEMS)),
        "amounts": "amount" in events,
    }


def _can_be_named(item: str) -> bool:
    return clean_name(OF_ITEM + item) == OF_ITEM + item


def definition_of(header: Sequence[str], name: str) -> "Definition":
    """The definition of the features in a header of snapshots. Raises Refused if it is none."""
    columns = header[2:]  # without the user and the moment

    def endings(beginning: str) -> list[str]:
        return [column.removeprefix(beginning) for column in columns if column.startswith(beginning)]

    definition: Definition = {
        "windows": endings("steps_"),
        "trends": endings("trend_"),
        "items": endings(OF_ITEM),
        "amounts": "amount" in columns,
    }
    own = names(definition)
    if [*header[1:2], *columns[: len(own)]] != [AT, *own]:
        raise Refused(f"{name} has no snapshots: it begins with other columns than they do")
    return definition


def snapshots(
    events: pd.DataFrame,
    user: str,
    moments: Sequence[int],
    horizon: str,
    definition: "Definition",
    last: int,
    bought: Sequence[str] = (),
) -> pd.DataFrame:
    """A row for each user and moment that the user had an event by, ordered by both.

    `events` have the columns of `TypedEvents.frame`, each event once. `user` is the name of the column of users; then
    come `at`, the features, `bought`, with amounts `spent`, and `bought_ITEM` for each item of `bought`: None where the
    horizon is not over by `last`, the time until which all events are known, also those of other users. Raises Refused
    if `user` is the name of another column.
    """
    has_amounts = "amount" in events
    features = HistoryFeatures(definition)
    labels = [BOUGHT, *([SPENT] if has_amounts else []), *(OF_BOUGHT + item for item in bought)]
    header = [user, AT, *features.names, *labels]
    if user in header[1:]:
        raise Refused(f"the column of the users is called {user!r}, as another one of the snapshots; rename it")
    codes, users = pd.factorize(events["user"], sort=True)
    order = np.lexsort((events["when"].to_numpy(), codes))
    days = events["when"].to_numpy()[order]
    ends = np.searchsorted(codes[order], np.arange(len(users)), side="right").tolist()
    instants: list[int] = np.rint(days * MILLISECONDS_OF_DAY).astype(np.int64).tolist()
    whens, items = days.tolist(), events["item"].to_numpy()[order].tolist()
    amounts = (events["amount"].to_numpy()[order] if has_amounts else np.full(len(days), np.nan)).tolist()
    length = milliseconds(horizon)
    texts = dict(zip(moments, iso(moments), strict=True))
    rows: list[list[object]] = []
    for start, end, of in zip([0, *ends], ends, users, strict=False):
        own = [moment for moment in moments if moment >= instants[start]]
        history = zip(whens[start:end], items[start:end], amounts[start:end], strict=True)
        values = features.at(history, [moment / MILLISECONDS_OF_DAY for moment in own])
        for moment, row in zip(own, values, strict=True):
            future: list[object] = [None] * len(labels)
            if moment + length <= last:
                first, after = (bisect_right(instants, time, start, end) for time in (moment, moment + length))
                known = [amount for amount in amounts[first:after] if amount == amount]
                spent = [total(known, after - first)] if has_amounts else []
                taken = {*items[first:after]}
                future = [_yes(after > first), *spent, *(_yes(item in taken) for item in bought)]
            rows.append([of, texts[moment], *row, *future])
    return pd.DataFrame(rows, columns=header)


def _yes(is_so: bool) -> str:
    return YES if is_so else NO
