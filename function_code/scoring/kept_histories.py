"""The histories that the store keeps of users, for requests without one.

Of two artifacts of a version `histories.bin` has shards, one behind the other, and `histories.json` the end and the
sha256 of each. A shard is compressed lines, a JSON array for each of its users:

    ["u1", ["tea", "cup"], ["2025-11-30", "2025-12-02T08:26:00Z"], [2.0, null]]

the user, the items, their times and, where the events have some, their amounts, the latest last. A request reads the
shards of its users and no others. Standard library only: training writes histories, serving reads them.
"""

from __future__ import annotations

import json
from zlib import crc32, decompress

from function_code.column import category
from function_code.history_checks import AMOUNT, HISTORY, ITEM, WHEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from function_code.registry import Registry

    Shard = tuple[int, int, str]  # its start, its end and its sha256

SHARDS, INDEX = "histories.bin", "histories.json"
MAX_CACHED_SHARDS = 256  # of some 28 kB
SHARDS_AT_ONCE = 32  # that are read, for a request of many users


class KeptHistories:
    """The histories of one version, of which nothing is read before a request needs it. Safe in threads."""

    def __init__(self, registry: Registry, version: str, manifest: dict[str, Any]) -> None:
        self._registry, self._version, self._manifest = registry, version, manifest
        self._user: str = manifest["histories"]["user"]
        self._features = {column["name"] for column in manifest["schema"]["features"]}
        self._shards: list[Shard] = []
        self._cache: dict[int, bytes] = {}

    def fill(self, instances: list[Any]) -> list[Any]:
        """The instances; those that name a user and have no history, or null, with the one kept of that user, if any.

        Raises as `Registry.artifact` does.
        """
        users = [self._user_of(instance) for instance in instances]
        kept = self._read({user for user in users if user})
        return [
            {**instance, HISTORY: kept[user]} if user in kept else instance
            for instance, user in zip(instances, users, strict=True)
        ]

    def _user_of(self, instance: Any) -> str:
        """The user whose history is wanted, as training read the name; "" if none is, or features are there instead."""
        if type(instance) is not dict or instance.get(HISTORY) is not None or not self._features.isdisjoint(instance):
            return ""
        user = instance.get(self._user)
        return category(str(user)) if type(user) in (str, int, float) else ""

    def _read(self, users: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """The histories of those users of whom one is kept."""
        by_shard: dict[int, list[str]] = {}
        for user in users:
            by_shard.setdefault(shard_of(user, len(self._index())), []).append(user)
        kept = {}
        for number, shard in self._contents(sorted(by_shard)):
            lines = decompress(shard)
            for user in by_shard[number]:
                start = lines.find(b"\n[" + key(user) + b",") + 1
                if start:
                    kept[user] = _events(json.loads(lines[start : lines.index(b"\n", start)]))
        return kept

    def _contents(self, numbers: list[int]) -> Iterator[tuple[int, bytes]]:
        """The shards of those numbers, from the cache where they are in it."""
        for first in range(0, len(numbers), SHARDS_AT_ONCE):
            some = numbers[first : first + SHARDS_AT_ONCE]
            cached = {number: self._cache.get(number) for number in some}
            absent = [number for number in some if cached[number] is None]
            new = dict(zip(absent, self._read_shards(absent), strict=True)) if absent else {}
            if len(self._cache) + len(new) > MAX_CACHED_SHARDS:
                self._cache.clear()
            self._cache.update(new)
            for number in some:
                yield number, cached[number] or new[number]

    def _read_shards(self, numbers: list[int]) -> list[bytes]:
        self._registry.store.fail_again()
        return self._registry.pieces(self._version, SHARDS, [self._index()[number] for number in numbers])

    def _index(self) -> list[Shard]:
        if not self._shards:
            self._registry.store.fail_again()  # the look at the pointer, moments ago, may have waited for long
            index = json.loads(self._registry.artifact(self._version, INDEX, self._manifest))
            self._shards = list(zip([0, *index["ends"]], index["ends"], index["sha256"], strict=False))
        return self._shards


def forget(registry: Registry) -> list[str]:
    """The versions older than the one that serves whose histories are now deleted; not those of a canary.

    A newer one may be of a training that is about to promote it. Raises as every method of a store does.
    """
    pointer = registry.pointer()
    if pointer is None:
        return []
    canary = pointer.canary[0] if pointer.canary else ""
    versions = []
    for path in registry.store.list(f"models/{registry.model}/versions"):
        *_, version, name = path.split("/")
        if name in (SHARDS, INDEX) and version < pointer.stable and version != canary:
            registry.store.delete(path)
            versions.append(version)
    return list(dict.fromkeys(versions))


def key(user: str) -> bytes:
    """A user as a line has it."""
    return json.dumps(user).encode()


def shard_of(user: str, shards: int) -> int:
    """The number of the shard that a user is in, of so many."""
    return crc32(key(user)) % shards


def _events(line: list[Any]) -> list[dict[str, Any]]:
    """The events of a line, as a request has them."""
    _, *columns = line
    names = (ITEM, WHEN, AMOUNT)[: len(columns)]
    return [dict(zip(names, event, strict=True)) for event in zip(*columns, strict=True)]
