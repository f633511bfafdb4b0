"""The function that trains, and how what it was asked for ended."""

import json
from typing import Any

from tests.support.aws.runtime import TRAIN, Function, Start
from tests.support.customers import SETTINGS


def start_training(start: Start, **settings: Any) -> Function:
    return start(TRAIN, TRAINING=json.dumps({**SETTINGS, **settings}))


def outcome(
    function: Function, event: Any, kind: str = "response", deadline: float = 900.0, asked: str = "training"
) -> dict[str, Any]:
    """The line that a training, or whatever else was asked for, leaves in the log."""
    assert function.invoke(event, deadline)[0] == kind, function.log()
    line = function.events(asked)[-1]
    assert line["request_id"].startswith("request-")
    assert line["seconds"] >= 0
    return line
