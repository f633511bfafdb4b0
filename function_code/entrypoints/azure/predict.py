"""The endpoint as a function of Azure, in Azure's own Python worker: `endpoint`.

The environment says which model: STORE is the store's URL, MODEL the model's name. Importing this loads what serves,
while the instance starts; between requests nothing runs, so a request that finds the pointer stale reads it.
"""

import os
import time
from urllib.parse import unquote, urlsplit

import azure.functions as func

from function_code.entrypoints.azure.log import HostLog
from function_code.entrypoints.error_responses import internal_error
from function_code.entrypoints.model_refresh import ModelRefresher
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")  # the app itself refuses what it has not

_log = HostLog()
_models = ModelCache(Registry(Store(os.environ["STORE"], fail_fast=True), os.environ["MODEL"]))
_app = App(_models, os.environ["MODEL"])
_refresher = ModelRefresher(_models, _log)
# The log is not flushed yet: of what is logged outside of invocations the host hears nothing.
_refresher.refresh()


def endpoint(access: str) -> func.FunctionApp:
    """The app, with one function for all paths.

    `access` says whom the functions' host lets through: FUNCTION, who has a key, or ANONYMOUS, everybody that whoever
    stands before the host has not turned away.
    """
    app = func.FunctionApp(http_auth_level=func.AuthLevel[access])
    app.route(route="{*path}", methods=METHODS)(predict)
    return app


def predict(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """The answer to a request."""
    started = time.perf_counter()
    request = _request(req, context.invocation_id)
    if _models.stale():
        _refresher.refresh()
    try:
        response = _app.handle(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log a traceback
        response = internal_error(request, error, _log)
    _log.request(request, started, response.status, response.request_id, response.version)
    _log.flush()
    return func.HttpResponse(response.body, status_code=response.status, headers=response.headers)


def _request(req: func.HttpRequest, invocation_id: str) -> Request:
    url = urlsplit(req.url)
    # The host's own id, which its request log has, unless the caller has given one.
    headers = {"x-request-id": invocation_id, **{name.lower(): value for name, value in req.headers.items()}}
    return Request(str(req.method), unquote(url.path), url.query, headers, req.get_body())
