"""A stand-in of what a function finds of Cloud Run: the API for one job, and the server that gives the account's token.

https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs has the API.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.fault_proxy import POLL_SECONDS

JOB = "projects/my-project/locations/europe-west1/jobs/trainer-job-1234567"
TOKEN = "ya29.token"
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"


class _Api(BaseHTTPRequestHandler):
    server: "CloudRun"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == TOKEN_PATH and self.headers["metadata-flavor"] == "Google":
            self._answer(200, {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})
        elif self._may() and url.path == f"/v2/{JOB}/executions":
            # One on a page, as there may be more than Google gives at once.
            page = int(parse_qs(url.query).get("pageToken", ["0"])[0])
            more = {"nextPageToken": str(page + 1)} if page + 1 < len(self.server.executions) else {}
            self._answer(200, {"executions": self.server.executions[page : page + 1], **more})

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self._may() and self.path == f"/v2/{JOB}:run":
            (container,) = content["overrides"]["containerOverrides"]
            execution = {"name": f"{JOB}/executions/{len(self.server.executions)}", "startTime": "2026-11-25T07:00:00Z"}
            self.server.executions.append(execution)
            self.server.started.append({each["name"]: each["value"] for each in container["env"]})
            self._answer(200, {"name": "operations/1", "metadata": execution})

    def _may(self) -> bool:
        may = self.headers["authorization"] == f"Bearer {TOKEN}" and not self.server.denied
        if not may:
            self._answer(403, {"error": {"code": 403, "message": "Permission 'run.jobs.run' denied"}})
        return may

    def _answer(self, status: int, content: Any) -> None:
        self.send_response_only(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        pass


class CloudRun(ThreadingHTTPServer):
    """One job. `denied` says that nobody may anything."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.executions: list[dict[str, str]] = []
        self.started: list[dict[str, str]] = []
        """The variables of the environment that each execution was started with."""
        self.denied = False

    @property
    def environment(self) -> dict[str, str]:
        """The environment by which a function finds all this."""
        here = f"127.0.0.1:{self.server_port}"
        return {"JOB": f"http://{here}/v2/{JOB}", "GCE_METADATA_HOST": here}

    def complete(self) -> None:
        """Completes all executions."""
        for execution in self.executions:
            execution["completionTime"] = "2026-11-25T08:00:00Z"


@contextmanager
def running() -> Iterator[CloudRun]:
    """The stand-in, with a job that never ran."""
    with CloudRun() as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
