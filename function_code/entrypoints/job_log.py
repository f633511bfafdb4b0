"""What is tried for a message, and what the log is told of how it ended."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from function_code.entrypoints.jobs import Ended, Order, Pull, Score, Train
from function_code.entrypoints.json_log import Log
from function_code.errors import Conflict, Refused, Unreachable

KINDS: dict[type[Order], str] = {Train: "training", Score: "scoring", Pull: "pull"}  # what the log calls them


class Attempt:
    """What the log is told in the end of something that is tried."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.order: Order | None = None
        self._outcome = "interrupted"
        self._content: dict[str, Any] = {}

    def ends_by(self, found: dict[str, Any]) -> None:
        """How it ended: `outcome`, and what else there is to say."""
        self._content = dict(found)
        self._outcome = self._content.pop("outcome")

    def settled(self) -> bool:
        """Whether predictions can be written back: not while a dataset that was pulled is to be trained on."""
        pulled = isinstance(self.order, Pull) and self._outcome == "pulled" and not self._content["new"]
        return pulled or isinstance(self.order, Train)

    def told(self) -> dict[str, Any]:
        """Kind, outcome, what was asked for, and the rest."""
        kind = KINDS[type(self.order)] if self.order else self._kind
        return {"event": kind, "outcome": self._outcome, **(asdict(self.order) if self.order else {}), **self._content}


class Lines:
    """The lines in the log about one message."""

    def __init__(self, log: Log, request_id: str, cause: str) -> None:
        self._log, self._request_id, self._cause = log, request_id, cause

    def log(self, text: str) -> None:
        """A line of progress."""
        self._write({"event": "progress", "text": text})

    @contextmanager
    def attempt(self, kind: str) -> Iterator[Attempt]:
        """Says at its end how it ended. Of what is raised in it, only what another try may mend comes out."""
        attempt, started = Attempt(kind), time.monotonic()
        try:
            yield attempt
        except Ended as why:
            attempt.ends_by({"outcome": why.outcome, "reasons": [str(why)]})
        except (Unreachable, Conflict) as error:
            attempt.ends_by({"outcome": "failed", "reasons": [str(error)]})
            raise
        except Refused as error:
            attempt.ends_by({"outcome": "refused", "reasons": [str(error)]})
        except Exception as error:
            attempt.ends_by({"outcome": "failed", "reasons": [f"{type(error).__name__}: {error}"]})
            raise
        finally:
            told = attempt.told()
            seconds = round(time.monotonic() - started, 1)
            self._write(
                {
                    "event": told.pop("event"),
                    "outcome": told.pop("outcome"),
                    "cause": self._cause,
                    **told,
                    "seconds": seconds,
                }
            )

    def _write(self, content: dict[str, Any]) -> None:
        self._log.write({**content, "request_id": self._request_id})
        self._log.flush()
