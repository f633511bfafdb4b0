"""Error responses in place of an answer: for what nobody expected, and for more than a cloud hands back."""

from __future__ import annotations

from function_code.serving.app import refuse, request_id_for
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log
    from function_code.serving.http_messages import Request, Response


def internal_error(request: Request, error: Exception, log: Log) -> Response:
    """The answer 500; the log's line, with the traceback, has the same request_id."""
    request_id = request_id_for(request)
    log.internal_error(request_id, error)
    return refuse(request, Problem(500, "a fault in the endpoint; its log has the request_id"), request_id)


def response_too_large(request: Request, response: Response, allowed: str) -> Response:
    """The answer 413, where `allowed` is as in "6 MB that AWS Lambda allows"."""
    detail = f"the answer is larger than the {allowed}: ask for fewer instances, or with ?top=N"
    return refuse(request, Problem(413, detail), response.request_id)
