"""Events from a table of texts: of whom user, item and time are known, each once, and what was left out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from function_code.column import Column
from function_code.dialects.missing import says_missing
from function_code.errors import Refused
from function_code.training.histories.events import Events
from function_code.training.kinds.columns import notes, read_columns, without_odd
from function_code.training.kinds.reading import Reading, setting
from function_code.training.kinds.stand_ins import blank_stand_ins, blanked_note, far_date_note, without_named
from function_code.training.kinds.values import values
from function_code.training.settings import Settings
from function_code.training.table import Array

MAX_ITEMS = 5_000  # with the most users; the weights of all for all are 200 MB


@dataclass(frozen=True)
class ReadEvents:
    """The events of a table, and warnings of what is left out or guessed, a sentence each.

    `columns` are those of times and, if there is one, amounts; `ignored` are not used.
    """

    events: Events
    columns: list[Column]
    ignored: list[str]
    warnings: list[str]


@dataclass(frozen=True)
class TypedEvents:
    """The events of a table: `user` and `item`, texts, `when`, days since 1970-01-01 UTC, `amount`, NaN where unknown.

    The rest is that of `ReadEvents`.
    """

    frame: pd.DataFrame
    columns: list[Column]
    ignored: list[str]
    warnings: list[str]


def read_events(table: pd.DataFrame, settings: Settings, name: str) -> ReadEvents:
    """The events to recommend from, of the frequent items. Raises Refused as `read_typed_events` does."""
    read = read_typed_events(table, settings, name)
    frame = _frequent(once(read.frame[["user", "item", "when"]], read.warnings), settings.item, read.warnings)
    events = Events.of(frame["user"], frame["item"], frame["when"].to_numpy())
    return ReadEvents(events, read.columns, read.ignored, read.warnings)


def read_typed_events(table: pd.DataFrame, settings: Settings, name: str) -> TypedEvents:
    """The events of a table whose user, item and time are known, repeated ones too, and no returns.

    Raises Refused if a column is missing, or is no time or amount, or there is no event.
    """
    settings.check(list(table.columns), name)
    written, table = table, without_named(table, settings)
    readings = read_columns(table.drop(columns=[settings.user, settings.item]), settings)
    _check_kind(settings.when, "when", "date", readings[settings.when], name)
    warnings = [*table.attrs.get("notes", []), *notes(table, settings.when, readings[settings.when], False)]
    if settings.amount:
        _check_kind(settings.amount, "amount", "number", readings[settings.amount], name)
        warnings += notes(table, settings.amount, readings[settings.amount], False)
    own = {column: readings[column] for column in filter(None, (settings.when, settings.amount))}
    typed, own, stand_ins = blank_stand_ins(without_odd(table, own), written, settings, own)
    warnings += [blanked_note(column, texts, settings.missing[column]) for column, texts in stand_ins.items()]
    when = values(typed[settings.when], "date", own[settings.when].form)
    warnings += far_date_note(settings.when, when.to_numpy(), table[settings.when])
    users, items = (_names(table[column]) for column in (settings.user, settings.item))
    known = _known({settings.user: users != "", settings.item: items != "", settings.when: when.notna()}, warnings)
    frame = pd.DataFrame({"user": users, "item": items, "when": when})
    if settings.amount:
        frame["amount"] = values(typed[settings.amount], "number", own[settings.amount].form)
        known &= _taken(frame["amount"], known, settings.amount, warnings)
    if not known.any():
        raise Refused(f"{name} has no event with a user, an item and a time; {'; '.join(warnings[-2:])}")
    example = str(table[settings.when].iloc[int(np.nanargmax(when.where(known)))]).strip()
    columns = [
        Column(column, kind, True, usual, (), of.form, of.kept_odd, of.stand_ins)
        for (column, of), kind, usual in zip(own.items(), ("date", "number"), (example, 1), strict=False)
    ]
    used = (settings.user, settings.item, *own)
    return TypedEvents(frame[known], columns, [each for each in table.columns if each not in used], warnings)


def once(frame: pd.DataFrame, warnings: list[str]) -> pd.DataFrame:
    """The events without those that repeat another one in all columns; adds to `warnings` how many these are."""
    repeated = frame.duplicated()
    if repeated.any():
        same = "user, item, time and amount" if "amount" in frame else "user, item and time"
        warnings.append(f"events that repeat {same} of another count once: {_count(repeated.to_numpy())}")
    return frame[~repeated]


def _check_kind(column: str, of: str, kind: str, reading: Reading, name: str) -> None:
    if reading.kind == kind:
        return
    where = f"{of} names the column {column!r} of {name}"
    if not reading.kind:
        raise Refused(f"{where}, which is empty")
    as_kind = setting(column, kind, "epoch" if kind == "date" and reading.kind == "number" else "")
    raise Refused(f"{where}, which is read as {reading.kind}, not as {kind}; {as_kind} reads it so")


def _names(column: pd.Series) -> pd.Series:
    """The names of users or items as requests have them, "" where a text says missing."""
    texts = values(column, "category")
    missing = [text for text in texts.unique() if says_missing(text)]
    return texts.mask(texts.isin(missing), "") if missing else texts


def _known(present: dict[str, pd.Series], warnings: list[str]) -> Array:
    known = np.logical_and.reduce([each.to_numpy() for each in present.values()])
    if not known.all():
        gaps = ", ".join(f"{column!r} {int((~each).sum()):,}" for column, each in present.items() if not each.all())
        warnings.append(f"events without a user, an item or a time are left out: {_count(~known)} (without {gaps})")
    return np.asarray(known)


def _taken(amounts: pd.Series, known: Array, column: str, warnings: list[str]) -> Array:
    returned = (amounts <= 0).to_numpy()
    if (returned & known).any():
        counts = _count(returned & known)
        warnings.append(
            f"events whose {column!r} is 0 or less, such as returns, are left out: {counts}; AMOUNT= keeps them"
        )
    return np.asarray(~returned)


def _frequent(frame: pd.DataFrame, column: str, warnings: list[str]) -> pd.DataFrame:
    takers = frame.drop_duplicates(["user", "item"])["item"].value_counts()
    if len(takers) <= MAX_ITEMS:
        return frame
    frequent = frame["item"].isin(takers.index[:MAX_ITEMS])
    rest = f"{len(takers) - MAX_ITEMS:,} of {len(takers):,}, with {1 - frequent.mean():.1%} of the events"
    warnings.append(f"only the {MAX_ITEMS:,} of {column!r} with the most users are recommended, not {rest}")
    return frame[frequent]


def _count(marks: Array) -> str:
    return f"{int(marks.sum()):,} of {len(marks):,}"
