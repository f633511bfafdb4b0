"""Predictions into fields of Airtable: those that are not there yet, or differ from what is there."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from function_code.airtable.client import BATCH_RECORDS, Airtable, Record
from function_code.airtable.fields import Field
from function_code.airtable.schema import Base
from function_code.airtable.scores import NO_PREDICTION, differs, score
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import Records, State, Written
from function_code.airtable.targets import Targets, key_cell
from function_code.errors import Refused, Unreachable
from function_code.progress import LOG_INTERVAL_SECONDS, ProgressLog
from function_code.scoring.loaded_model import LoadedModel

BATCHES_PER_SAVE = 25  # that a process that is killed will write a second time, at the most


def due(model: LoadedModel, airtable: AirtableSettings, state: State, log: ProgressLog) -> dict[str, Written]:
    """The predictions that are to be written, by record, in the order of the records. Raises as `score` does.

    With a key only records that have one.
    """
    if state.sink != sink_of(airtable):
        state.sink, state.written = sink_of(airtable), {}
    scores, refused = score(model, state)
    for why, count in refused.most_common(3):
        log(f"  {count:,} records get no prediction: {why}")
    changed = {
        record: prediction
        for record, prediction in scores.items()
        if differs(prediction, state.written.get(record, NO_PREDICTION))
    }
    if not (airtable.key and changed):
        return changed
    position = _key_position(airtable, state)
    named = {record: prediction for record, prediction in changed.items() if state.records[record][position]}
    if lacking := len(changed) - len(named):
        log(f"  {lacking:,} records get no prediction: they have no {airtable.key!r}, which is airtable.key")
    return named


def sink_of(airtable: AirtableSettings) -> list[Any]:
    """The place that predictions are written to: in another one nothing is written yet."""
    return [airtable.base, airtable.sink, airtable.key, airtable.written]


def keyed(airtable: AirtableSettings, ids: Sequence[str]) -> AirtableSettings:
    """The settings with a key where one is needed: by default the one id column. Raises Refused if there is none."""
    if airtable.key or not airtable.predictions:
        return airtable
    if len(ids) != 1:
        raise Refused(
            f"airtable.predictions is another table, {airtable.predictions!r}: set airtable.key to the field that "
            "tells its rows apart"
        )
    return replace(airtable, key=ids[0])


class PredictionWriter:
    """Writes what is due, batch by batch, and keeps note of it in `records`."""

    def __init__(self, client: Airtable, airtable: AirtableSettings, records: Records, log: ProgressLog) -> None:
        self.client, self.airtable, self.records, self.log = client, airtable, records, log

    def write(self, model: LoadedModel, due: Mapping[str, Written]) -> int:
        """Writes; returns the count. Raises Refused or Unreachable; what was written until then is noted and stays."""
        state, airtable, rows = self.records.state, self.airtable, list(due)
        base = Base(airtable, self.client.tables(), state)
        targets = Targets.of(base, airtable)
        typecast = targets.check_classes(model.schema.classes, airtable.create_fields)
        keys = _keys(targets.key, airtable, state) if targets.key else {}
        self.log(
            f"writing {len(rows):,} predictions into {base.sink.name!r}: {-(-len(rows) // BATCH_RECORDS):,} requests"
        )
        created = targets.create_missing(self.client, model.schema.classes)
        state.ours = sorted({*state.ours, *(field.id for field in targets.fields.values()), *created})
        next_progress, done = time.monotonic() + LOG_INTERVAL_SECONDS, 0
        try:
            for number, start in enumerate(range(0, len(rows), BATCH_RECORDS), 1):
                batch = rows[start : start + BATCH_RECORDS]
                cells = {record: self._cells(targets, model, due[record]) for record in batch}
                if targets.key:
                    cells = {record: {targets.key.name: keys[record], **cells[record]} for record in batch}
                self._update(targets, cells, typecast)
                state.written.update({record: due[record] for record in batch if record in state.records})
                done += len(batch)
                if number % BATCHES_PER_SAVE == 0:
                    self.records.save()
                if time.monotonic() > next_progress:
                    self.log(f"  {done:,} of {len(rows):,}")
                    next_progress = time.monotonic() + LOG_INTERVAL_SECONDS
        finally:
            self.records.save()
            if done < len(rows):
                self.log(f"wrote {done:,} of {len(rows):,} predictions; the next try goes on with the rest")
        return done

    def _cells(self, targets: Targets, model: LoadedModel, prediction: Written) -> dict[str, Any]:
        label, probability = prediction
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        origin = (
            {"version": model.version, "time": now} if prediction != NO_PREDICTION else {"version": None, "time": None}
        )
        values = {"label": label, **origin} | ({"probability": probability} if model.schema.classes else {})
        return targets.cells(values, self.airtable.written)

    def _update(self, targets: Targets, cells: Mapping[str, dict[str, Any]], typecast: bool) -> None:
        """Writes a batch. Of records that are no longer there, on which a whole batch fails, the state is rid."""
        if targets.key:
            self.client.update(
                targets.table, [{"fields": fields} for fields in cells.values()], targets.key.name, typecast
            )
            return
        batch: list[Record] = [{"id": record, "fields": fields} for record, fields in cells.items()]
        try:
            self.client.update(targets.table, batch, "", typecast)
        except Unreachable:
            raise
        except Refused:
            existing = self.client.existing(targets.table, list(cells))
            if existing == cells.keys():
                raise
            for record in cells.keys() - existing:
                del self.records.state.records[record]
                self.records.state.written.pop(record, None)
                self.records.state.pending.add(record)
            if existing:
                self.client.update(targets.table, [row for row in batch if row["id"] in existing], "", typecast)


def _keys(field: Field, airtable: AirtableSettings, state: State) -> dict[str, Any]:
    """The key of each record that has one, as it goes into the field. Raises Refused if two records have the same."""
    position = _key_position(airtable, state)
    record_of_key: dict[Any, str] = {}
    for record, cells in state.records.items():
        if not cells[position]:
            continue
        key = key_cell(field, cells[position])
        if record_of_key.setdefault(key, record) != record:
            raise Refused(
                f"airtable.key is {airtable.key!r}, of which two records of {airtable.table!r} have {key!r}; it must "
                "tell them apart"
            )
    return {record: key for key, record in record_of_key.items()}


def _key_position(airtable: AirtableSettings, state: State) -> int:
    """The position of the key among a record's cells. Raises Refused if it is not read."""
    if airtable.key not in state.columns:
        raise Refused(
            f"airtable.key is {airtable.key!r}, which is not among the fields that are read from {airtable.table!r}"
        )
    return state.columns.index(airtable.key)
