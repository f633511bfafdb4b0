"""Models kept in step with the registry's pointer, and the log in step with the models."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log
    from function_code.serving.model_cache import ModelCache


class ModelRefresher:
    """Refreshes the models once for each call, and logs what that changed."""

    def __init__(self, models: ModelCache, log: Log) -> None:
        self._models, self._log = models, log
        self._active, self._last_error = models.active, models.last_error

    def refresh(self) -> None:
        """Refreshes the models, and logs what has changed: what serves, and what keeps another version from it."""
        self._models.refresh()
        active, last_error = self._models.active, self._models.last_error
        if active is not self._active:
            stable, canary = active.stable, active.canary
            self._log.write(
                {
                    "event": "serving",
                    "version": stable and stable.version,
                    "canary": canary and canary.version,
                    "weight": active.weight,
                }
            )
        if last_error != self._last_error:
            self._log.write({"event": "refresh", "problem": last_error})
        self._active, self._last_error = active, last_error
