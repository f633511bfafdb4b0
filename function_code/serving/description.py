"""What GET /v1/models/{model} tells about the model that serves."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.serving.model_cache import Loaded, Serving

# Of the manifest: what a caller can use. The rest, such as the artefacts' hashes, is for whoever operates the store.
SHOWN = (
    "created",
    "task",
    "target",
    "schema",
    "decision",
    "dataset",
    "metrics",
    "baseline",
    "candidates",
    "gates",
    "warnings",
    "libraries",
)


def describe(serving: Serving, loaded: Loaded) -> dict[str, Any]:
    """Name, version, schema, metrics and the rest of the manifest's public part; the canary beside it, if one runs."""
    canary = {"version": serving.canary.version, "weight": serving.weight} if serving.canary else None
    shown = {key: loaded.manifest[key] for key in SHOWN if key in loaded.manifest}
    return {"name": loaded.name, "ready": True, "version": loaded.version, "canary": canary, **shown}
