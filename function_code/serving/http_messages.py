"""Requests and answers as the core sees them; every runtime has an adapter that turns its own into these."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
PROBLEM = "application/problem+json"
HTML = "text/html; charset=utf-8"


class Request:
    """A request. `path` is percent-decoded, `query` is not; `headers` have lower-case names."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(
        self, method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.method, self.path, self.query, self.body = method, path, query, body
        self.headers: Mapping[str, str] = headers or {}


class Response:
    """An answer. `headers` lack content-length, which the adapters add. `version` is the model's, for the log."""

    __slots__ = ("body", "headers", "request_id", "status", "version")

    def __init__(
        self, status: int, body: bytes, content_type: str, request_id: str, version: str | None = None
    ) -> None:
        self.status, self.body, self.request_id, self.version = status, body, request_id, version
        self.headers = {
            "content-type": content_type,
            "x-request-id": request_id,
            # An answer is about one person at one moment: no proxy or browser should keep it or guess at its type.
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }


class Page:
    """The content of an answer that is no JSON: HTML, and the Content-Security-Policy that a browser is to apply."""

    __slots__ = ("html", "policy")

    def __init__(self, html: bytes, policy: str) -> None:
        self.html, self.policy = html, policy
