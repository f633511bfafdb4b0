"""The log of a function on Azure, whose host takes what Python's logging is given."""

from __future__ import annotations

import logging

from function_code.entrypoints.json_log import Log

_logger = logging.getLogger("serverless-ml")
_logger.setLevel(logging.INFO)


class HostLog(Log):
    """Each line as a message of its own, which Azure's worker hands to the host with the invocation that it is of."""

    def _send(self, lines: list[str]) -> None:
        for line in lines:
            _logger.info(line.rstrip("\n"))
