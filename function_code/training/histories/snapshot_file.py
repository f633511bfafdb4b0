"""A file of snapshots, made from a file of events."""

import csv
import io
import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from function_code.console import read_file
from function_code.dialects.iso_dates import read_iso
from function_code.errors import Refused
from function_code.history_features import AT, LAST_ITEM, instant, milliseconds
from function_code.progress import ProgressLog
from function_code.training.histories.snapshots import (
    Times,
    define,
    definition_of,
    iso,
    one_moment_note,
    outcome_line,
    read_past_events,
    snapshots,
)
from function_code.training.settings import BOUGHT, SPENT, Settings
from function_code.training.table import read_table

if TYPE_CHECKING:
    from function_code.history_features import Definition


def write_snapshots(
    source: str, settings: Settings, out: str, log: ProgressLog, *, at: str = "", like: str = ""
) -> str:
    """Writes the snapshots of a file of events as CSV, whole or not at all; the command that learns from them.

    The moments are those of `Times.moments`, or `at` alone, an ISO date or time. The features are those of the file of
    snapshots `like`, if that is set. The command is empty where there are no labels. Raises Refused.
    """
    _check(source, out, at, like)
    name, horizon = Path(source).name, settings.horizon
    table = read_table(read_file(source), name, settings.encoding, settings.sheet, settings.known_columns)
    read, events = read_past_events(table, settings, name)
    times = Times.of(events)
    moments = [_moment(at)] if at else times.moments(horizon, name)
    if moments[0] < times.first:
        raise Refused(f"at is {at}, and nothing was before: the first event of {name} is of {iso([times.first])[0]}")
    definition = _definition_like(like, events) if like else define(events, horizon, moments[0])
    table = snapshots(events, settings.user, moments, horizon, definition, times.last)
    _write(table, out)
    notes = list(read.warnings)
    if at and not like:
        notes.append(
            "the features are chosen for this moment; to score it with a model of other snapshots: --like FILE"
        )
    is_whole = moments[-1] + milliseconds(horizon) <= times.last
    if not is_whole:
        moment, last = iso([moments[-1], times.last])
        notes.append(f"the labels are empty: {horizon} after {moment} are not over at the last event, {last}")
    elif len(moments) == 1 and not at:
        notes.append(one_moment_note(times, "--horizon "))
    for note in notes:
        log(f"warning: {note}")
    log(f"wrote {out}: {outcome_line(table, moments, horizon)}")
    return _next_command(table, out) if is_whole else ""


def _check(source: str, out: str, at: str, like: str) -> None:
    if like and not at:
        raise Refused("like is set, and not at: the features of a file are made again for one moment, to be scored")
    for path in filter(None, (source, like)):
        if Path(out).resolve() == Path(path).resolve():
            raise Refused(f"out is {out}, which is read from; name another file")


def _moment(at: str) -> int:
    try:
        moment = instant(read_iso(at))
        iso([moment])
    except (ValueError, OverflowError):
        raise Refused(f"at is {at!r}; it is a date like 2025-12-31 or a time like 2025-12-31T23:59:59Z") from None
    return moment


def _definition_like(like: str, events: pd.DataFrame) -> "Definition":
    name = Path(like).name
    definition = definition_of(list(read_table(read_file(like), name).columns), name)
    if definition["amounts"] and "amount" not in events:
        raise Refused(f"{name} has sums of amounts; name their column by --amount")
    return definition


def _next_command(table: pd.DataFrame, out: str) -> str:
    """The command that learns `bought` from snapshots, by the moments before the last one if there are several."""
    fragment = io.StringIO()
    csv.writer(fragment, lineterminator="").writerow([table.columns[0]])
    settings = {
        "DATASET": out,
        "TARGET": BOUGHT,
        "ID": fragment.getvalue(),
        "TIME": AT if table[AT].nunique() > 1 else "",
        "DROP": f"{AT},{SPENT}" if SPENT in table else AT,  # as a feature the moment says nothing of later ones
        "KINDS": f"{LAST_ITEM}=category",
    }
    return " ".join(["make up", *(shlex.quote(f"{name}={text}") for name, text in settings.items() if text)])


def _write(table: pd.DataFrame, out: str) -> None:
    part = f"{out}.part"
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            table.to_csv(file, index=False, lineterminator="\n")
        os.replace(part, out)
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            os.unlink(part)
