"""The endpoint as a function of Google Cloud, in Google's own functions-framework: entry point `predict`.

The environment says which model: STORE is the store's URL, MODEL the model's name. Who may call is Cloud Run's
business. What serves is loaded while the instance starts; between requests an instance has no processor, so a request
that finds the pointer stale reads it: after REFRESH_SECONDS, by default 5.
"""

from __future__ import annotations

import os
import time

import flask
import functions_framework

from function_code.entrypoints.error_responses import fault, oversized
from function_code.entrypoints.gcp import cors
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.model_refresh import Follower, refresh_seconds
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import Models
from function_code.store import Store

STDOUT = 1  # which Cloud Run takes the log from
MAX_ANSWER = 32 * 1024 * 1024  # bytes that Cloud Run hands back

_log = Log(STDOUT)
_models = Models(Registry(Store(os.environ["STORE"], hurried=True), os.environ["MODEL"]), refresh_seconds())
_app = App(_models, os.environ["MODEL"])
_follower = Follower(_models, _log)


def _load() -> None:
    _follower.follow()
    _log.flush()


# Google's server imports this and forks then; the threads of a store that was used before would not be there any more.
os.register_at_fork(after_in_child=_load)


@functions_framework.http
def predict(asked: flask.Request) -> flask.Response:
    """The answer to a request."""
    started = time.perf_counter()
    request = _request(asked)
    more = cors.headers(request)
    if more and cors.is_preflight(request):
        return flask.Response(status=204, headers=more)
    if _models.stale():
        _follower.follow()
    try:
        response = _app.handle(request)
        if len(response.body) > MAX_ANSWER:
            response = oversized(request, response, "32 MiB that Cloud Run allows")
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
        response = fault(request, error, _log)
    _log.request(request, started, response.status, response.request_id, response.version)
    _log.flush()
    return flask.Response(response.body, response.status, {**response.headers, **more})


def _request(asked: flask.Request) -> Request:
    headers = {name.lower(): value for name, value in asked.headers.items()}
    trace = headers.get("x-cloud-trace-context", "").partition("/")[0]
    if trace:
        # Cloud Run's own id, which its request log has, unless the caller has given one.
        headers.setdefault("x-request-id", trace)
    return Request(asked.method, asked.path, asked.query_string.decode("latin-1"), headers, asked.get_data())
