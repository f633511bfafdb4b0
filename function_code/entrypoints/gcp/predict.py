"""The endpoint as a function of Google Cloud, in Google's own functions-framework: entry point `predict`.

The environment says which model: STORE is the store's URL, MODEL the model's name. Who may call is Cloud Run's
business. What serves is loaded while the instance starts; between requests an instance has no processor, so a request
that finds the pointer stale reads it.
"""

from __future__ import annotations

import os
import time

import flask
import functions_framework

from function_code.entrypoints.error_responses import internal_error, response_too_large
from function_code.entrypoints.gcp import cors
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.model_refresh import ModelRefresher
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

STDOUT = 1  # which Cloud Run takes the log from
MAX_RESPONSE_BYTES = 32 * 1024 * 1024  # which Cloud Run hands back

_log = Log(STDOUT)
_models = ModelCache(Registry(Store(os.environ["STORE"], fail_fast=True), os.environ["MODEL"]))
_app = App(_models, os.environ["MODEL"])
_refresher = ModelRefresher(_models, _log)


def _load() -> None:
    _refresher.refresh()
    _log.flush()


# Google's server imports this and forks then; the threads of a store that was used before would not be there any more.
os.register_at_fork(after_in_child=_load)


@functions_framework.http
def predict(http_request: flask.Request) -> flask.Response:
    """The answer to a request."""
    started = time.perf_counter()
    request = _request(http_request)
    more = cors.headers(request)
    if more and cors.is_preflight(request):
        return flask.Response(status=204, headers=more)
    if _models.stale():
        _refresher.refresh()
    try:
        response = _app.handle(request)
        if len(response.body) > MAX_RESPONSE_BYTES:
            response = response_too_large(request, response, "32 MiB that Cloud Run allows")
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
        response = internal_error(request, error, _log)
    _log.request(request, started, response.status, response.request_id, response.version)
    _log.flush()
    return flask.Response(response.body, response.status, {**response.headers, **more})


def _request(http_request: flask.Request) -> Request:
    headers = {name.lower(): value for name, value in http_request.headers.items()}
    trace = headers.get("x-cloud-trace-context", "").partition("/")[0]
    if trace:
        # Cloud Run's own id, which its request log has, unless the caller has given one.
        headers.setdefault("x-request-id", trace)
    query = http_request.query_string.decode("latin-1")
    return Request(http_request.method, http_request.path, query, headers, http_request.get_data())
