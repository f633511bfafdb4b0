"""The app behind an ASGI server, with what a cloud's gateway would do: a bearer token, and limits on bodies."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor

from function_code.entrypoints.error_responses import internal_error
from function_code.serving.app import MAX_BODY_BYTES, refuse, too_large
from function_code.serving.http_messages import Request, Response
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    from function_code.entrypoints.json_log import Log
    from function_code.serving.app import App

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

# A client that is still sending does not read, and loses the answer if the connection is closed under it. So what it
# sends is taken and thrown away, but not without end.
DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 5.0
# Some hundred instances: scoring more than this would keep others waiting, as would explaining a few.
MAX_INLINE_BYTES = 16 * 1024
PUBLIC_PATHS = ("/", "/healthz")  # the page asks for the token itself
CLIENT_CLOSED_REQUEST = 499  # in the log alone: the client left before its answer


class Disconnected(Exception):
    """The client left before its request was complete."""


class AsgiEndpoint:
    """An ASGI application around an App. Paths that show nothing of a model need no token (see PUBLIC_PATHS).

    A client has `timeout_seconds` for the whole of a request's body.
    """

    def __init__(self, app: App, token_sha256: str, log: Log, timeout_seconds: float) -> None:
        self._app, self._log, self._timeout_seconds = app, log, timeout_seconds
        self._token_sha256 = token_sha256.encode()
        # One thread: more would not be faster in Python, and would leave less to those who are served meanwhile.
        self._scoring = ThreadPoolExecutor(1, "scoring")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"only HTTP is served, not {scope['type']}")
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers)
        status, request_id, version = CLIENT_CLOSED_REQUEST, None, None
        try:
            response, is_complete = await self._answer(request, receive)
            status, request_id, version = response.status, response.request_id, response.version
            await _send(request, response, is_complete, receive, send)
        except Disconnected:
            pass
        self._log.request(request, started, status, request_id, version)

    async def _answer(self, request: Request, receive: Receive) -> tuple[Response, bool]:
        """The answer, and whether the request's body was read to its end."""
        try:
            self._authorize(request)
            if int(request.headers.get("content-length", 0)) > MAX_BODY_BYTES:
                raise too_large()
            request.body = await self._body(receive)
        except Problem as problem:
            return refuse(request, problem), not has_body(request)
        try:
            if len(request.body) < MAX_INLINE_BYTES and not request.path.endswith("explain"):
                return self._app.handle(request), True
            return await asyncio.get_running_loop().run_in_executor(self._scoring, self._app.handle, request), True
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
            return internal_error(request, error, self._log), True

    def _authorize(self, request: Request) -> None:
        if request.path in PUBLIC_PATHS and request.method in ("GET", "HEAD"):
            return
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token_sha256 = hashlib.sha256(token.strip().encode("latin-1")).hexdigest().encode()
        if not hmac.compare_digest(token_sha256, self._token_sha256) or kind.lower() != "bearer":
            fault = "it is not the right one" if token else "the request has none"
            raise Problem(401, f"a bearer token is wanted, and {fault}", headers={"www-authenticate": "Bearer"})

    async def _body(self, receive: Receive) -> bytes:
        """Receives the request's body. One that is complete may be a little too large still: the app looks, too."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                message = await receive()
                parts = [message.get("body", b"")]
                size = len(parts[0])
                while message.get("more_body"):
                    if size > MAX_BODY_BYTES:
                        raise too_large()
                    message = await receive()
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
        except TimeoutError:
            raise Problem(408, f"the request's body was not complete after {self._timeout_seconds:g} seconds") from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        return b"".join(parts)


def has_body(request: Request) -> bool:
    """Says whether the request announces a body."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _send(request: Request, response: Response, is_complete: bool, receive: Receive, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    if request.method != "HEAD":
        headers.append((b"content-length", str(len(response.body)).encode()))
    if not is_complete:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if not is_complete:
        await send({"type": "http.response.body", "body": response.body, "more_body": True})
        if response.status != 408 and "expect" not in request.headers:
            await _drain(receive)
        response.body = b""
    await send({"type": "http.response.body", "body": response.body})


async def _drain(receive: Receive) -> None:
    left = DRAIN_BYTES
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                if not message.get("more_body"):
                    return
                left -= len(message["body"])
    except TimeoutError:
        pass
