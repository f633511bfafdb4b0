"""Objects that a pull leaves in the store."""

import csv
import io

from function_code.registry import Registry


def dataset_rows(registry: Registry, key: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(registry.store.get(key).decode())))


def stored_objects(registry: Registry) -> dict[str, bytes]:
    return {key: registry.store.get(key) for key in registry.store.list("")}
