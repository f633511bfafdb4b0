"""The HTTPS server: a process that outlives `pulumi up`."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.local.provider import ports
from components.local.provider.certificate import server_file
from components.local.provider.environment import environment
from components.local.provider.files import HOMES, ROOT, home_of, private_folder, remove, write_private
from components.local.provider.resource_kind import Problem, ResourceKind, Run
from components.local.provider.server_process import is_ready, server_processes, stop
from components.local.provider.values import UNKNOWN, Values
from function_code.errors import Refused

START_SECONDS = 60
REFRESH_SECONDS = 0.5


class Server(ResourceKind):
    """Inputs: folder, store, model, code, token, certificate, port (nothing: a free one). Outputs: url, port, instance.

    `code`, `token` and `certificate` are digests: another one asks for another process. The new one is started on the
    same port, beside the old one, which is stopped only when the new one answers. So a new one that does not start
    changes nothing, and no request is lost.
    """

    optional = ("port",)

    def check(self, old: Values, new: Values) -> list[Problem]:
        problems, port = super().check(old, new), new.get("port", UNKNOWN)
        if problems or port == UNKNOWN:
            return problems
        try:
            ports.check(port, {server.port for home in _homes(old, new) for server in server_processes(home)})
        except Refused as problem:
            return [("port", str(problem))]
        return []

    def drifted_outputs(self, old: Values) -> list[str]:
        return (
            []
            if [server.instance for server in server_processes(home_of(old["folder"]))] == [old["instance"]]
            else ["instance"]
        )

    def preview(self, old: Values, new: Values) -> Values:
        port: Any = new.get("port", old.get("port", UNKNOWN))
        return {"port": port, "url": port if port == UNKNOWN else _url(port), "instance": UNKNOWN}

    def create(self, new: Values, run: Run) -> Values:
        return self.update({}, new, run)

    def update(self, old: Values, new: Values, run: Run) -> Values:
        home = private_folder(home_of(new["folder"]))
        before = server_processes(home)
        ours = {server.port for server in before}
        with _one_at_a_time():
            if "port" in new:
                ports.check(new["port"], ours)
            port = new["port"] if "port" in new else ports.choose(old.get("port", 0), ours)
            instance = _start(home, new, port, run)
        for server in before:
            stop(server)
        remove(*(path for path in home.glob("server-*") if path.stem != f"server-{instance}"))
        return {"port": port, "url": _url(port), "instance": instance}

    def delete(self, old: Values) -> None:
        home = home_of(old["folder"])
        for server in server_processes(home):
            stop(server)
        remove(*home.glob("server-*"), home / "server.log")


def _homes(*states: Values) -> set[Path]:
    return {home_of(state["folder"]) for state in states if "folder" in state}


def _url(port: int) -> str:
    return f"https://localhost:{port}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two stacks that look for a free port at once must not find the same: servers share a port without complaint."""
    descriptor = os.open(HOMES, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _start(home: Path, new: Values, port: int, run: Run) -> str:
    """Starts a server and returns its instance when it answers. Raises Refused, and leaves nothing, if it does not."""
    instance = os.urandom(8).hex()
    settings, lock = home / f"server-{instance}.json", home / f"server-{instance}.lock"
    content = {
        "instance": instance,
        "store": new["store"],
        "model": new["model"],
        "host": "127.0.0.1",
        "port": port,
        "certificate": str(server_file(new["folder"])),
        "token_sha256": new["token"],
        "lock": str(lock),
        "refresh_seconds": REFRESH_SECONDS,
    }
    write_private(settings, json.dumps(content).encode())
    path = home / "server.log"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        start = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "function_code", "serve", str(settings)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not is_ready(lock):
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline or run.cancelled.wait(0.02):
            process.kill()
            process.wait()
            remove(settings, lock)
            why = _last_words(path, start) if ended else "interrupted" if run.cancelled.is_set() else "no sign of life"
            raise Refused(f"the endpoint did not start: {why} (its log: {path})")
    return instance


def _last_words(log: Path, start: int) -> str:
    """The last line that a server wrote before it ended. Lines of JSON may be its predecessor's, which still serves."""
    with log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    words = [line.strip() for line in lines if line.strip() and not line.startswith("{")]
    return words[-1].removeprefix("error: ") if words else "it ended without a word"
