"""One JSON line an event, written in batches, into a file that cannot fill the disk."""

from __future__ import annotations

import json
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.serving.http_messages import Request

STDERR = 2
MAX_LOG_BYTES = 16 * 1024 * 1024  # at 200 bytes a request some 80,000 requests

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


class Log:
    """Collects lines until `flush`, since a write for each request would cost a tenth of its time. Safe in threads."""

    def __init__(self, descriptor: int = STDERR, limit: int = MAX_LOG_BYTES) -> None:
        self._descriptor, self._limit, self._lines = descriptor, limit, list[str]()

    def write(self, fields: dict[str, Any]) -> None:
        """Adds a line: the time, then the fields."""
        moment = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03d}Z"
        self._lines.append(_encode({"time": stamp, **fields}) + "\n")

    def request(
        self, request: Request, started: float, status: int, request_id: str | None, version: str | None
    ) -> None:
        """Adds the line of a request that began at `started`, by time.perf_counter; none of its headers or contents."""
        self.write(
            {
                "event": "request",
                "method": request.method[:20],
                "path": request.path[:200],
                "status": status,
                "ms": round((time.perf_counter() - started) * 1000, 2),
                "request_id": request_id,
                "version": version,
            }
        )

    def internal_error(self, request_id: str, error: Exception) -> None:
        """Adds a line for what nobody expected, with its traceback."""
        from traceback import format_exception  # imported here: a cold start has no use for it

        self.write({"event": "fault", "request_id": request_id, "traceback": "".join(format_exception(error))})

    def flush(self) -> None:
        """Writes what was collected. A full disk or a closed pipe costs the log, not the server."""
        count = len(self._lines)
        if not count:
            return
        lines = self._lines[:count]
        del self._lines[:count]
        try:
            self._send(lines)
        except OSError:
            pass

    def _send(self, lines: list[str]) -> None:
        os.write(self._descriptor, "".join(lines).encode())
        _keep_small(self._descriptor, self._limit)


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
