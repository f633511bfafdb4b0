"""The run of a job (`jobs`), a training or another, in a function of any cloud.

The environment says what to train: STORE is the store's URL, MODEL the model's name, TRAINING the settings as a JSON
object of what function_code.training.settings.Settings has; AIRTABLE, where data comes from there, what
function_code.airtable.settings.AirtableSettings has, and CODE the digest of the code that trains. There predictions are
written back after each training, and after a pull that asks for none: all that differs from what was written.

What no other try would mend ends as an outcome in the log: promoted, kept, scored, pulled, written, refused or that of
JobDropped. Everything else is raised, so that whoever sent the message sends it again.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from function_code.entrypoints.job_log import JobLog
from function_code.entrypoints.jobs import Job, JobDropped, Pull, Score, Train
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
SEARCH_SHARE = 0.5  # of the time that is left; the rest is for what comes after the search

# A function has no home directory to write to, and no shared memory for the locks between processes; threads do
# without.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
os.environ.setdefault("JOBLIB_MULTIPROCESSING", "0")


def run_job(
    idempotency_key: str,
    parse: Callable[[Registry], Job],
    timeout_seconds: float,
    request_id: str,
    log: Log | None = None,
) -> None:
    """Runs the job that `parse` makes of a message. Raises whatever another try may mend.

    `idempotency_key` is the same if the same job comes again; `parse` may raise JobDropped. The log is stdout by
    default.
    """
    job_log = JobLog(log or Log(STDOUT), request_id, idempotency_key)
    deadline = time.monotonic() + timeout_seconds

    def seconds_left() -> float:
        return deadline - time.monotonic()

    with job_log.attempt("training") as attempt:
        registry = Registry(Store(os.environ["STORE"]), os.environ["MODEL"])
        job = attempt.job = parse(registry)
        attempt.finish(_run(job, registry, idempotency_key, seconds_left, job_log.progress))
    if attempt.allows_write_back() and os.environ.get("AIRTABLE"):
        with job_log.attempt("write_back") as attempt:
            attempt.finish(_write_back(registry, seconds_left, job_log.progress))


def _run(
    job: Job, registry: Registry, idempotency_key: str, seconds_left: SecondsLeft, log: ProgressLog
) -> dict[str, Any]:
    """Runs a job; returns its outcome and the rest for the log. Raises as the job does, and JobDropped."""
    match job:
        case Train(dataset):
            return _train(registry, dataset, idempotency_key, seconds_left(), log)
        case Score(file):
            # Imported here, as below: clouds give a start less time than an invocation.
            from function_code.batch.scoring import score_object

            return {"outcome": "scored", **score_object(registry, file, log, seconds_left())}
        case Pull():
            return _pull(registry, seconds_left, log)


def _pull(registry: Registry, seconds_left: SecondsLeft, log: ProgressLog) -> dict[str, Any]:
    if not os.environ.get("AIRTABLE"):
        raise Refused("there is nothing to pull from: the stack has no source")
    from function_code.airtable import sync

    pulled = sync.pull(registry, _settings(), _airtable(), log, seconds_left, os.environ.get("CODE", ""))
    return {"outcome": "pulled", "dataset": pulled.dataset, "new": pulled.new, "requests": pulled.requests}


def _write_back(registry: Registry, seconds_left: SecondsLeft, log: ProgressLog) -> dict[str, Any]:
    from function_code.airtable import sync

    sent = sync.write_back(registry, _airtable(), log, seconds_left)
    return {"outcome": "written", "written": sent.written, "version": sent.version, "requests": sent.requests}


def _airtable() -> "AirtableSettings":
    from function_code.airtable.settings import AirtableSettings

    return AirtableSettings.of(json.loads(os.environ["AIRTABLE"]))


def _settings() -> "Settings":
    from function_code.training.settings import Settings

    return Settings.of(json.loads(os.environ["TRAINING"]))


def _train(
    registry: Registry, dataset: str, idempotency_key: str, seconds_left: float, log: ProgressLog
) -> dict[str, Any]:
    from function_code.airtable.state import kinds_of
    from function_code.training import run
    from function_code.training.settings import check_model_name

    check_model_name(registry.model)
    settings = _settings()
    searches = 2 if settings.horizon else 1
    budget = min(settings.budget, seconds_left * SEARCH_SHARE / searches)
    settings = replace(settings, budget=budget, kinds={**kinds_of(registry, dataset), **settings.kinds})
    _check_not_done(registry, idempotency_key)
    data, name = registry.store.get(dataset), os.path.basename(dataset)
    outcome = run.train(data, name, settings, registry, log, idempotency_key)
    return {
        "outcome": "promoted" if outcome.promoted else "kept",
        "version": outcome.version,
        "reasons": outcome.reasons,
        "metrics": outcome.manifest["metrics"],
    }


def _check_not_done(registry: Registry, idempotency_key: str) -> None:
    """Raises JobDropped if the newest version came of the same message: a queue may give one twice.

    One that passed its gates and yet never served does not count: its training was cut off before the end.
    """
    for version in registry.versions()[-1:] if idempotency_key else []:
        manifest, pointer = registry.manifest(version), registry.pointer()
        served = pointer is not None and version in (pointer.stable, *pointer.previous)
        is_finished = served or not all(gate["passed"] for gate in manifest["gates"])
        if manifest.get("idempotency_key") == idempotency_key and is_finished:
            raise JobDropped(f"version {version} came of this message already")
