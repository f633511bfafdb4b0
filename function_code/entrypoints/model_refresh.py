"""Models kept in step with the registry's pointer, and the log in step with the models."""

from __future__ import annotations

import os

from function_code.serving.model_cache import REFRESH_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log
    from function_code.serving.model_cache import Models


def refresh_seconds() -> float:
    """Return how old the pointer that a function last read may be; the environment's REFRESH_SECONDS, or 5."""
    return float(os.environ.get("REFRESH_SECONDS", REFRESH_SECONDS))


class Follower:
    """Follows the pointer once for each call."""

    def __init__(self, models: Models, log: Log) -> None:
        self._models, self._log = models, log
        self._serving, self._problem = models.serving, models.problem

    def follow(self) -> None:
        """Refreshes the models, and logs what has changed: what serves, and what keeps another version from it."""
        self._models.refresh()
        serving, problem = self._models.serving, self._models.problem
        if serving is not self._serving:
            stable, canary = serving.stable, serving.canary
            self._log.write(
                {
                    "event": "serving",
                    "version": stable and stable.version,
                    "canary": canary and canary.version,
                    "weight": serving.weight,
                }
            )
        if problem != self._problem:
            self._log.write({"event": "refresh", "problem": problem})
        self._serving, self._problem = serving, problem
