"""A function app as Azure's host drives it: in Azure's own Python worker, with a queue behind it."""

import json
import os
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.support.azure.azurite import Queue

WORKER = Path(__file__).with_name("worker.py")
SITE_PACKAGES = ".python_packages/lib/site-packages"
HOSTNAME = "https://endpoint-app-1234567.azurewebsites.net"


class Answer(NamedTuple):
    """The answer as the host would send it on."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class App:
    """A function app that is started by `with`, and invoked as often as you like.

    `package` is its unpacked package; beside it there is the worker library, and nothing else that Python would find.
    """

    def __init__(self, python: str, package: Path, library: Path, home: Path, environment: dict[str, str]) -> None:
        home.mkdir(parents=True)
        self.package, self._log = package, home / "app.log"
        self._log.touch()
        surroundings = {
            "HOME": "/proc/none",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{package / SITE_PACKAGES}:{library}",
            "PYTHONPYCACHEPREFIX": str(library.parent / "compiled"),
            "TMPDIR": str(home),
        }
        self._errors = (home / "errors").open("wb")
        self._process = subprocess.Popen(
            [python, "-S", "-W", "error::UserWarning", str(WORKER), str(package), str(self._log)],
            cwd=package,
            env={name: value for name, value in {**surroundings, **environment}.items() if value},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        answer = self._read()
        self.problem = str(answer.get("problem", ""))
        """Why it could not be indexed."""
        self.functions: dict[str, Any] = {} if self.problem else answer
        """Functions by their names, with their bindings."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    @property
    def settings(self) -> Any:
        """The settings in its host.json."""
        return json.loads((self.package / "host.json").read_text())

    def request(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        """The answer to a request."""
        return self.requests(1, method, path, body, headers)[0]

    def requests(
        self, times: int, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None
    ) -> list[Answer]:
        """The answers to as many equal requests, made at once."""
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        request = {"kind": "http", "method": method, "url": HOSTNAME + path, "headers": all_headers}
        results = self._ask("predict", request | {"body": b64encode(content).decode(), "times": times})
        return [_answer(method, done) for done in results]

    def invoke(self, function: str, **request: Any) -> dict[str, Any]:
        """The result of an invocation: whether it is done, what it gave back, the id."""
        (result,) = self._ask(function, request)
        return result

    def take(self, queue: Queue) -> dict[str, Any]:
        """The result of the queue's next message, as the host deals with it, but without a pause between two tries."""
        message = queue.get()
        max_tries = self.settings["extensions"]["queues"]["maxDequeueCount"]
        done = self.invoke("train", kind="queue", id=message.id, body=message.text, count=message.tries)
        if not done["done"] and message.tries < max_tries:
            queue.release(message)
            return done
        if not done["done"]:
            queue.poison().put(message.text)
        queue.delete(message)
        return done

    def bury(self, queue: Queue) -> dict[str, Any]:
        """The same with the queue of poison."""
        message = queue.poison().get()
        done = self.invoke("bury", kind="queue", id=message.id, body=message.text, count=message.tries)
        assert done["done"], done["problem"]
        queue.poison().delete(message)
        return done

    def log(self) -> str:
        return self._log.read_text()

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log's lines of one kind so far."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def _ask(self, function: str, request: dict[str, Any]) -> list[dict[str, Any]]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"function": function, **request}) + "\n")
        self._process.stdin.flush()
        results: list[dict[str, Any]] = self._read()
        return results

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(Path(self._errors.name).read_text() + self.log())
        return json.loads(line)


def _answer(method: str, done: dict[str, Any]) -> Answer:
    assert done["done"], done["problem"]
    answer = done["answer"]
    # To HEAD the host's server sends no body, whatever there is.
    return Answer(answer["status"], answer["headers"], b"" if method == "HEAD" else b64decode(answer["body"]))


Start = Callable[..., App]
