"""A front of a server of objects, which can take it away; what it passes on is as the cloud's own protocol has it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

POINTER = "/serving.json"
POLL_SECONDS = 0.01  # after which a server sees that it is to stop


class _Handler(BaseHTTPRequestHandler):
    server: "Front"
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        front, path = self.server, unquote(self.path)
        if front.silent:
            threading.Event().wait(60)
        if front.lost or front.silent:
            self.close_connection = True
            return
        if front.expired:
            status, content = front.refusal
            self._answer(status, {"content-type": "application/xml"}, content)
            return
        writes = self.command == "PUT"
        if writes and front.meeting and path.endswith(POINTER):
            front.meeting.wait(60)
            front.meeting = None
        if writes:
            # A stand-in may look at the condition first and write then, where a cloud does both at once.
            with front.turn:
                status, headers, content = self._forward(body)
        else:
            status, headers, content = self._forward(body)
        front.seen.append((self.command, path, status))
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
        lower = {name.lower(): value for name, value in headers.items()}
        length = lower.get("content-length", "0") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Front(ThreadingHTTPServer):
    """Passes requests on, unless the connection is `lost`, nobody answers (`silent`), or the credentials are `expired`.

    `refusal` is what the cloud answers to those. At a `meeting`, writers of a pointer wait for each other.
    """

    daemon_threads = True

    def __init__(self, behind: str, refusal: tuple[int, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.refusal, self.turn = behind, refusal, threading.Lock()
        self.lost = self.silent = self.expired = False
        self.meeting: threading.Barrier | None = None
        self.seen: list[tuple[str, str, int]] = []

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> None:
        """Does what tests do behind the functions' backs."""
        connection = http.client.HTTPConnection(self.behind, timeout=30)
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        response.read()
        connection.close()
        assert response.status < 300, response.status

    def handle_error(self, *_: object) -> None:
        """A function that is killed leaves its connections open."""


@contextmanager
def fronting(behind: str, refusal: tuple[int, bytes]) -> Iterator[Front]:
    """The front of the server at the address `behind`, and its end."""
    with Front(behind, refusal) as front:
        threading.Thread(target=front.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        try:
            yield front
        finally:
            front.shutdown()
