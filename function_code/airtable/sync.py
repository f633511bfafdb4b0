"""A pull from Airtable, and a write back to it: what a message, a command and the local stack ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from function_code.airtable.client import Airtable
from function_code.airtable.pull import PullCounts, TablePull
from function_code.airtable.rate_limit import SecondsLeft
from function_code.airtable.settings import AirtableSettings, check_training
from function_code.airtable.state import Records
from function_code.airtable.targets import Targets
from function_code.airtable.token import read_token
from function_code.airtable.write_back import PredictionWriter, due, keyed
from function_code.errors import NotFound
from function_code.progress import ProgressLog
from function_code.registry import Registry
from function_code.schema import RECOMMENDATION
from function_code.scoring.loaded_model import load_stable
from function_code.training.settings import Settings

RESERVED_SECONDS = 15.0  # to save the state at the end


@dataclass(frozen=True)
class PullResult:
    """The result of a pull: the key of the newest dataset, whether it is new, and what was read."""

    dataset: str
    new: bool
    read: PullCounts
    requests: int


@dataclass(frozen=True)
class WriteBackResult:
    """The result of a write back: the predictions written, and the version that made them, "" if none serves."""

    written: int
    version: str
    requests: int


def unlimited() -> float:
    """The seconds that are left where there is no limit."""
    return float("inf")


def pull(
    registry: Registry,
    training: Settings,
    airtable: AirtableSettings,
    log: ProgressLog,
    seconds_left: SecondsLeft = unlimited,
    code: str = "",
) -> PullResult:
    """Reads what changed, and writes a dataset if enough did. Nothing is written if nothing changed.

    `code` is the digest of the code that trains, where another one asks for another training.
    Raises Refused; Unreachable and Conflict where the same, asked for again, may succeed.
    """
    client = _client(airtable, log, seconds_left)
    table_pull = _pull(registry, training, airtable, log, client)
    read = table_pull.read()
    new = table_pull.publish(registry, code)
    if read.differs or new or table_pull.worth_saving:
        table_pull.records.save()
    log(
        f"{read.records:,} records, {read.changed:,} of them new or changed, {read.removed:,} gone; "
        f"{client.requests:,} requests"
    )
    return PullResult(table_pull.records.state.dataset, new, read, client.requests)


def look(
    registry: Registry,
    training: Settings,
    airtable: AirtableSettings,
    log: ProgressLog,
    seconds_left: SecondsLeft = unlimited,
) -> PullCounts:
    """Reads as a pull would; nothing is written. Raises as `pull` does."""
    return _pull(registry, training, airtable, log, _client(airtable, log, seconds_left)).read()


def write_back(
    registry: Registry, airtable: AirtableSettings, log: ProgressLog, seconds_left: SecondsLeft = unlimited
) -> WriteBackResult:
    """Writes the predictions of the stable version that Airtable does not have yet. Raises as `pull` does."""
    if not airtable.label:
        return _nothing("airtable.label is empty", log)
    try:
        model = load_stable(registry)
    except NotFound:
        return _nothing("no version serves yet", log)
    if model.schema.task == RECOMMENDATION:
        return _nothing(f"version {model.version} recommends to users, not for each record", log)
    records, airtable = Records(registry), keyed(airtable, model.schema.ids)
    predictions = due(model, airtable, records.state, log)
    if not predictions:
        return WriteBackResult(0, model.version, 0)
    client = _client(airtable, log, seconds_left)
    count = PredictionWriter(client, airtable, records, log).write(model, predictions)
    log(f"wrote {count:,} predictions of version {model.version}; {client.requests:,} requests")
    return WriteBackResult(count, model.version, client.requests)


def _nothing(why: str, log: ProgressLog) -> WriteBackResult:
    log(f"nothing is written back: {why}")
    return WriteBackResult(0, "", 0)


def _client(airtable: AirtableSettings, log: ProgressLog, seconds_left: Callable[[], float]) -> Airtable:
    return Airtable(airtable, read_token(airtable.token), log, lambda: seconds_left() - RESERVED_SECONDS)


def _pull(
    registry: Registry, training: Settings, airtable: AirtableSettings, log: ProgressLog, client: Airtable
) -> TablePull:
    check_training(training.item)
    table_pull = TablePull(client, airtable, training, Records(registry), log)
    Targets.of(table_pull.base, keyed(airtable, training.id))  # better now than after a training
    return table_pull
