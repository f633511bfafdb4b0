"""What a message asks the function that trains for, in any cloud."""

import json
from dataclasses import dataclass
from typing import Any

from function_code.batch import SCORABLE, arriving
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.store import Store


@dataclass(frozen=True)
class Train:
    """To train on a dataset, by its key."""

    dataset: str


@dataclass(frozen=True)
class Score:
    """To score a file, by its key."""

    file: str


@dataclass(frozen=True)
class Pull:
    """To pull the dataset from where it comes from, and to give the predictions back."""


Order = Train | Score | Pull


class Ended(Exception):
    """The message asks for nothing that is left to do; `outcome` says in a word why."""

    def __init__(self, why: str, outcome: str = "ignored") -> None:
        super().__init__(why)
        self.outcome = outcome


def decoded(text: str | bytes) -> Any:
    """A message of JSON. Raises Refused."""
    try:
        return json.loads(text)
    except ValueError:
        raise Refused("the message is not JSON") from None


def ordered(message: Any, registry: Registry) -> Order:
    """What a message of ours asks for. Raises Refused if it asks for nothing.

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
            if not (key.startswith(batch) and key.lower().endswith(SCORABLE)):
                raise Refused(f"the file {key} is no CSV or Parquet file under {batch}")
            return Score(key)
        case {"pull": True}:
            return Pull()
        case _:
            raise Refused(
                "the message is neither the news of a file nor "
                '{"retrain": true}, {"dataset": "datasets/..."}, {"score": "batch/..."} or {"pull": true}'
            )


def arrived(bucket: str, key: str, registry: Registry) -> Order:
    """What an object asks for by its arrival; `bucket` is its URL. Raises Ended if it is none of the model's."""
    datasets, batch = _folders(registry)
    if registry.store.url.rstrip("/") != bucket:
        raise Ended(f"{key} is in {bucket}, and not in {registry.store.url}")
    if key.startswith(datasets) and key.lower().endswith(".csv"):
        return Train(key)
    if key.startswith(batch) and key.lower().endswith(SCORABLE):
        return Score(key)
    raise Ended(f"{key} is no CSV file under {datasets}, nor a CSV or Parquet file under {batch}")


def as_stored(key: str, plain: str, store: Store) -> str:
    """The key of an object that an event tells of: without the encoding of URLs it is `plain`.

    Clouds do not say in so many words whether the keys in their events are encoded.
    """
    return plain if plain != key and not store.exists(key) else key


def _folders(registry: Registry) -> tuple[str, str]:
    return f"datasets/{registry.model}/", arriving(registry.model)
