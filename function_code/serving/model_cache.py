"""The cache of the versions that serve right now, kept in step with the registry's pointer."""

from __future__ import annotations

import os
import time
from _thread import allocate_lock

from function_code.scoring.loaded_model import LoadedModel, load, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.registry import Pointer, Registry

# A version that cannot be loaded is tried again this often while another one serves: it may be the network, and it may
# be a corrupt file of 100 MB.
RETRY_SECONDS = 30.0
REFRESH_SECONDS = 5.0  # between two looks at the pointer


class ActiveVersions:
    """The versions that serve: replaced as a whole, never changed, so that a request needs no lock to read them."""

    __slots__ = ("canary", "stable", "weight")

    def __init__(
        self, stable: LoadedModel | None = None, canary: LoadedModel | None = None, weight: float = 0.0
    ) -> None:
        self.stable, self.canary, self.weight = stable, canary, weight


class ModelCache:
    """The versions of one model that the pointer names.

    `last_error` says why other versions serve than those that the pointer names; None if all is well.
    """

    def __init__(self, registry: Registry, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self.name = registry.model
        self.active = ActiveVersions()
        self.last_error: str | None = None
        self.refresh_seconds = refresh_seconds
        self._registry = registry
        self._refreshed = float("-inf")
        self._failures: dict[str, tuple[float, str]] = {}  # version: when, and why
        self._items: ModelCache | None = None
        self._lock = allocate_lock()

    def pick_version(self) -> LoadedModel | None:
        """The version for one request: the canary as often as its weight says, otherwise the stable one."""
        active = self.active
        if active.canary and int.from_bytes(os.urandom(4), "big") < active.weight * 2**32:
            return active.canary
        return active.stable

    def stale(self) -> bool:
        """Says whether it is time to refresh; false as soon as somebody does."""
        return time.monotonic() - self._refreshed >= self.refresh_seconds

    def items(self) -> ModelCache:
        """The versions of the model that recommends beside this one, read at the first call."""
        with self._lock:
            if self._items is None:
                items = ModelCache(self._registry.items, self.refresh_seconds)
                items.refresh()
                self._items = items
        return self._items

    def caches(self) -> list[ModelCache]:
        """This one and, if anybody has asked for it, that of the model that recommends beside it."""
        return [self, *([self._items] if self._items else [])]

    def refresh(self) -> None:
        """Reads the pointers and loads what is new. Never raises: what serves goes on; `last_error` says why."""
        for cache in self.caches():
            cache._refresh()

    def _refresh(self) -> None:
        self._refreshed = time.monotonic()
        try:
            pointer = self._registry.pointer()
        except Exception as error:  # noqa: BLE001 - a broken store must not stop a working model, however it is broken
            self.last_error = reason(error)
            self._refreshed = time.monotonic()  # a store that is away may have taken longer than refresh_seconds
            return
        if pointer is None:
            self.last_error = f"the pointer of model {self.name!r} is gone" if self.active.stable else None
        else:
            self._apply(pointer)

    def artifact(self, loaded: LoadedModel, name: str) -> bytes:
        """An artifact of a version, read now. Raises Refused if it is gone, corrupt or out of reach."""
        return self._registry.artifact(loaded.version, name, loaded.manifest)

    def _apply(self, pointer: Pointer) -> None:
        before = self.active
        versions = [pointer.stable] + ([pointer.canary[0]] if pointer.canary else [])
        self._failures = {version: failure for version, failure in self._failures.items() if version in versions}
        stable = self._cached_or_loaded(pointer.stable) or before.stable
        canary = self._cached_or_loaded(pointer.canary[0]) if pointer.canary else None
        self.last_error = "; ".join(reason for _, reason in self._failures.values()) or None
        weight = pointer.canary[1] if pointer.canary and canary else 0.0
        if (stable, canary, weight) != (before.stable, before.canary, before.weight):
            self.active = ActiveVersions(stable, canary, weight)

    def _cached_or_loaded(self, version: str) -> LoadedModel | None:
        """The version, loaded now unless it is in memory; None if that fails."""
        for loaded in (self.active.stable, self.active.canary):
            if loaded and loaded.version == version:
                return loaded
        failed_at = self._failures[version][0] if version in self._failures else float("-inf")
        if self.active.stable and time.monotonic() - failed_at < RETRY_SECONDS:
            return None
        try:
            loaded = load(self._registry, version)
        except Exception as error:  # noqa: BLE001 - whatever is in a file, what serves goes on serving
            self._failures[version] = (time.monotonic(), f"version {version} cannot be loaded: {reason(error)}")
            return None
        self._failures.pop(version, None)
        return loaded
