"""The local server as a process of its own, and clients that talk to it through real sockets."""

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import trustme

from function_code.registry import Registry
from function_code.store import Store
from tests.support.paths import ROOT

TOKEN = "a token with spaces"
CLIENT_TIMEOUT_SECONDS = 1.5
REFRESH_SECONDS = 0.3


class Server:
    """A server in `home`, with a store of its own; started by `start`."""

    def __init__(self, home: Path) -> None:
        self.home, self.store, self.lock = home, home / "store", home / "server.lock"
        ca = trustme.CA()
        ca.cert_pem.write_to_path(home / "ca.pem")
        ca.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(home / "server.pem")
        self.context = ssl.create_default_context(cafile=str(home / "ca.pem"))
        self.registry = Registry(Store(str(self.store)), "model")
        self.settings: dict[str, Any] = {
            "instance": "0123abcd",
            "store": str(self.store),
            "model": "model",
            "host": "127.0.0.1",
            "port": free_port(),
            "certificate": str(home / "server.pem"),
            "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "lock": str(self.lock),
            "refresh_seconds": REFRESH_SECONDS,
            "client_timeout_seconds": CLIENT_TIMEOUT_SECONDS,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, **changes: Any) -> subprocess.Popen[bytes]:
        """A process with these settings, ready or not."""
        path = self.home / "settings.json"
        path.write_text(json.dumps({**self.settings, **changes}))
        command = [sys.executable, "-W", "error", "-m", "function_code", "serve", str(path)]
        with open(self.home / "server.log", "ab") as log:
            return subprocess.Popen(command, cwd=ROOT, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def start(self) -> "Server":
        self.process = self.launch()
        return self.wait_until_ready()

    def wait_until_ready(self) -> "Server":
        assert self.process is not None
        deadline = time.monotonic() + 20
        while not self.ready():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        return self

    def ready(self) -> bool:
        return self.lock.exists() and '"ready": true' in self.lock.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        return self.process.wait(10)

    def log(self) -> str:
        return (self.home / "server.log").read_text()

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log's lines of one kind so far."""
        lines = [json.loads(line) for line in self.log().splitlines()]
        return [line for line in lines if line["event"] == event]

    def client(self) -> "Client":
        return Client(http.client.HTTPSConnection("127.0.0.1", self.settings["port"], timeout=30, context=self.context))

    def raw(self, tls: bool = True) -> socket.socket:
        """A connection to write bytes to."""
        plain = socket.create_connection(("127.0.0.1", self.settings["port"]), 15)
        return self.context.wrap_socket(plain, server_hostname="localhost") if tls else plain

    def version_served(self) -> str:
        with self.client() as client:
            return str(client.get("/readyz").content["model_version"])

    def wait_for_version(self, version: str) -> float:
        """Waits; the seconds that it took."""
        started = time.monotonic()
        while self.version_served() != version:
            assert time.monotonic() < started + 10, self.log()
            time.sleep(0.02)
        return time.monotonic() - started


def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    """Returns when the condition holds, which must be within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        is_json = bool(self.body) and "json" in self.headers["content-type"]
        self.content: Any = json.loads(self.body) if is_json else None


class Client:
    """One connection, kept alive."""

    def __init__(self, connection: http.client.HTTPSConnection) -> None:
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        self.connection.request(method, path, body, {"authorization": f"Bearer {TOKEN}", **(headers or {})})
        return Reply(self.connection.getresponse())

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def predict(self, instances: list[Any], path: str = "/predict") -> Reply:
        return self.post(json.dumps({"instances": instances}).encode(), path)

    def post(self, body: Any, path: str = "/predict") -> Reply:
        return self.ask("POST", path, body, {"content-type": "application/json"})


def head(length: int | None, *more: str, path: str = "/predict") -> bytes:
    """The head of a POST, for raw sockets; chunked if it has no length."""
    size = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json", size, *more]
    return "\r\n".join([*lines, f"authorization: Bearer {TOKEN}", "", ""]).encode()


def read_reply(connection: socket.socket) -> tuple[int, Any]:
    """The status and JSON of the next answer on a raw socket."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, json.loads(response.read())


def read_to_end(connection: socket.socket) -> bytes:
    """The bytes that come until the other side closes or resets the connection."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionError:
        pass
    return received


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
