"""The answer of GET /v1/models/{model} about the model that serves."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.scoring.loaded_model import LoadedModel
    from function_code.serving.model_cache import ActiveVersions

# What a caller can use. The rest of the manifest, such as the artifacts' hashes, is for whoever operates the store.
PUBLIC_KEYS = (
    "created",
    "task",
    "target",
    "schema",
    "decision",
    "dataset",
    "histories",
    "metrics",
    "baseline",
    "candidates",
    "gates",
    "warnings",
    "libraries",
)


def describe(active: ActiveVersions, loaded: LoadedModel) -> dict[str, Any]:
    """Name, version, schema, metrics and the rest of the manifest's public part; the canary beside it, if one runs."""
    canary = {"version": active.canary.version, "weight": active.weight} if active.canary else None
    public = {key: loaded.manifest[key] for key in PUBLIC_KEYS if key in loaded.manifest}
    return {"name": loaded.name, "ready": True, "version": loaded.version, "canary": canary, **public}
