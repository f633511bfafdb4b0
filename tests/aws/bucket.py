"""A bucket on a server of the S3 protocol, behind a front that can take it away."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.cold.store_server import serving

# As S3 answers to credentials whose time is up.
EXPIRED = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>
<Token-0>the token itself</Token-0><RequestId>4442587FB7D0A2F9</RequestId></Error>"""
POINTER = "/serving.json"
# moto wants a signature, whoever made it.
SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a"
POLL = 0.01  # seconds, after which a server sees that it is to stop


class _Handler(BaseHTTPRequestHandler):
    server: "Front"
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        front = self.server
        if front.silent:
            threading.Event().wait(60)
        if front.lost or front.silent:
            self.close_connection = True
            return
        if front.expired:
            self._answer(400, {"content-type": "application/xml"}, EXPIRED)
            return
        writes = self.command == "PUT"
        if writes and front.meeting and self.path.endswith(POINTER):
            front.meeting.wait(60)
            front.meeting = None
        if writes:
            # moto looks at the condition first and writes then, where S3 does both at once.
            with front.turn:
                status, headers, content = self._forward(body)
        else:
            status, headers, content = self._forward(body)
        front.seen.append((self.command, self.path, status))
        self._answer(status, headers, content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815 - the server's names

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.server.behind, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            return response.status, dict(response.headers), response.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Front(ThreadingHTTPServer):
    """Passes requests on, unless the connection is `lost`, nobody answers (`silent`), or the credentials are `expired`.

    At a `meeting`, writers of a pointer wait for each other.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.turn = behind, threading.Lock()
        self.lost = self.silent = self.expired = False
        self.meeting: threading.Barrier | None = None
        self.seen: list[tuple[str, str, int]] = []

    def ask(self, method: str, path: str) -> None:
        """Does what tests do behind the functions' backs."""
        connection = http.client.HTTPConnection(self.behind, timeout=30)
        connection.request(method, path, headers={"authorization": SIGNED})
        response = connection.getresponse()
        response.read()
        connection.close()
        assert response.status < 300, response.status

    def handle_error(self, *_: object) -> None:
        """A function that is killed leaves its connections open."""


@contextmanager
def bucket(folder: Path) -> Iterator[tuple[Front, dict[str, str]]]:
    """The front, and the environment by which a client finds the bucket."""
    with serving(folder) as environment, Front(environment["AWS_ENDPOINT_URL"].removeprefix("http://")) as front:
        threading.Thread(target=front.serve_forever, args=(POLL,), daemon=True).start()
        try:
            yield front, {**environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}"}
        finally:
            front.shutdown()
            front.ask("POST", "/moto-api/reset")  # all servers of a process have the same objects
