"""Scoring of a file: its rows go block by block through the version that serves, into a folder of results.

The folder has `scores.csv`, a row for each row that could be scored, with its number, its ids and the version, or for
each user of a file of events; `rejects.csv`, the rows that could not, each with the reason; and, last of all,
`summary.json`. Each appears as a whole.

A scoring that is broken off has written nothing, and the next one begins anew: no row is lost, and none is there twice.
"""

import csv
import io
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from function_code.batch import results_key
from function_code.batch.checking import REASON_COLUMN, ROW_COLUMN, check_block, check_header
from function_code.batch.csv_blocks import CsvBlocks
from function_code.batch.results import Results
from function_code.data.blocks import Block, Blocks
from function_code.data.compression import unpacked
from function_code.data.formats import typed_blocks
from function_code.data.typed_values import text_of
from function_code.errors import Conflict, Refused
from function_code.progress import LOG_INTERVAL_SECONDS, ProgressLog
from function_code.registry import ITEMS, Registry
from function_code.schema import RECOMMENDATION, Schema
from function_code.scoring.loaded_model import LoadedModel, load_stable
from function_code.snapshot_checks import snapshots_of
from function_code.store import Store
from function_code.streams import ObjectReader

if TYPE_CHECKING:
    from function_code.batch.intents import Intents
    from function_code.batch.recommendations import Recommendations

BUFFER_BYTES = 1 << 20
ESTIMATE_AFTER_SECONDS = 20.0  # after which it can be estimated how long the whole file will take


@dataclass(frozen=True)
class Location:
    """The location of an object, or of a folder of them: a key in a store."""

    store: Store
    key: str


def score_object(registry: Registry, key: str, log: ProgressLog, seconds_left: float = inf) -> dict[str, Any]:
    """Scores `batch/<model>/in/<file>` into `batch/<model>/out/<file>/`. Returns and raises as `score` does."""
    results = Location(registry.store, results_key(registry.model, key))
    loaded, items = serving_models(registry)
    return score(Location(registry.store, key), results, loaded, log, seconds_left, items)


def score_by_hand(registry: Registry, file: str, out: str, log: ProgressLog) -> dict[str, Any]:
    """Scores a file of this machine into a folder, or one of the store by its key. Returns and raises as `score`."""
    path = os.path.abspath(file)
    if file.startswith("batch/") and not os.path.exists(path):
        return score_object(registry, file, log)
    if not os.path.isfile(path):
        raise Refused(f"{file} is no file")
    folder, name = os.path.split(path)
    parent, out_name = os.path.split(os.path.abspath(out))
    loaded, items = serving_models(registry)
    source, results = Location(Store(folder), name), Location(Store(parent), out_name)
    summary = score(source, results, loaded, log, items=items)
    return {**summary, "results": out}


def score(
    source: Location,
    results: Location,
    loaded: LoadedModel,
    log: ProgressLog,
    seconds_left: float = inf,
    items: LoadedModel | None = None,
) -> dict[str, Any]:
    """Scores a file of rows; returns what stands in the summary.

    `items` is the model that recommends beside this one: a file of events is scored by it first, into `items` there.

    Raises Refused, before anything is written, if the file does not suit the model, is broken, or takes longer than the
    time that is left; Conflict if it is written to meanwhile.
    """
    name, started = os.path.basename(source.key), time.monotonic()
    tag = source.store.tag(source.key)
    schema, raw, blocks = _open(source, name, loaded.schema)
    check_header(blocks, schema, name)
    of_items = {}
    if items and schema is not loaded.schema:
        below = Location(results.store, f"{results.key}/{ITEMS}")
        of_items = {ITEMS: score(source, below, items, log, seconds_left)}
    for note in blocks.notes:
        log(note)
    log(f"scoring {name} ({raw.size:,} bytes) by version {loaded.version}")
    progress = ScoringProgress(name, raw.size, seconds_left, log)
    columns = [column for column in blocks.header if column not in (ROW_COLUMN, REASON_COLUMN)]
    written = _results(loaded, schema, blocks.header)
    scored = rejected = 0
    with (
        results.store.writer(f"{results.key}/scores.csv") as scores,
        results.store.writer(f"{results.key}/rejects.csv") as rejects,
    ):
        scores.write(_csv_of_rows([written.header]))
        rejects.write(_csv_of_rows([[*columns, ROW_COLUMN, REASON_COLUMN]]))
        for block in blocks:
            rows = check_block(block, schema, blocks.decimal_comma)
            scores.write(_csv_of_columns(written.columns(block, rows)))
            rejects.write(
                _csv_of_rows(_rejected(columns, block, index, reason) for index, reason in rows.problems.items())
            )
            scored, rejected = scored + block.count - len(rows.problems), rejected + len(rows.problems)
            progress.update(scored + rejected, raw.tell())
        scores.write(_csv_of_rows(written.last()))
        if source.store.tag(source.key) != tag:
            raise Conflict(f"{name} was written to while it was scored")
    summary = {
        "file": source.key,
        "file_tag": tag,  # another file may come by the same name, and be refused
        "model": loaded.name,
        "model_version": loaded.version,
        "rows": scored + rejected,
        "scored": scored,
        "rejected": rejected,
        **written.summary(),
        "results": results.key,
        "seconds": round(time.monotonic() - started, 1),
        **of_items,
    }
    results.store.put(f"{results.key}/summary.json", (json.dumps(summary, indent=2) + "\n").encode())
    return summary


