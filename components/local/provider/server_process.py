"""The server processes of a stack, found by the locks that they hold: a process id alone may be anybody's by now."""

import fcntl
import json
import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

from function_code.errors import Refused

TERM_SECONDS, KILL_SECONDS = 7, 3


class ServerProcess(NamedTuple):
    """A server that lives; `lock` is the file that it holds."""

    lock: Path
    pid: int
    instance: str
    port: int


def server_processes(home: Path) -> list[ServerProcess]:
    """The servers of this home that live now."""
    return [server for lock in sorted(home.glob("server-*.lock")) if is_held(lock) and (server := _read(lock))]


def is_held(lock: Path) -> bool:
    """Tell whether a living process holds the lock; the kernel lets go of it when the process dies, however it dies."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def is_ready(lock: Path) -> bool:
    """Tell whether the server that was started with this lock says that it accepts connections."""
    try:
        return json.loads(lock.read_bytes())["ready"] is True
    except (OSError, ValueError, KeyError):
        return False


def stop(server: ServerProcess) -> None:
    """Ends the server: politely, and if it does not listen, by force. Raises Refused if it cannot be ended."""
    for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        deadline = time.monotonic() + seconds
        if is_held(server.lock):
            os.kill(server.pid, number)
        while time.monotonic() < deadline:
            if not is_held(server.lock):
                return
            time.sleep(0.02)
    raise Refused(f"the server with process id {server.pid} does not stop; end it and run the command again")


def _read(lock: Path) -> ServerProcess | None:
    """Read what a server wrote about itself into its lock file; None in the instant before it has."""
    try:
        content = json.loads(lock.read_bytes())
        return ServerProcess(lock, int(content["pid"]), str(content["instance"]), int(content["port"]))
    except (OSError, ValueError, KeyError):
        return None
