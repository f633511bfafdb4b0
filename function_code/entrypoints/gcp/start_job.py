"""The starter of trainings in a job of Cloud Run, by messages of a Pub/Sub topic from Eventarc: entry point `start`.

The environment says which JOB, by its address in the API of Cloud Run. The job gets the message in its own environment,
as function_code.entrypoints.gcp.train_job reads it. One execution at a time: while there is one, a message is answered
by 429, and comes again, later and later, for a day; so does what failed. After MAX_AGE_SECONDS that ends here. That two
messages find no execution at once is prevented by who calls this: one instance, which takes one message.
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from typing import Any

import flask
import functions_framework
from cloudevents.http import CloudEvent

from function_code.entrypoints.json_log import Log

STDOUT = 1  # which Cloud Run takes the log from
MAX_AGE_SECONDS = 12 * 3600  # trainings that wait may take an hour each
MAX_MESSAGE_BYTES = 32 * 1024  # which Cloud Run takes as a variable of the environment
REQUEST_TIMEOUT_SECONDS = 20
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - where to get one

_log = Log(STDOUT)


@functions_framework.cloud_event
def start(event: CloudEvent) -> None:
    """Starts the job with a message, or answers 429. Raises whatever another try may mend."""
    message, message_id = json.dumps(event.data["message"]), str(event["id"])
    age = time.time() - datetime.fromisoformat(event["time"]).timestamp()
    if age > MAX_AGE_SECONDS:
        _log_outcome("dead", message_id, f"it was asked for {age / 3600:.1f} hours ago and not started since")
    elif (size := len(message.encode())) > MAX_MESSAGE_BYTES:
        _log_outcome("refused", message_id, f"the message takes {size:,} bytes; it can be {MAX_MESSAGE_BYTES:,}")
    elif _is_running():
        _log_outcome("waiting", message_id, "a training runs already")
        flask.abort(429)
    else:
        variable = {"name": "MESSAGE", "value": message}
        _call_api(":run", {"overrides": {"containerOverrides": [{"env": [variable]}]}})
        _log_outcome("started", message_id)


def _is_running() -> bool:
    page_token = ""
    while True:
        page = _call_api(f"/executions?pageToken={urllib.parse.quote(page_token)}")
        if any("completionTime" not in execution for execution in page.get("executions", [])):
            return True
        page_token = page.get("nextPageToken", "")
        if not page_token:
            return False


def _call_api(path: str, content: Any = None) -> Any:
    """Calls the API of Cloud Run about the job. Raises OSError, after a line in the log if it refused."""
    headers = {"authorization": f"Bearer {_token()}", "content-type": "application/json"}
    body = None if content is None else json.dumps(content).encode()
    try:
        return _send(urllib.request.Request(f"{os.environ['JOB']}{path}", body, headers))  # noqa: S310 - the stack's
    except urllib.error.HTTPError as error:
        _log.write({"event": "refusal", "status": error.code, "text": error.read().decode(errors="replace")})
        _log.flush()
        raise


def _token() -> str:
    """An access token of the function's own account, from the server that only the instance can reach."""
    host = os.environ.get("GCE_METADATA_HOST", "metadata.google.internal")
    request = urllib.request.Request(f"http://{host}{TOKEN_PATH}", headers={"metadata-flavor": "Google"})
    return str(_send(request)["access_token"])


def _send(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
        return json.load(response)


def _log_outcome(outcome: str, message_id: str, *reasons: str) -> None:
    _log.write({"event": "training", "outcome": outcome, "reasons": list(reasons), "request_id": message_id})
    _log.flush()