def serving_models(registry: Registry) -> tuple[LoadedModel, LoadedModel | None]:
    """The version that serves, and that of the model that recommends beside it, if there is one. Raises Refused."""
    loaded = load_stable(registry)
    has_items = loaded.schema.history and registry.items.pointer()
    return loaded, load_stable(registry.items) if has_items else None


def _open(source: Location, name: str, schema: Schema) -> tuple[Schema, ObjectReader, Blocks]:
    """The schema of the file, the file, and its blocks: features as the model has them, or events to make them of."""
    raw = source.store.reader(source.key)
    blocks = _blocks(raw, name, schema)
    if schema.history:
        events = snapshots_of(schema).events
        if len(events.known_names.intersection(blocks.header)) >= len(schema.known_names.intersection(blocks.header)):
            raw = source.store.reader(source.key)
            return events, raw, _blocks(raw, name, events)
    return schema, raw, blocks


def _results(loaded: LoadedModel, schema: Schema, header: list[str]) -> "Results | Recommendations | Intents":
    if schema.task != RECOMMENDATION:
        return Results(loaded, header)
    # Imported here: other models do without.
    if loaded.schema.history:
        from function_code.batch.intents import Intents

        return Intents(loaded, schema)
    from function_code.batch.recommendations import Recommendations

    return Recommendations(loaded)


def _blocks(raw: io.RawIOBase, name: str, schema: Schema) -> Blocks:
    file = unpacked(io.BufferedReader(raw, BUFFER_BYTES), name)
    if blocks := typed_blocks(file, name, schema.encoding, schema.sheet, schema.known_names):
        return blocks
    numbers = {column.name for column in schema.features if column.is_plain_number}
    return CsvBlocks(file, name, numbers, schema.encoding, schema.known_names)


class ScoringProgress:
    """The progress of a scoring: logged, and given up early if it could not be finished in time."""

    def __init__(self, name: str, size: int, seconds_left: float, log: ProgressLog) -> None:
        self._name, self._size, self._left, self._log = name, size, seconds_left, log
        self._started = self._logged = time.monotonic()

    def update(self, rows: int, read: int) -> None:
        """Logs the rows and the bytes read so far, now and then. Raises Refused if it takes too long."""
        now = time.monotonic()
        seconds = now - self._started
        if now - self._logged >= LOG_INTERVAL_SECONDS:
            self._logged = now
            self._log(f"  {self._name}: {rows:,} rows, {min(read, self._size) / self._size:.0%}, {seconds:.0f} s")
        if seconds > ESTIMATE_AFTER_SECONDS and (total_seconds := seconds * self._size / max(1, read)) > self._left:
            raise Refused(
                f"{self._name} would take {total_seconds:,.0f} seconds, and there are {self._left:,.0f}; "
                f"put it in as {int(total_seconds // self._left) + 1} files"
            )


def _rejected(columns: list[str], block: Block, index: int, reason: str) -> list[Any]:
    record = [block.columns[column][index] for column in columns]
    return [*map(text_of, record), block.first + index, reason]


def _csv_of_rows(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _csv_of_columns(columns: Sequence[Sequence[Any]]) -> bytes:
    """The same as `_csv_of_rows`, in a third of the time where nothing is missing or to be quoted."""
    types = [set(map(type, column)) for column in columns]
    if not any(type(None) in column_types for column_types in types):
        texts = [
            column if column_types == {str} else list(map(str, column))
            for column, column_types in zip(columns, types, strict=True)
        ]
        lines = list(map(",".join, zip(*texts, strict=True)))
        text = "\n".join([*lines, ""])
        is_plain = text.count(",") == len(lines) * (len(columns) - 1) and text.count("\n") == len(lines)
        if is_plain and '"' not in text and "\r" not in text:
            return text.encode()
    return _csv_of_rows(zip(*columns, strict=True))
