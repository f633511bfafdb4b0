"""CORS headers for browsers that ask for a page of another origin, where no gateway in front of the function does it.

The environment's CORS names the origins that may, separated by spaces.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.serving.http_messages import Request

_ORIGINS = os.environ.get("CORS", "").split()
_PREFLIGHT = {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "authorization, content-type",
}


def headers(request: Request) -> dict[str, str]:
    """The headers that an answer has more for the origin of the request: none, unless that may ask."""
    origin = request.headers.get("origin")
    if origin not in _ORIGINS:
        return {}
    return {"access-control-allow-origin": origin, "vary": "origin", **(_PREFLIGHT if is_preflight(request) else {})}


def is_preflight(request: Request) -> bool:
    """Says whether a browser asks what it may ask, before it does."""
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers
