"""The function that trains, and how what it was asked for ended."""

import json
from typing import Any

from tests.support.customers import SETTINGS
from tests.support.gcp.events import Event
from tests.support.gcp.runtime import Function, Start


def start_training(start: Start, seconds: float = 540, **settings: Any) -> Function:
    return start("train", TRAINING=json.dumps({**SETTINGS, **settings}), SECONDS=str(seconds))


def outcome(function: Function, event: Event, status: int = 200, asked: str = "training") -> dict[str, Any]:
    """The line that a training, or whatever else was asked for, leaves in the log.

    Eventarc sends again what is not answered by 200.
    """
    answer = function.request("POST", "/", event.body, event.headers)
    assert answer.status == status, function.log()
    line = function.events(asked)[-1]
    assert line["request_id"] == event.headers["ce-id"]
    assert line["seconds"] >= 0
    return line
