"""uvicorn's HTTP protocol with an end to its patience: for slow or endless headers, and for too many connections."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from function_code.serving.app import RETRY_AFTER, refuse
from function_code.serving.http_messages import Request
from function_code.serving.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any

    from uvicorn import Config
    from uvicorn.server import ServerState

HEADER_BYTES = 64 * 1024
REQUEST_BYTES = 128 * 1024 * 1024  # beyond what the app drains: chunk extensions and trailers without end
MAX_CONNECTIONS = 1000


class PatientProtocol(HttpToolsProtocol):
    """One connection; the methods are asyncio's and the HTTP parser's callbacks.

    A client has `patience` seconds for a request's headers.
    """

    def __init__(self, config: Config, state: ServerState, patience: float) -> None:
        super().__init__(config, state, {})
        self._patience = patience
        self._timer: asyncio.TimerHandle | None = None
        self._in_headers, self._received = True, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the clock; too many connections get their answer at once."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._timer = self.loop.call_later(self._patience, self._too_slow)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(Problem(503, "too many connections are open", headers={"retry-after": RETRY_AFTER}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what comes, and starts the clock where only a part of a request has come."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._received += len(data)
        if self._received > REQUEST_BYTES:
            self.transport.abort()
        elif self._in_headers and self._received > HEADER_BYTES:
            self._refuse(Problem(431, f"the headers are too large: {HEADER_BYTES} bytes are the limit"))
        elif self._timer is None and (self._in_headers or self.cycle.response_complete):
            # Something came that is no whole request; uvicorn's own keep-alive timer has stopped at it.
            self._timer = self.loop.call_later(self._patience, self._too_slow)

    def on_message_begin(self) -> None:
        """A request's first byte."""
        self._in_headers, self._received = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """From here on it is the app that waits."""
        self._in_headers = False
        self._stop_clock()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """What uvicorn calls when it cannot parse a request."""
        self._refuse(Problem(400, "this is not an HTTP/1.1 request that can be understood"))

    def _too_slow(self) -> None:
        self._timer = None
        self.transport.close()

    def _stop_clock(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, problem: Problem) -> None:
        response = refuse(Request("", ""), problem)
        headers: dict[str, Any] = {**response.headers, "content-length": len(response.body), "connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[problem.status] + lines.encode() + b"\r\n" + response.body)
        self.transport.close()
