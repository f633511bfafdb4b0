"""The function that trains, and the outcome of its jobs."""

import json
from typing import Any

from tests.support.aws.runtime import TRAIN, Function, Start
from tests.support.customers import SETTINGS


def start_training(start: Start, **settings: Any) -> Function:
    return start(TRAIN, TRAINING=json.dumps({**SETTINGS, **settings}))


def outcome(
    function: Function, event: Any, kind: str = "response", deadline: float = 900.0, event_name: str = "training"
) -> dict[str, Any]:
    """Invokes the function; the line that the training, or another job, leaves in the log."""
    assert function.invoke(event, deadline)[0] == kind, function.log()
    line = function.events(event_name)[-1]
    assert line["request_id"].startswith("request-")
    assert line["seconds"] >= 0
    return line
