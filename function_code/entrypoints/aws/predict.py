"""The endpoint as an AWS Lambda function, behind an HTTP API of API Gateway: handler `predict`.

The environment says which model: STORE is the store's URL, MODEL the model's name. Who may call is API Gateway's
business. Importing this loads what serves, while Lambda initializes; between requests nothing runs, so a request that
finds the pointer stale reads it.
"""

from __future__ import annotations

import json
import os
import time
from binascii import a2b_base64

from function_code.entrypoints.error_responses import internal_error, response_too_large
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.model_refresh import ModelRefresher
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.serving.http_messages import Response

STDOUT = 1  # which Lambda takes the log from
MAX_RESPONSE_BYTES = 6_000_000  # of JSON that Lambda hands back, less some for the headers
SAFE_RESPONSE_BYTES = MAX_RESPONSE_BYTES // 6  # fits in any case: no character takes more than six in JSON

# With SnapStart Lambda gives credentials by a server of its own and the token for that, which obstore wants in a file.
_token = os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
if _token and "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" not in os.environ:
    _path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "container-token")  # noqa: S108 - a function's own
    with open(_path, "w") as _file:
        _file.write(_token)
    os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = _path

_log = Log(STDOUT)
_models = ModelCache(Registry(Store(os.environ["STORE"], fail_fast=True), os.environ["MODEL"]))
_app = App(_models, os.environ["MODEL"])
_refresher = ModelRefresher(_models, _log)
_refresher.refresh()
_log.flush()


def predict(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda gives both
    """The answer, as API Gateway wants it, to a request in its payload format 2.0."""
    started = time.perf_counter()
    request = _request(event)
    if _models.stale():
        _refresher.refresh()
    try:
        response = _limited(request, _app.handle(request))
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
        response = internal_error(request, error, _log)
    _log.request(request, started, response.status, response.request_id, response.version)
    _log.flush()
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
        "isBase64Encoded": False,
    }


def _request(event: dict[str, Any]) -> Request:
    context, path = event["requestContext"], event["rawPath"]
    if context["stage"] != "$default":
        path = path.removeprefix(f"/{context['stage']}")
    if "%" in path:
        from urllib.parse import unquote

        path = unquote(path)
    # API Gateway's own id, which its access log has, unless the caller has given one.
    headers = {"x-request-id": context["requestId"], **event["headers"]}
    body = event.get("body") or ""
    content = a2b_base64(body) if event["isBase64Encoded"] else body.encode("utf-8", "surrogatepass")
    return Request(context["http"]["method"], path, event["rawQueryString"], headers, content)


def _limited(request: Request, response: Response) -> Response:
    """The answer, or a problem in its place if Lambda would not hand it back."""
    if len(response.body) <= SAFE_RESPONSE_BYTES or len(json.dumps(response.body.decode())) <= MAX_RESPONSE_BYTES:
        return response
    return response_too_large(request, response, "6 MB that AWS Lambda allows")
