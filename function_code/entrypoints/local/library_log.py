"""Log records of libraries as lines of our own log."""

from __future__ import annotations

import logging
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log


class Handler(logging.Handler):
    """Sends log records of libraries, with their tracebacks, to a Log."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Writes at once: it is rare, and it may be the last line."""
        content = {"event": record.levelname.lower(), "logger": record.name, "text": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            content["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        self._log.write(content)
        self._log.flush()
