"""Log lines about a job: its progress, and how each attempt at it ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from function_code.entrypoints.jobs import Job, JobDropped, Pull, Score, Train
from function_code.entrypoints.json_log import Log
from function_code.errors import Conflict, Refused, Unreachable

EVENTS: dict[type[Job], str] = {Train: "training", Score: "scoring", Pull: "pull"}  # what the log calls them


class Attempt:
    """An attempt at a job or at what follows it, and its outcome; `event` is for the log while the job is not known."""

    def __init__(self, event: str) -> None:
        self._event = event
        self.job: Job | None = None
        self._outcome = "interrupted"
        self._content: dict[str, Any] = {}

    def finish(self, content: dict[str, Any]) -> None:
        """Sets how it ended: the `outcome`, and what else the log shows."""
        self._content = dict(content)
        self._outcome = self._content.pop("outcome")

    def allows_write_back(self) -> bool:
        """Says whether predictions can be written back: not while a dataset that was pulled is to be trained on."""
        is_unchanged = isinstance(self.job, Pull) and self._outcome == "pulled" and not self._content["new"]
        return is_unchanged or isinstance(self.job, Train)

    def to_log(self) -> dict[str, Any]:
        """The event, the outcome, the job, and the rest."""
        event = EVENTS[type(self.job)] if self.job else self._event
        return {"event": event, "outcome": self._outcome, **(asdict(self.job) if self.job else {}), **self._content}


class JobLog:
    """The log of one message's job."""

    def __init__(self, log: Log, request_id: str, idempotency_key: str) -> None:
        self._log, self._request_id, self._idempotency_key = log, request_id, idempotency_key

    def progress(self, text: str) -> None:
        """Adds a line of progress."""
        self._write({"event": "progress", "text": text})

    @contextmanager
    def attempt(self, event: str) -> Iterator[Attempt]:
        """Logs at its end how it ended. Of what is raised in it, only what another try may mend comes out."""
        attempt, started = Attempt(event), time.monotonic()
        try:
            yield attempt
        except JobDropped as error:
            attempt.finish({"outcome": error.outcome, "reasons": [str(error)]})
        except (Unreachable, Conflict) as error:
            attempt.finish({"outcome": "failed", "reasons": [str(error)]})
            raise
        except Refused as error:
            attempt.finish({"outcome": "refused", "reasons": [str(error)]})
        except Exception as error:
            attempt.finish({"outcome": "failed", "reasons": [f"{type(error).__name__}: {error}"]})
            raise
        finally:
            content = attempt.to_log()
            seconds = round(time.monotonic() - started, 1)
            self._write(
                {
                    "event": content.pop("event"),
                    "outcome": content.pop("outcome"),
                    "idempotency_key": self._idempotency_key,
                    **content,
                    "seconds": seconds,
                }
            )

    def _write(self, content: dict[str, Any]) -> None:
        self._log.write({**content, "request_id": self._request_id})
        self._log.flush()
