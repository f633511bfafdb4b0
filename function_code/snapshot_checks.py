"""The check of requests that carry a user's history, and its features at a moment, which a model of snapshots takes.

Standard library only: serving imports this.
"""

from __future__ import annotations

import time
from functools import lru_cache

from function_code.column import describe
from function_code.history_checks import AMOUNT, HISTORY, ITEM, WHEN, listed, read_item
from function_code.history_features import AT, DAYS_SINCE_LAST, HistoryFeatures
from function_code.schema import Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.history_features import Event, Value

    Problem = dict[str, Any]

MAX_DAYS_AHEAD = 1.0  # of the clock here: a time without its zone may be as far ahead as zones go, 14 hours
SECONDS_OF_DAY = 86_400


class Snapshots:
    """The features of users at moments, as a model's schema defines them."""

    def __init__(self, schema: Schema) -> None:
        assert schema.history is not None  # noqa: S101 - others have no use for this
        self.events = Schema.from_json(schema.history["events"])
        """The schema of events."""
        self._keys = {ITEM, WHEN, *([AMOUNT] if len(self.events.features) > 1 else [])}
        self._shape = "{" + ", ".join(f'"{key}": ...' for key in (ITEM, WHEN, AMOUNT) if key in self._keys) + "}"
        self._columns = {self.events.target, *(column.name for column in self.events.features)}
        self._features = HistoryFeatures(schema.history["features"])
        self._names = {column.name for column in schema.features}

    def instances(self, instances: list[Any]) -> tuple[list[Any], list[Problem]]:
        """The instances, with features in the place of histories, and the problems of histories.

        An instance that has features of its own stays as it is.
        """
        now = today()
        complete: list[Any] = []
        problems: list[Problem] = []
        for index, instance in enumerate(instances):
            complete.append(instance)
            if type(instance) is not dict or (HISTORY not in instance and not self._names.isdisjoint(instance)):
                continue
            field = HISTORY
            try:
                if HISTORY not in instance:
                    of_file = "; a file of events is scored as a whole" * bool(self._columns & instance.keys())
                    raise ValueError(f"a list of events is wanted, each {self._shape}{of_file}")
                events = self._read(instance[HISTORY])
                field = AT
                moment = self._moment(instance.get(AT), events, now)
                field = HISTORY
                complete[-1] = self._complete(instance, self.features(events, moment))
            except ValueError as error:
                problems.append({"instance": index, "field": field, "problem": str(error)})
        return complete, problems

    def features(self, events: list[Event], moment: float) -> dict[str, Value]:
        """The features at a moment. Raises ValueError if no event was by then."""
        (values,) = self._features.at(events, [moment])
        features = dict(zip(self._features.names, values, strict=True))
        if features[DAYS_SINCE_LAST] is None:
            from function_code.dialects.iso_dates import write_iso  # which an answer does without, as below

            raise ValueError(
                f"no event that counts is there by {write_iso(moment)}: the model has learned from users who had one"
            )
        return {name: value for name, value in features.items() if name in self._names}

    def _complete(self, instance: dict[str, Any], features: dict[str, Value]) -> dict[str, Any]:
        others = {name: value for name, value in instance.items() if name not in (HISTORY, AT)}
        if own := sorted(features.keys() & others):
            raise ValueError(f"either a history or features are wanted, and {own[0]!r} is there, too")
        return {**others, **features}

    def _read(self, history: object) -> list[Event]:
        """The events that count: those of an amount above 0, where amounts are known at all."""
        events = []
        for number, event in enumerate(listed(history), 1):
            try:
                when, item, amount = self._event(event)
            except ValueError as error:
                raise ValueError(f"event {number}: {error}") from None
            if amount is None or not amount <= 0:
                events.append((when, item, amount))
        return events

    def _event(self, event: object) -> Event:
        if type(event) is not dict:
            raise ValueError(f"{self._shape} is wanted, not {describe(event)}")
        if unknown := event.keys() - self._keys:
            raise ValueError(f"{min(map(str, unknown))!r} is unknown; an event is {self._shape}")
        (_, convert, _, _), *of_amount = self.events.plan
        when, amount = event.get(WHEN), event.get(AMOUNT)
        if ITEM not in event or when is None or when == "":
            raise ValueError(f"it has no {WHEN if ITEM in event else ITEM!r}")
        if amount is None or amount == "":
            if of_amount and not of_amount[0][2]:
                raise ValueError(f"it has no {AMOUNT!r}, which was never missing in training")
            return convert(when), read_item(event[ITEM]), None
        return convert(when), read_item(event[ITEM]), of_amount[0][1](amount)

    def _moment(self, at: object, events: list[Event], now: float) -> float:
        """The moment that is asked for, or now; that of the last event if it is a little later than the clock here."""
        if at is not None and at != "":
            return float(self.events.plan[0][1](at))
        last = max((when for when, _, _ in events), default=now)
        if lies_ahead(last, now):
            from function_code.dialects.iso_dates import write_iso

            raise ValueError(f'an event of {write_iso(last)} lies in the future; "{AT}" is the moment to look at')
        return max(now, last)


@lru_cache(maxsize=8)
def snapshots_of(schema: Schema) -> Snapshots:
    """The features of histories, for a schema that has a `history`."""
    return Snapshots(schema)


def today() -> float:
    """The time of the clock here, as days since 1970-01-01 UTC."""
    return time.time() / SECONDS_OF_DAY


def lies_ahead(when: float, now: float) -> bool:
    """Says whether a time lies so far ahead of the clock here that no event can have been then."""
    return when > now + MAX_DAYS_AHEAD
