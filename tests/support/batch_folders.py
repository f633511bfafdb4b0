"""The folder of a scoring's results, read for tests."""

import csv
import json
from typing import Any

from function_code.batch.scoring import Location, score, serving_models
from function_code.registry import Registry
from function_code.store import Store


class Folder:
    """The three files of `location`, each checked to be whole."""

    def __init__(self, location: Location) -> None:
        self.header, self.scores = _table(location, "scores.csv")
        self.rejects_header, self.rejects = _table(location, "rejects.csv")
        self.summary: dict[str, Any] = json.loads(location.store.get(f"{location.key}/summary.json"))
        assert self.summary.get("users", self.summary["scored"]) == len(self.scores)
        assert self.summary["rejected"] == len(self.rejects)
        assert self.summary["rows"] == self.summary["scored"] + len(self.rejects)

    def reasons(self) -> dict[int, str]:
        return {int(row["rejected_row"]): row["rejected_because"] for row in self.rejects}


def scored(registry: Registry, data: bytes, name: str = "some.csv", **options: Any) -> Folder:
    """The folder of a file with these bytes, scored by what serves."""
    registry.store.put(name, data)
    location = Location(registry.store, "results")
    loaded, items = serving_models(registry)
    summary = score(Location(registry.store, name), location, loaded, lambda line: None, **options, items=items)
    folder = Folder(location)
    assert folder.summary == summary
    return folder


def results(store: Store) -> list[str]:
    return store.list("results")


def _table(location: Location, name: str) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(location.store.get(f"{location.key}/{name}").decode().splitlines(keepends=True))
    rows = list(reader)
    return list(reader.fieldnames or []), rows
