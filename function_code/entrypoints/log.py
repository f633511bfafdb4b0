"""One JSON line an event on stderr, written in batches, into a file that cannot fill the disk."""

from __future__ import annotations

import json
import logging
import os
import stat
import time
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STDERR = 2
LIMIT = 16 * 1024 * 1024  # bytes; at 200 bytes a request some 80,000 requests

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


class Log:
    """Collects lines until `flush`, since a write for each request would cost a tenth of its time. Safe in threads."""

    def __init__(self, descriptor: int = STDERR, limit: int = LIMIT) -> None:
        self._descriptor, self._limit, self._lines = descriptor, limit, list[str]()

    def write(self, content: dict[str, Any]) -> None:
        """Adds a line: the time, then the content."""
        moment = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03d}Z"
        self._lines.append(_encode({"time": stamp, **content}) + "\n")

    def flush(self) -> None:
        """Writes what was collected. A full disk or a closed pipe costs the log, not the server."""
        count = len(self._lines)
        if not count:
            return
        text = "".join(self._lines[:count])
        del self._lines[:count]
        try:
            os.write(self._descriptor, text.encode())
            _keep_small(self._descriptor, self._limit)
        except OSError:
            pass


class Handler(logging.Handler):
    """Sends what libraries log, with its traceback, to a Log."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Writes at once: it is rare, and it may be the last thing that is said."""
        content = {"event": record.levelname.lower(), "logger": record.name, "text": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            content["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        self._log.write(content)
        self._log.flush()


def _keep_small(descriptor: int, limit: int) -> None:
    """Cuts a log file that has grown beyond the limit down to its newest quarter.

    In place, because the file is whatever stderr was sent to: its name, and whoever else has it open, are not ours.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size <= limit:
        return
    newest = b""
    try:
        # stderr is open for writing only; Linux opens the same file anew by this name, elsewhere the old lines go.
        with open(f"/proc/self/fd/{descriptor}", "rb") as file:
            file.seek(max(0, status.st_size - limit // 4))
            file.readline()
            newest = file.read()
    except OSError:
        pass
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, newest)
