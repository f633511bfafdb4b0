"""A training, or what else a message asks for (`orders`), in a function of any cloud, and how it ends.

The environment says what to train: STORE is the store's URL, MODEL the model's name, TRAINING the settings as a JSON
object of what function_code.training.settings.Settings has; AIRTABLE, where data comes from there, what
function_code.airtable.settings.AirtableSettings has, and CODE the digest of the code that trains. There predictions are
written back after each training, and after a pull that asks for none: all that differs from what was written.

What no other try would mend ends as an outcome in the log: promoted, kept, scored, pulled, written, refused or whatever
Ended says. Everything else is raised, so that whoever sent the message sends it again.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from function_code.entrypoints.job_log import Lines
from function_code.entrypoints.jobs import Ended, Order, Pull, Score, Train
from function_code.entrypoints.json_log import Log
from function_code.errors import Refused
from function_code.progress import ProgressLog
from function_code.registry import Registry
from function_code.store import Store

if TYPE_CHECKING:
    from function_code.airtable.settings import AirtableSettings
    from function_code.training.settings import Settings

SecondsLeft = Callable[[], float]

STDOUT = 1  # which clouds take the log from
SEARCHING = 0.5  # of the time that is left; the rest is for what comes after the search

# A function has no home directory to write to, and no shared memory for the locks between processes; threads do
# without.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
os.environ.setdefault("JOBLIB_MULTIPROCESSING", "0")


def carry_out(
    cause: str, asked: Callable[[Registry], Order], seconds_left: float, request_id: str, log: Log | None = None
) -> None:
    """Does what a message asks for. Raises whatever another try may mend.

    `cause` is the same if the same thing is asked for again; `asked` may raise Ended. The log is stdout by default.
    """
    lines = Lines(log or Log(STDOUT), request_id, cause)
    deadline = time.monotonic() + seconds_left

    def left() -> float:
        return deadline - time.monotonic()

    with lines.attempt("training") as attempt:
        registry = Registry(Store(os.environ["STORE"]), os.environ["MODEL"])
        order = attempt.order = asked(registry)
        attempt.ends_by(_done(order, registry, cause, left, lines.log))
    if attempt.settled() and os.environ.get("AIRTABLE"):
        with lines.attempt("write_back") as attempt:
            attempt.ends_by(_write_back(registry, left, lines.log))


def _done(order: Order, registry: Registry, cause: str, left: SecondsLeft, log: ProgressLog) -> dict[str, Any]:
    """How it ended, as it stands in the log. Raises as what is asked for does, and Ended."""
    match order:
        case Train(dataset):
            return _train(registry, dataset, cause, left(), log)
        case Score(file):
            # Imported here, as below: clouds give a start less time than an invocation.
            from function_code.batch.scoring import score_object

            return {"outcome": "scored", **score_object(registry, file, log, left())}
        case Pull():
            return _pull(registry, left, log)


def _pull(registry: Registry, left: SecondsLeft, log: ProgressLog) -> dict[str, Any]:
    if not os.environ.get("AIRTABLE"):
        raise Refused("there is nothing to pull from: the stack has no source")
    from function_code.airtable import sync

    found = sync.pull(registry, _settings(), _airtable(), log, left, os.environ.get("CODE", ""))
    return {"outcome": "pulled", "dataset": found.dataset, "new": found.new, "requests": found.requests}


def _write_back(registry: Registry, left: SecondsLeft, log: ProgressLog) -> dict[str, Any]:
    from function_code.airtable import sync

    sent = sync.write_back(registry, _airtable(), log, left)
    return {"outcome": "written", "written": sent.written, "version": sent.version, "requests": sent.requests}


def _airtable() -> "AirtableSettings":
    from function_code.airtable.settings import AirtableSettings

    return AirtableSettings.of(json.loads(os.environ["AIRTABLE"]))


def _settings() -> "Settings":
    from function_code.training.settings import Settings

    return Settings.of(json.loads(os.environ["TRAINING"]))


def _train(registry: Registry, dataset: str, cause: str, seconds_left: float, log: ProgressLog) -> dict[str, Any]:
    from function_code.airtable.state import kinds_of
    from function_code.training import run
    from function_code.training.settings import check_model_name

    check_model_name(registry.model)
    given = _settings()
    budget = min(given.budget, seconds_left * SEARCHING)
    settings = replace(given, budget=budget, kinds={**kinds_of(registry, dataset), **given.kinds})
    _not_done(registry, cause)
    outcome = run.train(registry.store.get(dataset), os.path.basename(dataset), settings, registry, log, cause)
    return {
        "outcome": "promoted" if outcome.promoted else "kept",
        "version": outcome.version,
        "reasons": outcome.reasons,
        "metrics": outcome.manifest["metrics"],
    }


def _not_done(registry: Registry, cause: str) -> None:
    """Raises Ended if the newest version came of the same message: a queue may give one twice.

    One that passed its gates and yet never served does not count: its training was cut off before the end.
    """
    for version in registry.versions()[-1:] if cause else []:
        manifest, pointer = registry.manifest(version), registry.pointer()
        served = pointer is not None and version in (pointer.stable, *pointer.previous)
        if manifest.get("cause") == cause and (served or not all(gate["passed"] for gate in manifest["gates"])):
            raise Ended(f"version {version} came of this message already")
