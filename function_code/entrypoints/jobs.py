"""Jobs of the function that trains, and the messages that ask for them, in any cloud."""

import json
from dataclasses import dataclass
from typing import Any

from function_code.batch import arrivals_prefix
from function_code.data.endings import ENDINGS
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.store import Store


@dataclass(frozen=True)
class Train:
    """A training on a dataset, by its key."""

    dataset: str


@dataclass(frozen=True)
class Score:
    """The scoring of a file, by its key."""

    file: str


@dataclass(frozen=True)
class Pull:
    """A pull of the dataset from where it comes from, after which the predictions are written back."""


Job = Train | Score | Pull


class JobDropped(Exception):
    """The message asks for nothing that is left to do; `outcome` says in a word why."""

    def __init__(self, reason: str, outcome: str = "ignored") -> None:
        super().__init__(reason)
        self.outcome = outcome


def parse_json(text: str | bytes) -> Any:
    """Parses a message of JSON. Raises Refused."""
    try:
        return json.loads(text)
    except ValueError:
        raise Refused("the message is not JSON") from None


def parse_job(message: Any, registry: Registry) -> Job:
    """The job that a message of ours asks for. Raises Refused if it asks for none.

    {"retrain": true} is to train on the newest dataset, {"dataset": key} on this one, {"score": key} to score a file,
    {"pull": true} to pull.
    """
    datasets, batch = _folders(registry)
    match message:
        case {"retrain": True}:
            return Train(registry.store.newest(datasets.rstrip("/")))
        case {"dataset": str(key)}:
            if not key.startswith(datasets):
                raise Refused(f"the dataset {key} is not under {datasets}")
            return Train(key)
        case {"score": str(key)}:
            if not (key.startswith(batch) and key.lower().endswith(ENDINGS)):
                raise Refused(
                    f"the file {key} is no table under {batch} (by its name: .csv, .parquet, .xlsx, .jsonl ...)"
                )
            return Score(key)
        case {"pull": True}:
            return Pull()
        case _:
            raise Refused(
                "the message is neither the event of an upload nor "
                '{"retrain": true}, {"dataset": "datasets/..."}, {"score": "batch/..."} or {"pull": true}'
            )


def job_of_upload(bucket: str, key: str, registry: Registry) -> Job:
    """The job for an object that arrived; `bucket` is its URL. Raises JobDropped if it is none of the model's."""
    datasets, batch = _folders(registry)
    if registry.store.url.rstrip("/") != bucket:
        raise JobDropped(f"{key} is in {bucket}, and not in {registry.store.url}")
    if key.lower().endswith(ENDINGS):
        if key.startswith(datasets):
            return Train(key)
        if key.startswith(batch):
            return Score(key)
    raise JobDropped(f"{key} is no table (.csv, .parquet, .xlsx, .jsonl ...) under {datasets} or {batch}")


def stored_key(key: str, decoded: str, store: Store) -> str:
    """The key of the object of an event, in which it may be encoded as in URLs; `decoded` is `key` without that.

    Clouds do not say in so many words whether the keys in their events are encoded.
    """
    return decoded if decoded != key and not store.exists(key) else key


def _folders(registry: Registry) -> tuple[str, str]:
    return f"datasets/{registry.model}/", arrivals_prefix(registry.model)
