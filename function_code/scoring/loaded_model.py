"""A published version in memory, ready to predict; what serves, scores files and compares versions loads it here."""

from __future__ import annotations

import json

from function_code.errors import NotFound, Refused, Unreachable
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring import scorer as scorers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.registry import Registry
    from function_code.scoring.kept_histories import KeptHistories
    from function_code.scoring.scorer import Scorer
    from function_code.scoring.seen_values import SeenValues

GRAPH = "model.onnx"  # beside model.json, for a model that its tables can't express


class LoadedModel:
    """A version in memory, ready to predict."""

    __slots__ = ("_histories", "_registry", "_seen_values", "manifest", "name", "schema", "scorer", "version")

    def __init__(
        self, registry: Registry, version: str, manifest: dict[str, Any], schema: Schema, scorer: Scorer
    ) -> None:
        self.name, self.version, self.manifest = registry.model, version, manifest
        self.schema, self.scorer = schema, scorer
        self._registry = registry
        self._seen_values: SeenValues | None = None
        self._histories: KeptHistories | None = None

    def with_kept_histories(self, instances: list[Any]) -> list[Any]:
        """The instances, with the histories kept of their users where they have none; raises as `Registry.artifact`."""
        if "histories" not in self.manifest:
            return instances
        # Imported here: most models keep none.
        from function_code.scoring.kept_histories import KeptHistories

        if self._histories is None:
            self._histories = KeptHistories(self._registry, self.version, self.manifest)
        return self._histories.fill(instances)

    def seen_values(self) -> SeenValues:
        """The values that its training rows had, read at the first call. Raises as `Registry.artifact` does."""
        # Imported here: nobody needs it for a prediction.
        from function_code.scoring.seen_values import SEEN_VALUES, SeenValues

        if self._seen_values is None:
            document = json.loads(self._registry.artifact(self.version, SEEN_VALUES, self.manifest))
            self._seen_values = SeenValues(document, self.schema)
        return self._seen_values


def load(registry: Registry, version: str) -> LoadedModel:
    """A version, tried on its own example before anybody depends on it."""
    manifest = registry.manifest(version)
    schema = Schema.from_json(manifest["schema"])
    scorer = scorer_of(registry, version, manifest)
    rows, problems = check_instances(schema, [schema.example()])
    if problems:
        raise Refused(f"its schema does not accept its own example: {problems[0]}")
    (scores,) = scorer.score(rows)
    if len(scores) != (len(schema.classes) or 1):
        raise Refused(f"it gives {len(scores)} numbers for {len(schema.classes)} classes")
    return LoadedModel(registry, version, manifest, schema, scorer)


def load_stable(registry: Registry) -> LoadedModel:
    """The version that serves. Raises NotFound if none does yet, Unreachable, or Refused if it cannot be loaded."""
    pointer = registry.pointer()
    if pointer is None:
        raise NotFound(f"model {registry.model!r} cannot be served: no version was promoted yet")
    try:
        return load(registry, pointer.stable)
    except Unreachable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever is in a file, it is one line
        raise Refused(f"version {pointer.stable} cannot be loaded: {reason(error)}") from None


def scorer_of(registry: Registry, version: str, manifest: dict[str, Any]) -> Scorer:
    """The scorer of a published version. Raises as `Registry.artifact` and `scorer.load` do."""
    document = json.loads(registry.artifact(version, "model.json", manifest))
    graph = registry.artifact(version, GRAPH, manifest) if GRAPH in manifest["artifacts"] else b""
    return scorers.load(document, graph)


def reason(error: Exception) -> str:
    """An error in one line."""
    return str(error) if isinstance(error, Refused) else f"{type(error).__name__}: {error}"
