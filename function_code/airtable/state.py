"""The state of a table, and of what was written back to it: one object in the store beside the datasets.

airtable/<model>/records.json.gz               the records as they were read last
airtable/<model>/<name of a dataset>.json      the kinds of that dataset's columns
"""

import csv
import gzip
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from function_code.errors import NotFound, Refused
from function_code.registry import Registry

Written = tuple[Any, float | None]  # the label or the value, and the label's probability; (None, None): nothing

FORMAT = 1


@dataclass
class State:
    """`records` has each record's cells, in the order of `columns`.

    `written` is what stands in the fields of the predictions, by record, and `sink` which fields these are; `ours` are
    the ids of all fields that were ever written to, which are no features, whatever is written now. `pending` are the
    records that are not in `dataset` as they are now. `names` are those of the tables and their fields, by id.
    `read` is when the last pull began, `full` when the last full one did, in seconds since 1970.
    """

    source: list[Any] = field(default_factory=list)
    sink: list[Any] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    ours: list[str] = field(default_factory=list)
    dataset: str = ""
    """The key of the dataset that was written last, or ""."""
    training: str = ""
    """A digest of the settings, and of the code, of the training that it was written for."""
    read: float = 0.0
    full: float = 0.0


class Records:
    """The state in the store; one writer at a time gets through."""

    def __init__(self, registry: Registry) -> None:
        """Reads it; without any yet it is empty. Raises Refused if it can't be read."""
        self._store, self._key = registry.store, records_key(registry.model)
        self._tag = ""
        self.state = State()
        try:
            data, self._tag = self._store.get_tagged(self._key)
        except NotFound:
            return
        try:
            content = json.loads(gzip.decompress(data))
            if content.pop("format") != FORMAT:
                raise ValueError
            self.state = State(**{**content, "pending": set(content["pending"])})
            self.state.written = {record: (label, p) for record, (label, p) in content["written"].items()}
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            raise Refused(
                f"{self._key} in {self._store.url} was not written by this release; remove it, and all is read again"
            ) from None

    def save(self) -> None:
        """Writes it as a whole. Raises Conflict if somebody else has written since it was read."""
        content = {"format": FORMAT, **asdict(self.state), "pending": sorted(self.state.pending)}
        data = gzip.compress(json.dumps(content, ensure_ascii=False).encode(), compresslevel=6, mtime=0)
        if self._tag:
            self._store.replace(self._key, data, self._tag)
        else:
            self._store.create(self._key, data)
        self._tag = self._store.tag(self._key)


def records_key(model: str) -> str:
    """The key of the state."""
    return f"airtable/{model}/records.json.gz"


def kinds_of(registry: Registry, dataset: str) -> dict[str, str]:
    """The kinds of the columns of a dataset, by its key, that came from Airtable; of any other one none."""
    folder, name = f"datasets/{registry.model}/airtable-", kinds_key(registry.model, dataset)
    if not dataset.startswith(folder):
        return {}
    try:
        kinds: dict[str, str] = json.loads(registry.store.get(name))
    except NotFound:
        return {}
    return kinds


def kinds_key(model: str, dataset: str) -> str:
    """The key of the kinds of a dataset."""
    return f"airtable/{model}/{dataset.rpartition('/')[2].removesuffix('.csv')}.json"


def csv_of(header: list[str], rows: Iterable[list[str]]) -> bytes:
    """A CSV file of texts; each is quoted, so that nothing in a name can be taken for a delimiter."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
