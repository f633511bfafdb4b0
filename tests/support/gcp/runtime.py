"""A function as Cloud Run starts it: the source that was built, in Google's functions-framework and its server."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from components.gcp import endpoint, trainer
from tests.support.fault_proxy import Front
from tests.support.gcp.cloud_storage import BUCKET

URL = f"gs://{BUCKET}"

# As the stack has it, which gives a function a thread for each request that may come at once.
THREADS = {"predict": endpoint.CONCURRENCY, "train": trainer.CONCURRENCY, "start": trainer.CONCURRENCY}
REQUEST_TIMEOUT_SECONDS = 300.0
START_TIMEOUT_SECONDS = 30.0


class Answer(NamedTuple):
    """The answer as Cloud Run would send it on."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Function:
    """A function that is started by `with`, and asked as often as you like.

    `source` is its unpacked archive; `libraries` is what there is of others.
    """

    def __init__(
        self, entry_point: str, source: Path, libraries: Path, home: Path, environment: dict[str, str],
        python: str = sys.executable,
    ) -> None:  # fmt: skip
        self._log = home / "function.log"
        (home / "tmp").mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        surroundings = {
            "FUNCTION_TARGET": entry_point,
            "HOME": "/proc/none",
            "K_REVISION": "tested-00001-abc",
            "K_SERVICE": "tested",
            "LOG_EXECUTION_ID": "true",
            "PATH": os.environ["PATH"],
            "PORT": str(self._port),
            "PYTHONPATH": f"{libraries}",
            "PYTHONPYCACHEPREFIX": str(libraries.parent / "compiled"),
            "THREADS": str(THREADS[entry_point]),
            "TMPDIR": str(home / "tmp"),
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-S", "-W", "error::UserWarning", "-m", "functions_framework"],
                cwd=source,
                env={name: value for name, value in {**surroundings, **environment}.items() if value},
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(REQUEST_TIMEOUT_SECONDS)

    def request(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        """The answer to a request, as soon as the function listens."""
        connection = self._connected()
        all_headers = {"content-type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, all_headers)
            response = connection.getresponse()
            answer_headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, answer_headers, response.read())
        finally:
            connection.close()

    def has_failed(self) -> bool:
        """Says whether the process, or the worker in it, gave up at its start."""
        try:
            self._connected().close()
        except AssertionError:
            return True
        return False

    def log(self) -> str:
        return self._log.read_text()

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log's lines of one kind so far."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def _connected(self) -> http.client.HTTPConnection:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_TIMEOUT_SECONDS)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.05)
            else:
                return connection
        raise AssertionError(self.log())


Start = Callable[..., Function]


def environment_of(front: Front) -> dict[str, str]:
    """The environment by which a client finds the bucket, with nobody's credentials."""
    key = {
        "gcs_base_url": f"http://127.0.0.1:{front.server_port}",
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    return {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(key), "GOOGLE_ALLOW_HTTP": "true"}
