"""A training as an AWS Lambda function, started by messages of an SQS queue one by one: handler `train`.

The environment says what to train: STORE is the store's URL, MODEL the model's name, TRAINING the settings as a JSON
object of what function_code.training.settings.Settings has. A message's body is one of

    the event "Object Created" of S3, as EventBridge sends it    trains on that dataset
    {"retrain": true}                                            trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}                       trains on this one

What no other try would mend ends as an outcome in the log: promoted, kept, refused or ignored. Everything else is
raised, so that the queue gives the message again and, in the end, to its dead letters.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from function_code.entrypoints.log import Log
from function_code.errors import Conflict, Refused, Unreachable
from function_code.registry import Registry
from function_code.store import Store

STDOUT = 1  # which Lambda takes the log from
SEARCHING = 0.5  # of the time that is left; the rest is for what comes after the search

# Lambda has no home directory, and no shared memory for the locks between processes; threads do without.
os.environ.setdefault("MPLCONFIGDIR", os.path.join(tempfile.gettempdir(), "matplotlib"))
os.environ.setdefault("JOBLIB_MULTIPROCESSING", "0")


class Ignored(Exception):
    """The message asks for nothing that is left to do."""


def train(event: dict[str, Any], context: Any) -> None:
    """Trains as a message asks. Raises whatever another try may mend."""
    log, started = Log(STDOUT), time.monotonic()

    def write(kind: str, content: dict[str, Any]) -> None:
        log.write({"event": kind, **content, "request_id": context.aws_request_id})
        log.flush()

    def end(outcome: str, content: dict[str, Any]) -> None:
        write("training", {"outcome": outcome, **content, "seconds": round(time.monotonic() - started, 1)})

    told: dict[str, Any] = {}
    try:
        message, cause = _message(event)
        told["cause"] = cause
        registry = Registry(Store(os.environ["STORE"]), os.environ["MODEL"])
        told["dataset"] = _dataset(message, registry)
        seconds_left = context.get_remaining_time_in_millis() / 1000
        outcome = _train(registry, told["dataset"], cause, seconds_left, lambda text: write("progress", {"text": text}))
    except Ignored as why:
        end("ignored", {**told, "reasons": [str(why)]})
    except (Unreachable, Conflict) as error:
        end("failed", {**told, "reasons": [str(error)]})
        raise
    except Refused as error:
        end("refused", {**told, "reasons": [str(error)]})
    except Exception as error:
        end("failed", {**told, "reasons": [f"{type(error).__name__}: {error}"]})
        raise
    else:
        end("promoted" if outcome.pop("promoted") else "kept", {**told, **outcome})


def _message(event: dict[str, Any]) -> tuple[Any, str]:
    """What is asked for, and an id that is the same if the same thing comes again. Raises Refused.

    An event that is no queue's is a message itself: somebody invokes the function by hand.
    """
    if "Records" not in event:
        return event, str(event.get("id", ""))
    (record,) = event["Records"]
    try:
        message = json.loads(record["body"])
    except ValueError:
        raise Refused("the message is not JSON") from None
    given = message.get("id") if isinstance(message, dict) else None
    return message, str(given or record["messageId"])


def _dataset(message: Any, registry: Registry) -> str:
    """The key of the dataset that a message asks for. Raises Ignored, or Refused if there is none."""
    folder = f"datasets/{registry.model}/"
    match message:
        case {"detail-type": "Object Created", "detail": {"bucket": {"name": bucket}, "object": {"key": str(key)}}}:
            if registry.store.url.rstrip("/") != f"s3://{bucket}":
                raise Ignored(f"{key} is in the bucket {bucket}, and not in {registry.store.url}")
            key = _as_stored(key, registry.store)
            if not (key.startswith(folder) and key.lower().endswith(".csv")):
                raise Ignored(f"{key} is no CSV file under {folder}")
            return key
        case {"retrain": True}:
            return registry.store.newest(folder.rstrip("/"))
        case {"dataset": str(key)}:
            if not key.startswith(folder):
                raise Refused(f"the dataset {key} is not under {folder}")
            return key
        case _:
            raise Refused('the message is neither an S3 event nor {"retrain": true} nor {"dataset": "datasets/..."}')


def _as_stored(key: str, store: Store) -> str:
    """An event's key as it is in the store.

    S3's own notifications have "a+b.csv" for "a b.csv"; AWS does not say whether those of EventBridge do.
    """
    decoded = unquote_plus(key)
    return decoded if decoded != key and not store.exists(key) else key


def _train(
    registry: Registry, dataset: str, cause: str, seconds_left: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """The outcome as it stands in the log. Raises as a training does, and Ignored."""
    # Imported here: Lambda gives an import at start ten seconds, and this one the time of the invocation.
    from function_code.training import run
    from function_code.training.settings import Settings, check_model_name

    check_model_name(registry.model)
    settings = Settings.of(json.loads(os.environ["TRAINING"]))
    settings = replace(settings, budget=min(settings.budget, seconds_left * SEARCHING))
    _not_done(registry, cause)
    outcome = run.train(registry.store.get(dataset), os.path.basename(dataset), settings, registry, say, cause)
    return {
        "promoted": outcome.promoted,
        "version": outcome.version,
        "reasons": outcome.reasons,
        "metrics": outcome.manifest["metrics"],
    }


def _not_done(registry: Registry, cause: str) -> None:
    """Raises Ignored if the newest version came of the same message: a queue may give one twice.

    One that passed its gates and yet never served does not count: its training was cut off before the end.
    """
    for version in registry.versions()[-1:] if cause else []:
        manifest, pointer = registry.manifest(version), registry.pointer()
        served = pointer is not None and version in (pointer.stable, *pointer.previous)
        if manifest.get("cause") == cause and (served or not all(gate["passed"] for gate in manifest["gates"])):
            raise Ignored(f"version {version} came of this message already")
