"""Error responses in place of an answer: for what nobody expected, and for more than a cloud hands back."""

from __future__ import annotations

from function_code.errors import Unreachable
from function_code.serving.app import RETRY_AFTER_SECONDS, refuse, request_id_for
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log
    from function_code.serving.http_messages import Request, Response


def internal_error(request: Request, error: Exception, log: Log) -> Response:
    """The answer 500, or 503 if the store is away; the log's line has the same request_id, and says why."""
    request_id = request_id_for(request)
    if isinstance(error, Unreachable):
        log.write({"event": "store", "request_id": request_id, "problem": str(error)})
        headers = {"retry-after": RETRY_AFTER_SECONDS}
        away = Problem(503, "the store cannot be read; the log says why", headers=headers)
        return refuse(request, away, request_id)
    log.internal_error(request_id, error)
    return refuse(request, Problem(500, "a fault in the endpoint; its log has the request_id"), request_id)


def response_too_large(request: Request, response: Response, allowed: str) -> Response:
    """The answer 413, where `allowed` is as in "6 MB that AWS Lambda allows"."""
    detail = f"the answer is larger than the {allowed}: ask for fewer instances, or with ?top=N"
    return refuse(request, Problem(413, detail), response.request_id)
