"""Users' intent from a file of events: snapshots as a table to learn from, and what a request needs to make one."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pandas as pd

from function_code.column import Column
from function_code.data.typed_values import texts_of
from function_code.errors import Refused
from function_code.history_features import AT, LAST_ITEM, MAY_BE_UNKNOWN, names
from function_code.schema import RECOMMENDATION, Schema
from function_code.training.histories.keep import HistoriesToKeep, keep
from function_code.training.histories.snapshots import (
    Times,
    define,
    iso,
    one_moment_note,
    outcome_line,
    read_past_events,
    snapshots,
)
from function_code.training.settings import BOUGHT, MAX_KEPT_EVENTS, SPENT, Settings

if TYPE_CHECKING:
    from function_code.history_features import Definition

MAX_ROWS = 200_000  # of users at moments: of more users some are drawn


@dataclass(frozen=True)
class UserSnapshots:
    """The snapshots of the users of a file of events.

    `columns` are those of an event's time and perhaps amount, `ignored` those that are not used. `events` are those of
    the users that take part, as `snapshots` takes them. `last` is the time of the last event of all users; it and
    `moments` are milliseconds since 1970-01-01 UTC.
    """

    events: pd.DataFrame
    last: int
    columns: list[Column]
    ignored: list[str]
    encoding: str
    settings: Settings
    moments: list[int]
    definition: "Definition"
    facts: dict[str, Any]
    kept: HistoriesToKeep | None

    @classmethod
    def of(cls, table: pd.DataFrame, settings: Settings, name: str) -> tuple["UserSnapshots", pd.DataFrame]:
        """Both the snapshots and their table of texts, from one of events. Raises Refused."""
        read, events = read_past_events(table, replace(settings, target=""), name)
        times = Times.of(events)
        moments = times.moments(settings.horizon, name)
        if len(moments) == 1:
            read.warnings.append(one_moment_note(times, "HORIZON="))
        facts = {
            "events": len(events),
            "users": int(events["user"].nunique()),
            "items": int(events["item"].nunique()),
            "moments": iso(moments),
        }
        kept = _kept(events, settings, name) if settings.keep_events else None
        # Before users are drawn: of these perhaps none was there then.
        definition = define(events, settings.horizon, moments[0])
        if item := settings.bought_item:
            if not (events["item"] == item).any():
                raise Refused(f"target is {settings.target!r}, and {name} has no event of an item {item!r}")
            definition["items"] = list(dict.fromkeys([item, *definition["items"]]))
        events = _drawn(events, len(moments), read.warnings)
        of_file = read.columns, read.ignored, table.attrs.get("encoding", "")
        of = cls(events, times.last, *of_file, settings, moments, definition, facts, kept)
        texts = of._texts(definition)
        of.facts["snapshots"] = outcome_line(texts, moments, settings.horizon)
        texts.attrs = {"notes": read.warnings, "computed": True, "typed": {*names(definition), SPENT} - {LAST_ITEM}}
        return of, texts

    @property
    def row_settings(self) -> Settings:
        """The settings by which the table is learned from, as any with a target in each row."""
        own, target = self.settings, self.settings.target or BOUGHT
        labels = [BOUGHT, *([SPENT] if self.definition["amounts"] else []), *([target] if own.bought_item else [])]
        kinds = dict.fromkeys([*names(self.definition), *labels], "number")
        return replace(
            own,
            target=target,
            id=(own.user,),
            # The moments are few, and each later than all that were learned from: as a feature they say nothing.
            drop=(AT, *(label for label in labels if label != target)),
            time=AT if len(self.moments) > 1 else "",
            kinds={**kinds, LAST_ITEM: "category", **({} if target == SPENT else {target: "boolean"})},
            missing={},
            user="",
            item="",
            when="",
            amount="",
            horizon="",
            keep_events=0,
            encoding="",
            sheet="",
        )

    def with_history(self, schema: Schema) -> Schema:
        """The schema of a model of snapshots, for requests and files of events."""
        own = self.settings
        missing = {"when": False, "amount": "amount" in self.events and bool(self.events["amount"].isna().any())}
        when, *amounts = (
            Column(c.name, c.kind, nullable, c.example, (), c.form, c.odd, c.stand_ins)
            for c, nullable in zip(self.columns, missing.values(), strict=False)
        )
        example = [str(self.events["item"].mode().iloc[0])]
        of_file = (own.user,), self.ignored, "", self.encoding, own.sheet
        events = Schema((when, *amounts), own.item, RECOMMENDATION, example, *of_file)
        event = {"item": example[0], "when": when.example, **({"amount": amounts[0].example} if amounts else {})}
        history = {
            "events": events.to_json(),
            "horizon": own.horizon,
            "features": self.definition,
            "example": {"history": [event], AT: when.example},
        }
        # Whether everybody that was learned from had a second step, and so a gap, is chance.
        columns = [
            Column(c.name, c.kind, c.nullable or c.name.startswith(MAY_BE_UNKNOWN), c.example, c.values, c.form)
            for c in schema.features
        ]
        names = schema.ids, schema.ignored, schema.owned, self.encoding, own.sheet
        return Schema(columns, schema.target, schema.task, schema.classes, *names, history)

    def features_of(self, other: Schema, raw: pd.DataFrame) -> pd.DataFrame:
        """Rows of the table with the features that another version has, which may count other items.

        Raises Refused if it has sums of amounts, and these events have none.
        """
        if not other.history or other.history["features"] == self.definition:
            return raw
        if other.history["features"]["amounts"] and not self.definition["amounts"]:
            raise Refused("it has sums of amounts")
        of_moment = list(zip(raw[self.settings.user], raw[AT], strict=True))
        texts = self._texts(other.history["features"]).set_index([self.settings.user, AT], drop=False)
        return texts.loc[of_moment].reset_index(drop=True)

    def _texts(self, definition: "Definition") -> pd.DataFrame:
        own = self.settings
        bought = [own.bought_item] if own.bought_item else []
        table = snapshots(self.events, own.user, self.moments, own.horizon, definition, self.last, bought)
        return pd.DataFrame({name: pd.Series(texts_of(table[name].tolist()), dtype=str) for name in table})


def _kept(events: pd.DataFrame, settings: Settings, name: str) -> HistoriesToKeep:
    """The histories to keep. Raises Refused if events of a user would be missing, and so features be others."""
    most = int(events["user"].value_counts().iloc[0])
    if most > settings.keep_events:
        way_out = f"KEEP_EVENTS={most} keeps all" if most <= MAX_KEPT_EVENTS else "KEEP_EVENTS= keeps none"
        raise Refused(
            f"keep_events is {settings.keep_events:,}, and a user has {most:,} events in {name}; features need all of "
            f"them; {way_out}"
        )
    return keep(events, settings.user, settings.keep_events)


def _drawn(events: pd.DataFrame, moments: int, warnings: list[str]) -> pd.DataFrame:
    """The events of as many users as MAX_ROWS allows, drawn by their names: the same ones whatever the order."""
    users = events["user"].unique()
    if len(users) * moments <= MAX_ROWS:
        return events
    share = MAX_ROWS / (len(users) * moments)
    kept = [user for user in users if crc32(str(user).encode()) < share * 2**32]
    warnings.append(
        f"{len(kept):,} of {len(users):,} users take part, drawn by their names: more rows than {MAX_ROWS:,} teach "
        "little more and take long; a longer HORIZON has fewer moments"
    )
    return events[events["user"].isin(kept)]
