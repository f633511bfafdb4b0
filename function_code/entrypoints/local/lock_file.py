"""The lock file of a local server: held for as long as it lives, and readable for those who look for the server.

The lock is the operating system's (flock), which ends with the process, however that ends.
"""

from __future__ import annotations

import fcntl
import json
import os

from function_code.errors import Conflict, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class LockFile:
    """An exclusive lock on a file. Raises Conflict if another process has it."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refused(f"the lock file {path} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Conflict(f"another server holds the lock {path}") from None

    def write(self, content: dict[str, Any]) -> None:
        """Makes `content` the one line of the file; a reader meanwhile sees a whole line, then perhaps blank ones."""
        line = json.dumps(content).encode() + b"\n"
        before = os.fstat(self._descriptor).st_size
        os.pwrite(self._descriptor, line.ljust(before, b"\n"), 0)
        os.ftruncate(self._descriptor, len(line))

    def is_lost(self) -> bool:
        """Says whether the file is gone or another one has taken its name."""
        held = os.fstat(self._descriptor)
        try:
            current = os.stat(self._path)
        except FileNotFoundError:
            return True
        except OSError:
            return False  # the disk is in trouble; that is no reason to stop serving from memory
        return (current.st_dev, current.st_ino) != (held.st_dev, held.st_ino)
