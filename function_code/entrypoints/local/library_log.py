"""What libraries log, in the lines of our own log."""

from __future__ import annotations

import logging
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from function_code.entrypoints.json_log import Log


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
