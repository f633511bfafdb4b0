"""Problem details (RFC 9457), the answers for errors."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_LISTED_ERRORS = 20  # in an answer

# The standard phrases; the http module has them too, at a price that a cold start would pay.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}


class Problem(Exception):
    """Ends the handling of a request with an error answer.

    `errors` are {"instance": index, "field": name or None, "problem": text}, of which the first few are listed.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: list[dict[str, Any]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.headers = status, detail, errors, headers or {}

    def content(self, request_id: str) -> dict[str, Any]:
        """The body of the answer."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES[self.status],
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.errors:
            content["errors"] = self.errors[:MAX_LISTED_ERRORS]
            omitted = len(self.errors) - MAX_LISTED_ERRORS
            if omitted > 0:
                content["detail"] += f"; the first {MAX_LISTED_ERRORS} are listed, {omitted} more are not"
        return content
