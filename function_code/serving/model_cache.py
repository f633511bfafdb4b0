"""The versions that serve right now, kept in step with the registry's pointer."""

from __future__ import annotations

import json
import os
import time

from function_code.errors import NotFound, Refused, Unreachable
from function_code.schema import Schema
from function_code.scoring import scorer as scorers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.registry import Pointer, Registry
    from function_code.scoring.scorer import Scorer

# A version that cannot be loaded is tried again this often while another one serves: it may be the network, and it may
# be a corrupt file of 100 MB.
RETRY_SECONDS = 30.0
REFRESH_SECONDS = 5.0  # between two looks at the pointer
GRAPH = "model.onnx"  # beside model.json, for a model that its tables can't express


class Loaded:
    """A version in memory, ready to predict."""

    __slots__ = ("manifest", "name", "schema", "scorer", "version")

    def __init__(self, name: str, version: str, manifest: dict[str, Any], schema: Schema, scorer: Scorer) -> None:
        self.name, self.version, self.manifest, self.schema, self.scorer = name, version, manifest, schema, scorer


class Serving:
    """What serves: replaced as a whole, never changed, so that a request needs no lock to read it."""

    __slots__ = ("canary", "stable", "weight")

    def __init__(self, stable: Loaded | None = None, canary: Loaded | None = None, weight: float = 0.0) -> None:
        self.stable, self.canary, self.weight = stable, canary, weight


class Models:
    """The versions of one model that the pointer names.

    `problem` says why other versions serve than those that the pointer names; None if all is well.
    """

    def __init__(self, registry: Registry, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self.name = registry.model
        self.serving = Serving()
        self.problem: str | None = None
        self.refresh_seconds = refresh_seconds
        self._registry = registry
        self._refreshed = float("-inf")
        self._failed: dict[str, tuple[float, str]] = {}  # version: when, and why

    def choose(self) -> Loaded | None:
        """The version for one request: the canary as often as its weight says, otherwise the stable one."""
        serving = self.serving
        if serving.canary and int.from_bytes(os.urandom(4), "big") < serving.weight * 2**32:
            return serving.canary
        return serving.stable

    def stale(self) -> bool:
        """Whether it is time to refresh; false as soon as somebody does."""
        return time.monotonic() - self._refreshed >= self.refresh_seconds

    def refresh(self) -> None:
        """Reads the pointer and loads what is new. Never raises: what serves goes on serving, and `problem` tells."""
        self._refreshed = time.monotonic()
        try:
            pointer = self._registry.pointer()
        except Exception as error:  # noqa: BLE001 - a broken store must not stop a working model, however it is broken
            self.problem = _reason(error)
            self._refreshed = time.monotonic()  # a store that is away may have taken longer than refresh_seconds
            return
        if pointer is None:
            self.problem = f"the pointer of model {self.name!r} is gone" if self.serving.stable else None
        else:
            self._follow(pointer)

    def artefact(self, loaded: Loaded, name: str) -> bytes:
        """An artefact of a version, read now. Raises Refused if it is gone, corrupt or out of reach."""
        return self._registry.artefact(loaded.version, name, loaded.manifest)

    def _follow(self, pointer: Pointer) -> None:
        before = self.serving
        named = [pointer.stable] + ([pointer.canary[0]] if pointer.canary else [])
        self._failed = {version: failure for version, failure in self._failed.items() if version in named}
        stable = self._find(pointer.stable) or before.stable
        canary = self._find(pointer.canary[0]) if pointer.canary else None
        self.problem = "; ".join(why for _, why in self._failed.values()) or None
        weight = pointer.canary[1] if pointer.canary and canary else 0.0
        if (stable, canary, weight) != (before.stable, before.canary, before.weight):
            self.serving = Serving(stable, canary, weight)

    def _find(self, version: str) -> Loaded | None:
        """The version, loaded now unless it is in memory; None if that fails."""
        for loaded in (self.serving.stable, self.serving.canary):
            if loaded and loaded.version == version:
                return loaded
        failed_at = self._failed[version][0] if version in self._failed else float("-inf")
        if self.serving.stable and time.monotonic() - failed_at < RETRY_SECONDS:
            return None
        try:
            loaded = load(self._registry, version)
        except Exception as error:  # noqa: BLE001 - whatever is in a file, what serves goes on serving
            self._failed[version] = (time.monotonic(), f"version {version} cannot be loaded: {_reason(error)}")
            return None
        self._failed.pop(version, None)
        return loaded


def load(registry: Registry, version: str) -> Loaded:
    """A version, tried on its own example before anybody depends on it."""
    manifest = registry.manifest(version)
    schema = Schema.from_json(manifest["schema"])
    scorer = scorer_of(registry, version, manifest)
    rows, problems = schema.check([schema.example()])
    if problems:
        raise Refused(f"its schema does not accept its own example: {problems[0]}")
    (scores,) = scorer.score(rows)
    if len(scores) != (len(schema.classes) or 1):
        raise Refused(f"it gives {len(scores)} numbers for {len(schema.classes)} classes")
    return Loaded(registry.model, version, manifest, schema, scorer)


def load_stable(registry: Registry) -> Loaded:
    """The version that serves. Raises NotFound if none does yet, Unreachable, or Refused if it cannot be loaded."""
    pointer = registry.pointer()
    if pointer is None:
        raise NotFound(f"model {registry.model!r} cannot be served: no version was promoted yet")
    try:
        return load(registry, pointer.stable)
    except Unreachable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is in a file, it is one line
        raise Refused(f"version {pointer.stable} cannot be loaded: {_reason(error)}") from None


def scorer_of(registry: Registry, version: str, manifest: dict[str, Any]) -> Scorer:
    """The scorer of a published version. Raises as `Registry.artefact` and `scorer.load` do."""
    document = json.loads(registry.artefact(version, "model.json", manifest))
    graph = registry.artefact(version, GRAPH, manifest) if GRAPH in manifest["artefacts"] else b""
    return scorers.load(document, graph)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
