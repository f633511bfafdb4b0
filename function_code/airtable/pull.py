"""From a table of Airtable to a dataset in the store, if enough of it has changed."""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pyairtable.formulas import CREATED_TIME, IS_AFTER, OR
from pyairtable.formulas import Field as FieldName

from function_code.airtable import fields
from function_code.airtable.client import PAGE_RECORDS, Airtable, Record
from function_code.airtable.schema import Base
from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import Records, State, csv_of, kinds_key
from function_code.errors import Refused
from function_code.progress import LOG_INTERVAL_SECONDS, ProgressLog
from function_code.registry import Registry
from function_code.training.settings import Settings

# An answer may not have the latest changes yet, so each pull reads again what changed so long before the last one.
OVERLAP = timedelta(minutes=2)


@dataclass(frozen=True)
class PullCounts:
    """Counts of a pull: the records, and those that changed, and were removed, since the last one."""

    records: int
    changed: int
    removed: int

    @property
    def differs(self) -> bool:
        """True if anything is not as it was."""
        return bool(self.changed or self.removed)


class TablePull:
    """One pull: it reads into `records`, and writes only by `publish` and `records.save`."""

    def __init__(
        self, client: Airtable, airtable: AirtableSettings, training: Settings, records: Records, log: ProgressLog
    ) -> None:
        """Raises Refused if the table, or a field that is named, is not there."""
        self.client, self.airtable, self.training, self.records, self.log = client, airtable, training, records, log
        self.base = Base(airtable, client.tables(), records.state)
        self.columns = self.base.columns(training)

    @property
    def worth_saving(self) -> bool:
        """True if the next pull would read less if it knew of this one."""
        return bool(self.airtable.modified) and (self._full or self._read > 0)

    def read(self) -> PullCounts:
        """Reads what may have changed. Raises Refused if there are more records than the cap."""
        state, airtable = self.records.state, self.airtable
        source = [airtable.base, self.base.source.id, airtable.view, list(airtable.fields)]
        header = [field.column for field in self.columns]
        if state.source[:2] != source[:2]:
            self.records.state = state = State(ours=state.ours)
        known, before = state.records, (state.source, state.columns)
        state.source, state.columns, state.names = source, header, {**state.names, **self._names()}
        same = before == (source, header)
        self._full = self._due(state) or not same
        rows = self._rows(len(known) if same else 0)
        if not self._full and len(known | rows) > airtable.cap:
            self._full = True  # which tells whether as many were deleted
            rows = self._rows(len(known))
        removed = known.keys() - rows.keys() if self._full else set()
        changed = {record for record, cells in rows.items() if before[1] != header or known.get(record) != cells}
        state.records = rows if self._full else known | rows
        for record in removed:
            state.written.pop(record, None)
        state.pending |= changed | removed
        state.read = self.client.began
        if self._full:
            state.full = self.client.began
        return PullCounts(len(state.records), len(changed), len(removed))

    def publish(self, registry: Registry, code: str) -> bool:
        """Writes the dataset if enough records have changed since the last one; whether it did.

        Other settings of the training, and another `code` that trains, want one, too: its arrival is what trains.
        """
        state, target = self.records.state, self.training.target
        position = state.columns.index(self.base.field(self.base.source, target, "target").column)
        rows = [cells for _, cells in sorted(state.records.items()) if cells[position]]
        enough = self.airtable.retrain * len(state.records)
        training = sha256(json.dumps([asdict(self.training), code], sort_keys=True).encode()).hexdigest()
        published = state.training == training and bool(state.dataset) and registry.store.exists(state.dataset)
        if published and (not state.pending or len(state.pending) < enough):
            return False
        if not rows:
            raise Refused(
                f"base {self.airtable.base}, table {self.base.source.name!r}: no record has a {target!r} to learn from"
            )
        data = csv_of(state.columns, rows)
        key = f"datasets/{registry.model}/airtable-{sha256(data).hexdigest()[:12]}.csv"
        if published and key == state.dataset:  # what was changed was changed back, or is in no row with a target
            state.pending = set()
            return False
        kinds = {
            field.column: fields.kind(field, (cells[number] for cells in rows))
            for number, field in enumerate(self.columns)
        }
        # The dataset comes last but for the state: its arrival starts the training, which wants the kinds.
        registry.store.put(kinds_key(registry.model, key), json.dumps(kinds, ensure_ascii=False).encode())
        # It is written also where it was once, by a pull that was cut off or from a table that is as it was then.
        registry.store.put(key, data)
        state.pending, state.dataset, state.training = set(), key, training
        self.log(f"wrote {key}: {len(rows):,} rows with a {target!r}, {len(state.columns)} columns")
        return True

    def _due(self, state: State) -> bool:
        """True if everything is to be read. Raises Refused if `modified` is no field of times."""
        if self.airtable.modified:
            field = self.base.field(self.base.source, self.airtable.modified, "airtable.modified")
            if field.type != "lastModifiedTime":
                raise Refused(
                    f"airtable.modified names the field {field.name!r}, which is a {field.type}; "
                    "it can be a field of the type Last modified time"
                )
        age = timedelta(seconds=self.client.began - state.full)
        return not self.airtable.modified or age >= timedelta(days=self.airtable.full_days)

    def _names(self) -> dict[str, str]:
        return {**self.base.source.names, **self.base.sink.names}

    def _announce(self, known: int) -> None:
        name, cap = self.base.source.name, self.airtable.cap
        if not self._full:
            self.log(f"reading what changed in {name!r} since the last pull: of {known:,} records")
        elif 0 < known <= cap:
            self.log(f"reading {name!r}: some {known:,} records, {-(-known // PAGE_RECORDS):,} requests")
        else:
            self.log(f"reading {name!r}: up to {cap:,} records, {-(-cap // PAGE_RECORDS):,} requests at the most")

    def _rows(self, known: int) -> dict[str, list[str]]:
        """The cells of the records that are asked for, by record; so many are known. Raises Refused above the cap."""
        self._announce(known)
        options: dict[str, Any] = {"fields": [field.name for field in self.columns]}
        if self.airtable.view:
            options["view"] = self.airtable.view
        if not self._full:
            since = datetime.fromtimestamp(self.records.state.read, UTC) - OVERLAP
            # A record that nobody has touched since it was made may have no time of a modification.
            options["formula"] = OR(IS_AFTER(FieldName(self.airtable.modified), since), IS_AFTER(CREATED_TIME(), since))
        rows: dict[str, list[str]] = {}
        next_progress = time.monotonic() + LOG_INTERVAL_SECONDS
        for page in self.client.pages(self.base.source.id, max_records=self.airtable.cap + 1, **options):
            rows |= {record["id"]: self._cells(record) for record in page}
            if len(rows) > self.airtable.cap:
                raise Refused(
                    f"base {self.airtable.base}, table {self.base.source.name!r} has more records than airtable.cap, "
                    f"which is {self.airtable.cap:,}; nothing was written: raise the cap, or name a view with fewer"
                )
            if time.monotonic() > next_progress:
                self.log(f"  {len(rows):,} records")
                next_progress = time.monotonic() + LOG_INTERVAL_SECONDS
        self._read = len(rows)
        return rows

    def _cells(self, record: Record) -> list[str]:
        return [fields.text(field, record["fields"].get(field.name)) for field in self.columns]
