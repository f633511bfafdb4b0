"""The local HTTPS server: `python -m function_code serve SETTINGS.json`.

It checks itself before it takes the port, follows the registry's pointer while it runs, and leaves when its lock file
is gone. Every module that a request needs is imported at start, because the code on disk may change under it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback

# These, and the modules of scoring and serving below, are imported when a model or a request needs them: too late here.
import function_code.column_converters
import function_code.plain_dates
import function_code.scoring.dates  # noqa: F401
from function_code.dialects import booleans, dates, day_counts, hours, lists, numbers  # noqa: F401
from function_code.entrypoints.json_log import Log
from function_code.entrypoints.local import https_server
from function_code.entrypoints.local.asgi import AsgiEndpoint
from function_code.entrypoints.local.library_log import Handler
from function_code.entrypoints.local.lock_file import LockFile
from function_code.entrypoints.model_refresh import ModelRefresher
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.scoring import (  # noqa: F401
    derivation,
    ensemble,
    grams,
    kept_histories,
    trees,
    trees_bitset,
    trees_quickscorer,
)
from function_code.serving import description, explanations, openapi, page  # noqa: F401
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EXIT_REFUSED = 3
CLIENT_TIMEOUT_SECONDS = 10.0  # for a handshake, for headers, for a body; tests set another one
SETTING_TYPES: dict[str, type] = {
    "instance": str,
    "store": str,
    "model": str,
    "host": str,
    "port": int,
    "certificate": str,
    "token_sha256": str,
    "lock": str,
    "refresh_seconds": float,
}


def main(settings_path: str) -> int:
    """Serves until a signal stops it; returns 0 then. One line on stderr and another number if it cannot start."""
    try:
        _serve(read_settings(settings_path))
    except Refused as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_REFUSED
    except Exception as error:  # noqa: BLE001 - the one line that the user sees, whatever it is
        frame = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())
        print(f"error: {type(error).__name__}: {text} ({frame.filename}, line {frame.lineno})", file=sys.stderr)
        return 1
    return 0


def read_settings(path: str) -> dict[str, Any]:
    """The settings, complete. Raises Refused."""
    try:
        with open(path, "rb") as file:
            settings = json.load(file)
    except (OSError, ValueError) as error:
        raise Refused(f"the settings {path} cannot be read: {error}") from None
    if not isinstance(settings, dict):
        raise Refused(f"the settings {path} are not an object")
    for name, kind in SETTING_TYPES.items():
        if not isinstance(settings.get(name), (int, float) if kind is float else kind):
            raise Refused(f"the settings {path} want {name!r}: {kind.__name__}")
    return settings


def _serve(settings: dict[str, Any]) -> None:
    log = Log()
    lock = LockFile(settings["lock"])
    identity = {"pid": os.getpid(), "instance": settings["instance"], "port": settings["port"]}
    lock.write({**identity, "ready": False})
    _log_libraries(log)

    context = https_server.tls_context(settings["certificate"])
    registry = Registry(Store(settings["store"]), settings["model"])
    registry.pointer()  # a store that cannot be read refuses here, and not by answering 503 for ever
    models = ModelCache(registry, float(settings["refresh_seconds"]))
    app = App(models, settings["model"])
    _check(app)
    refresher = ModelRefresher(models, log)
    refresher.refresh()
    refresh_thread = _RefreshThread(refresher, models.refresh_seconds)
    client_timeout_seconds = float(settings.get("client_timeout_seconds", CLIENT_TIMEOUT_SECONDS))
    endpoint = AsgiEndpoint(app, settings["token_sha256"], log, client_timeout_seconds)
    listener = https_server.listen(settings["host"], settings["port"])

    def started() -> None:
        refresh_thread.start()
        log.write({"event": "started", **identity})
        lock.write({**identity, "ready": True})

    def tick() -> bool:
        log.flush()
        return not lock.is_lost()

    try:
        https_server.run(endpoint, listener, context, client_timeout_seconds, started, tick)
    finally:
        log.write({"event": "stopped", **identity})
        log.flush()


def _check(app: App) -> None:
    response = app.handle(Request("GET", "/healthz"))
    if response.status != 200:
        raise Refused(f"the app answers its own GET /healthz with {response.status}")


class _RefreshThread(threading.Thread):
    """Refreshes the models for ever. A daemon, so that a store that hangs can't keep the process from leaving."""

    def __init__(self, refresher: ModelRefresher, seconds: float) -> None:
        super().__init__(name="refresh", daemon=True)
        self._refresher, self._seconds = refresher, seconds

    def run(self) -> None:
        while True:
            time.sleep(self._seconds)
            self._refresher.refresh()


def _log_libraries(log: Log) -> None:
    logging.basicConfig(handlers=[Handler(log)], level=logging.WARNING)
    # Its warnings are about what clients send; the answers they get are in the log anyway.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
