"""The function that trains, and the outcome of its jobs."""

import json
from typing import Any

from tests.support.customers import SETTINGS
from tests.support.gcp.events import Event
from tests.support.gcp.runtime import Function, Start


def start_training(start: Start, seconds: float = 540, **settings: Any) -> Function:
    return start("train", TRAINING=json.dumps({**SETTINGS, **settings}), SECONDS=str(seconds))


def outcome(function: Function, event: Event, status: int = 200, event_name: str = "training") -> dict[str, Any]:
    """Sends the event; the line that the training, or another job, leaves in the log.

    Eventarc sends again what is not answered by 200.
    """
    answer = function.request("POST", "/", event.body, event.headers)
    assert answer.status == status, function.log()
    line = function.events(event_name)[-1]
    assert line["request_id"] == event.headers["ce-id"]
    assert line["seconds"] >= 0
    return line
