"""Azurite, Microsoft's own stand-in of Azure's storage: blobs and queues on loopback."""

import hashlib
import hmac
import http.client
import re
import shutil
import socket
import subprocess
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

import pytest

from components.packaging.archive import cache
from components.packaging.wheels import unfinished

PACKAGE = Path(__file__).with_name("azurite_package")
LOCK = PACKAGE / "package-lock.json"
ACCOUNT = "devstoreaccount1"
# Everybody's, as Azurite's documentation has it.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_TIMEOUT_SECONDS = 60.0
VERSION = "2023-11-03"
HIDDEN_SECONDS = 600  # after which a message that was taken is there for others again


class Azurite(NamedTuple):
    """The addresses of both services."""

    blobs: str
    queues: str

    def ask(self, service: str, method: str, path: str, body: bytes = b"") -> bytes:
        """The content of the answer to a signed request, which must not be refused."""
        status, _, content = self.answer(service, method, path, body)
        assert status < 300, (status, content)
        return content

    def answer(self, service: str, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """The answer to a signed request. `path` is what comes after the account, with its query."""
        connection = http.client.HTTPConnection(service, timeout=30)
        resource, _, query = path.partition("?")
        headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": VERSION}
        header_lines = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
        query_text = "".join(f"\n{name}:{value}" for name, value in sorted(parse_qsl(query)))
        length = str(len(body)) if body else ""
        text = f"{method}\n\n\n{length}" + "\n" * 9 + f"{header_lines}/{ACCOUNT}/{ACCOUNT}{resource}{query_text}"
        digest = hmac.digest(b64decode(KEY), text.encode(), hashlib.sha256)
        headers["authorization"] = f"SharedKey {ACCOUNT}:{b64encode(digest).decode()}"
        try:
            connection.request(method, f"/{ACCOUNT}{path}", body or None, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


class Message(NamedTuple):
    id: str
    receipt: str
    tries: int
    text: str


class Queue:
    """A queue, whose messages are in base64, as Event Grid writes and the host reads them."""

    def __init__(self, azurite: Azurite, name: str) -> None:
        self._azurite, self.name = azurite, name
        self._ask("PUT", f"/{name}")

    def put(self, text: str) -> None:
        self._ask("POST", f"/{self.name}/messages", _message(text))

    def get(self) -> Message:
        """The next message; there must be one."""
        answer = self._ask("GET", f"/{self.name}/messages?visibilitytimeout={HIDDEN_SECONDS}").decode()
        names = ("MessageId", "PopReceipt", "DequeueCount", "MessageText")
        parts = [re.search(f"<{name}>(.*?)</{name}>", answer) for name in names]
        identity, receipt, count, text = (part[1] if part else "" for part in parts)
        assert identity, f"{self.name} is empty"
        return Message(identity, receipt, int(count), b64decode(text).decode())

    def release(self, message: Message) -> None:
        """Lets others see it again at once."""
        path = f"/{self.name}/messages/{message.id}?popreceipt={quote(message.receipt, safe='')}&visibilitytimeout=0"
        self._ask("PUT", path, _message(message.text))

    def delete(self, message: Message) -> None:
        self._ask("DELETE", f"/{self.name}/messages/{message.id}?popreceipt={quote(message.receipt, safe='')}")

    def is_empty(self) -> bool:
        return b"<QueueMessage>" not in self._ask("GET", f"/{self.name}/messages?peekonly=true")

    def holds(self) -> int:
        """The number of messages, hidden ones as well."""
        _, headers, _ = self._azurite.answer(self._azurite.queues, "GET", f"/{self.name}?comp=metadata")
        return int(headers["x-ms-approximate-messages-count"])

    def poison(self) -> "Queue":
        return Queue(self._azurite, f"{self.name}-poison")

    def _ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        return self._azurite.ask(self._azurite.queues, method, path, body)


def _message(text: str) -> bytes:
    return f"<QueueMessage><MessageText>{b64encode(text.encode()).decode()}</MessageText></QueueMessage>".encode()


def installed() -> Path:
    """Azurite's folder, in the cache that all checkouts share. Skips the test where it can't be had."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("there is no Node.js (node and npm), which Azurite is written in")
    home = cache().with_name("azurite-" + hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16])
    if not home.exists():
        with unfinished(home) as folder:
            for file in PACKAGE.iterdir():
                shutil.copy(file, folder)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"npm can't install Azurite: {'; '.join(done.stderr.strip().splitlines()[:3])}")
            try:
                folder.rename(home)
            except OSError:  # another process, which tests another file, was first
                assert home.exists()
    return home / "node_modules" / "azurite" / "dist" / "src"


@contextmanager
def serving(folder: Path) -> Iterator[Azurite]:
    """Both services, for as long as the context lasts, with what they keep in memory."""
    code, addresses, processes = installed(), [], []
    try:
        for service in ("blob", "queue"):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence"]
            command = ["node", str(code / service / "main.js"), f"--{service}Port", str(port), *options]
            with (folder / f"{service}.log").open("wb") as log:
                processes.append(subprocess.Popen(command, cwd=folder, stdout=log, stderr=log))
            _wait(port, folder / f"{service}.log")
            addresses.append(f"127.0.0.1:{port}")
        yield Azurite(*addresses)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _wait(port: int, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
