"""The app behind an ASGI server, with what a cloud's front would do: a bearer token, and limits on bodies."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from concurrent.futures import ThreadPoolExecutor

from function_code.entrypoints.error_responses import fault
from function_code.serving.app import MAX_BODY, refuse, too_large
from function_code.serving.http_messages import Request, Response
from function_code.serving.problems import Problem

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
# Bytes, some hundred instances: scoring more than this would keep others waiting, as would explaining a few.
IN_THREAD = 16 * 1024
OPEN = ("/", "/healthz")  # the page asks for the token itself
GONE = 499  # in the log alone: the client left before its answer


class Disconnected(Exception):
    """The client left before its request was complete."""


class AsgiEndpoint:
    """An ASGI application around an App. Only what tells nothing of a model is answered without the token (see OPEN).

    A client has `patience` seconds for the whole of a request's body.
    """

    def __init__(self, app: App, token_sha256: str, log: Log, patience: float) -> None:
        self._app, self._log, self._patience = app, log, patience
        self._token_sha256 = token_sha256.encode()
        # One thread: more would not be faster in Python, and would leave less to those who are served meanwhile.
        self._scoring = ThreadPoolExecutor(1, "scoring")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"only HTTP is served, not {scope['type']}")
        started = time.perf_counter()
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers)
        status, request_id, version = GONE, None, None
        try:
            response, whole = await self._answer(request, receive)
            status, request_id, version = response.status, response.request_id, response.version
            await _send(request, response, whole, receive, send)
        except Disconnected:
            pass
        self._log.request(request, started, status, request_id, version)

    async def _answer(self, request: Request, receive: Receive) -> tuple[Response, bool]:
        """The answer, and whether the request's body was read to its end."""
        try:
            self._authorize(request)
            if int(request.headers.get("content-length", 0)) > MAX_BODY:
                raise too_large()
            request.body = await self._body(receive)
        except Problem as problem:
            return refuse(request, problem), not has_body(request)
        try:
            if len(request.body) < IN_THREAD and not request.path.endswith("explain"):
                return self._app.handle(request), True
            return await asyncio.get_running_loop().run_in_executor(self._scoring, self._app.handle, request), True
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
            return fault(request, error, self._log), True

    def _authorize(self, request: Request) -> None:
        if request.path in OPEN and request.method in ("GET", "HEAD"):
            return
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        given = hashlib.sha256(token.strip().encode("latin-1")).hexdigest().encode()
        if not hmac.compare_digest(given, self._token_sha256) or kind.lower() != "bearer":
            found = "it is not the right one" if token else "the request has none"
            raise Problem(401, f"a bearer token is wanted, and {found}", headers={"www-authenticate": "Bearer"})

    async def _body(self, receive: Receive) -> bytes:
        """The request's body. One that is complete may be a little too large still: the app looks, too."""
        try:
            async with asyncio.timeout(self._patience):
                message = await receive()
                parts = [message.get("body", b"")]
                size = len(parts[0])
                while message.get("more_body"):
                    if size > MAX_BODY:
                        raise too_large()
                    message = await receive()
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
        except TimeoutError:
            raise Problem(408, f"the request's body was not complete after {self._patience:g} seconds") from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        return b"".join(parts)


def has_body(request: Request) -> bool:
    """Whether the request says that a body follows."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


async def _send(request: Request, response: Response, whole: bool, receive: Receive, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    if request.method != "HEAD":
        headers.append((b"content-length", str(len(response.body)).encode()))
    if not whole:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if not whole:
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
