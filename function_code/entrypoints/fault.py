"""What nobody expected: an answer for the caller, a traceback for the log."""

from __future__ import annotations

from function_code.serving.app import refuse, request_id_for
from function_code.serving.problems import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.log import Log
    from function_code.serving.messages import Request, Response


def fault(request: Request, error: Exception, log: Log) -> Response:
    """The answer 500; the log's line has the same request_id."""
    request_id = request_id_for(request)
    log.fault(request_id, error)
    return refuse(request, Problem(500, "a fault in the endpoint; its log has the request_id"), request_id)
