"""An ASGI app on uvicorn with TLS, on a socket of our own: one process, one event loop, time limits."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import ssl
import sys

import uvicorn

from function_code.entrypoints.local.http_protocol import TimeoutProtocol
from function_code.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

LAST_REQUESTS_SECONDS = 0.3
TLS_SHUTDOWN_SECONDS = 3.0  # for a client to acknowledge the end of a connection
SHUTDOWN_SECONDS = 4
KEEP_ALIVE_SECONDS = 30
TICK_SECONDS = 0.25
BACKLOG = 1024
# For so long a thread that scores a big batch may keep the event loop waiting, each time that the loop is to go on.
SWITCH_SECONDS = 0.0005


def tls_context(certificate: str) -> ssl.SSLContext:
    """TLS 1.2 or newer with the key and chain of a PEM file. Raises Refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise Refused(f"the certificate {certificate} cannot be used: {error.strerror or error}") from None
    return context


def listen(host: str, port: int) -> socket.socket:
    """A bound socket that a successor can share, so that one server can take over from another without a gap."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = "another program uses it" if error.errno == errno.EADDRINUSE else error.strerror
        raise Refused(f"port {port} of {host} cannot be had: {reason}") from None
    listener.setblocking(False)
    return listener


class _Server(uvicorn.Server):
    """Starts listening as uvicorn does, but with a limit on handshakes and goodbyes, which it has no setting for."""

    def __init__(self, app: Any, listener: socket.socket, context: ssl.SSLContext, timeout_seconds: float) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=TimeoutProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            )
        )
        self._listener, self._context, self._timeout_seconds = listener, context, timeout_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        await super().startup(sockets=[])
        server = await asyncio.get_running_loop().create_server(
            lambda: TimeoutProtocol(self.config, self.server_state, self._timeout_seconds),
            sock=self._listener,
            ssl=self._context,
            backlog=BACKLOG,
            ssl_handshake_timeout=self._timeout_seconds,
            ssl_shutdown_timeout=TLS_SHUTDOWN_SECONDS,
        )
        self.servers.append(server)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Lets clients that have just connected finish the handshake and send their request, then closes."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_REQUESTS_SECONDS)
        await super().shutdown(sockets)


def run(
    app: Any,
    listener: socket.socket,
    context: ssl.SSLContext,
    timeout_seconds: float,
    started: Callable[[], None],
    tick: Callable[[], bool],
) -> None:
    """Serves until SIGTERM, SIGINT or a `tick` (some four a second) that returns False; finishes what is in flight.

    A client has `timeout_seconds` for the TLS handshake, and as many for a request's headers. `started` is called once
    connections are accepted.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.run(_run(_Server(app, listener, context, timeout_seconds), started, tick))


async def _run(server: _Server, started: Callable[[], None], tick: Callable[[], bool]) -> None:
    async def watch() -> None:
        while not server.started:
            await asyncio.sleep(0.01)
        started()
        while tick():
            await asyncio.sleep(TICK_SECONDS)
        server.should_exit = True

    watching = asyncio.create_task(watch())
    # A watch that fails would let the server live on unwatched: it ends both.
    watching.add_done_callback(lambda _: setattr(server, "should_exit", True))
    # uvicorn raises the signal that stopped it once more when it is done; without handlers of ours that would look like
    # a violent death.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    await server.serve()
    watching.cancel()
    (outcome,) = await asyncio.gather(watching, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
