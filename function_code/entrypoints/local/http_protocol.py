"""uvicorn's HTTP protocol with limits: on slow or endless headers, and on the number of connections."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from function_code.serving.app import RETRY_AFTER_SECONDS, refuse
from function_code.serving.http_messages import Request
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any

    from uvicorn import Config
    from uvicorn.server import ServerState

MAX_HEADER_BYTES = 64 * 1024
MAX_REQUEST_BYTES = 128 * 1024 * 1024  # beyond what the app drains: chunk extensions and trailers without end
MAX_CONNECTIONS = 1000


class TimeoutProtocol(HttpToolsProtocol):
    """One connection; the methods are asyncio's and the HTTP parser's callbacks.

    A client has `timeout_seconds` for a request's headers.
    """

    def __init__(self, config: Config, state: ServerState, timeout_seconds: float) -> None:
        super().__init__(config, state, {})
        self._timeout_seconds = timeout_seconds
        self._timer: asyncio.TimerHandle | None = None
        self._in_headers, self._received = True, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Starts the clock; too many connections get their answer at once."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._timer = self.loop.call_later(self._timeout_seconds, self._time_out)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(Problem(503, "too many connections are open", headers={"retry-after": RETRY_AFTER_SECONDS}))

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
        if self._received > MAX_REQUEST_BYTES:
            self.transport.abort()
        elif self._in_headers and self._received > MAX_HEADER_BYTES:
            self._refuse(Problem(431, f"the headers are too large: {MAX_HEADER_BYTES} bytes are the limit"))
        elif self._timer is None and (self._in_headers or self.cycle.response_complete):
            # Something came that is no whole request; uvicorn's own keep-alive timer has stopped at it.
            self._timer = self.loop.call_later(self._timeout_seconds, self._time_out)

    def on_message_begin(self) -> None:
        """Resets the counts at a request's first byte."""
        self._in_headers, self._received = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stops the clock: from here on it is the app that waits."""
        self._in_headers = False
        self._stop_clock()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answers a request that uvicorn cannot parse."""
        self._refuse(Problem(400, "this is not an HTTP/1.1 request that can be understood"))

    def _time_out(self) -> None:
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
