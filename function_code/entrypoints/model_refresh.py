"""Models kept in step with the registry's pointer, and the log in step with the models."""

from __future__ import annotations

import os

from function_code.serving.model_cache import REFRESH_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log
    from function_code.serving.model_cache import ActiveVersions, ModelCache


def refresh_seconds() -> float:
    """Return how old the pointer that a function last read may be; the environment's REFRESH_SECONDS, or 5."""
    return float(os.environ.get("REFRESH_SECONDS", REFRESH_SECONDS))


class ModelRefresher:
    """Refreshes the models once for each call, and logs what that changed."""

    def __init__(self, models: ModelCache, log: Log) -> None:
        self._models, self._log = models, log
        self._logged: dict[str, tuple[ActiveVersions, str | None]] = {models.name: (models.active, models.last_error)}

    def refresh(self) -> None:
        """Refreshes the models, and logs what has changed: what serves, and what keeps another version from it."""
        self._models.refresh()
        for models in self._models.caches():
            self._log_changes(models)

    def _log_changes(self, models: ModelCache) -> None:
        active, last_error = models.active, models.last_error
        before = self._logged.get(models.name, (None, None))
        of = {} if models is self._models else {"model": models.name}
        if active is not before[0]:
            stable, canary = active.stable, active.canary
            self._log.write(
                {
                    "event": "serving",
                    **of,
                    "version": stable and stable.version,
                    "canary": canary and canary.version,
                    "weight": active.weight,
                }
            )
        if last_error != before[1]:
            self._log.write({"event": "refresh", **of, "problem": last_error})
        self._logged[models.name] = active, last_error
