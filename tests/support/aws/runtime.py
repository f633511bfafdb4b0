"""A stand-in of AWS Lambda: its Runtime API on loopback, and a function in AWS's own runtime client."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.support.s3_server import BUCKET

PREDICT = "function_code.entrypoints.aws.predict.predict"
TRAIN = "function_code.entrypoints.aws.train.train"
URL = f"s3://{BUCKET}"
VERSION = "/2018-06-01/runtime"
OUTCOME_TIMEOUT_SECONDS = 600.0  # pytest has less with most tests
POLL_SECONDS = 0.01  # after which a server sees that it is to stop
Outcome = tuple[str, Any]  # "response" or "error", and its content


class _RuntimeApi(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The next invocation; waits until there is one."""
        assert self.path == f"{VERSION}/invocation/next"
        number, event, seconds = self.server.invocations.get()
        body = json.dumps(event).encode()
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Lambda-Runtime-Aws-Request-Id": f"request-{number}",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:tested",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.outcomes.put((self.path.rsplit("/", 1)[1], json.loads(body)))

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApi)
        self.invocations: queue.Queue[tuple[int, Any, float]] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()


class Function:
    """A function that is started by `with`, and invoked as often as you like.

    `package` is its unpacked archive; beside it there is the runtime, and nothing else that Python would find.
    """

    def __init__(self, handler: str, package: Path, runtime: Path, home: Path, environment: dict[str, str]) -> None:
        self._log, self._count = home / "function.log", 0
        self._api = _Server()
        (home / "tmp").mkdir(parents=True)
        command = [sys.executable, "-S", "-W", "error::UserWarning", "-m", "awslambdaric", handler]
        surroundings = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "tested",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "LAMBDA_TASK_ROOT": str(package),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{package}:{runtime}",
            "PYTHONPYCACHEPREFIX": str(runtime / "compiled"),
            "TMPDIR": str(home / "tmp"),
            "TZ": ":UTC",
        }
        threading.Thread(target=self._api.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=package,
                env={name: value for name, value in {**surroundings, **environment}.items() if value},
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._api.shutdown()
        self._api.server_close()

    def invoke(self, event: Any, deadline: float = 30.0) -> Outcome:
        """The outcome of an event, or of a start that failed.

        It is told that it has `deadline` seconds; nobody stops it then.
        """
        self._count += 1
        self._api.invocations.put((self._count, event, deadline))
        try:
            return self._api.outcomes.get(timeout=OUTCOME_TIMEOUT_SECONDS)
        except queue.Empty:
            raise AssertionError(self.log()) from None

    def request(self, event: Any) -> "Answer":
        """The answer to a request."""
        kind, content = self.invoke(event)
        assert kind == "response", content
        return Answer(content)

    def log(self) -> str:
        return self._log.read_text()

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log's lines of one kind so far."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]


class Answer:
    """The answer as API Gateway would send it on."""

    def __init__(self, content: dict[str, Any]) -> None:
        assert set(content) == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert content["isBase64Encoded"] is False
        self.status, self.headers, self.body = content["statusCode"], content["headers"], content["body"]
        self.content: Any = json.loads(self.body) if self.body and "json" in self.headers["content-type"] else None


Start = Callable[..., Function]
