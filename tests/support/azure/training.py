"""The function app that trains, and the outcome of its jobs."""

import json
from typing import Any

from tests.support.azure.azurite import Queue
from tests.support.azure.runtime import App, Start
from tests.support.customers import SETTINGS


def start_training(
    start: Start, queue: Queue, seconds: float = 1800, more: dict[str, str] | None = None, **settings: Any
) -> App:
    """The app: with `seconds` for a training, with other settings and with `more` of an environment if need be."""
    environment = {"QUEUE": queue.name, "SECONDS": str(seconds), "TRAINING": json.dumps({**SETTINGS, **settings})}
    return start("training", **environment, **(more or {}))


def outcome(app: App, queue: Queue, message: str, done: bool = True, event_name: str = "training") -> dict[str, Any]:
    """Queues the message; the line that the training, or another job, leaves in the log. A failed one comes again."""
    queue.put(message)
    taken = app.take(queue)
    assert taken["done"] == done, app.log()
    assert queue.is_empty() == done
    line = app.events(event_name)[-1]
    assert line["request_id"] == taken["invocation"]
    assert line["seconds"] >= 0
    return line
