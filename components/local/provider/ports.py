"""The port of the endpoint: the one that is configured, the one it had, or a free one."""

import errno
import socket

from components.local.provider.files import HOMES
from components.local.provider.server_process import server_processes
from function_code.errors import Refused

FIRST_PORT, LAST_PORT = 8443, 8542
ADVICE = "choose another one: pulumi config set port NUMBER"


def check(port: int, ours: set[int]) -> None:
    """Raises Refused if the endpoint cannot have this port. `ours` are those that the stack's own servers have."""
    if not 1024 <= port <= 65535:
        raise Refused(f"port is {port}; it can be 1024 to 65535; {ADVICE}")
    if port not in ours and is_taken(port):
        raise Refused(f"port {port} is in use by {_user_of(port)}; {ADVICE}")


def choose(before: int, ours: set[int]) -> int:
    """The port that the endpoint had before if it is free or ours, and else the first free one."""
    candidates = range(FIRST_PORT, LAST_PORT + 1)
    for port in [before, *candidates] if before else candidates:
        if port in ours or not is_taken(port):
            return port
    raise Refused(f"none of the ports {FIRST_PORT} to {LAST_PORT} is free; choose one: pulumi config set port NUMBER")


def is_taken(port: int) -> bool:
    """Tell whether somebody has this port of localhost, by either protocol: clients try both."""
    return any(
        _is_taken(family, host, port) for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
    )


def _is_taken(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Without this the closed connections of an earlier server would count as somebody.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return False
    except OSError as error:
        # Anything else means that the machine does not speak this protocol.
        return error.errno in (errno.EADDRINUSE, errno.EACCES)


def _user_of(port: int) -> str:
    for home in sorted(HOMES.glob("*")):
        if any(server.port == port for server in server_processes(home)):
            return f"the stack {home.name!r}"
    return "another program"
