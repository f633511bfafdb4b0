"""Updates that fail or are interrupted, and settings for the time of one test."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.project import Project

UP = ["tools/pulumi", "up", "--yes", "--skip-preview", "--stack", "local"]
# The engine's own words at the end of every failed update.
CLOSING_WORDS = ("update failed", "preview failed", "an unhandled error occurred")


def errors(printed: str) -> set[str]:
    """The distinct errors in what an update printed, without the engine's own closing words."""
    lines = (line.strip() for line in printed.splitlines())
    messages = {line.removeprefix("error: ") for line in lines if line.startswith("error: ")}
    return {line for line in messages if not line.startswith(CLOSING_WORDS)}


@contextmanager
def configured(project: Project, **settings: str) -> Iterator[None]:
    """Other settings for a while. The stack itself is brought back by whoever changed it."""
    path = project.stack_file
    before = path.read_bytes()
    project.config(**settings)
    try:
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def brought_back(project: Project) -> Iterator[list[str]]:
    """Whatever happens within, the stack is then brought up again, and settled; yields where that prints to."""
    printed: list[str] = []
    try:
        yield printed
    finally:
        printed.append(project.run("make", "up").stdout)
        project.predict()
        assert project.is_settled()


def interrupted(project: Project, command: list[str], number: signal.Signals, *, when: str) -> tuple[str, int, float]:
    """Runs an update whose whole process group gets a signal, as by Ctrl-C, when it says certain words.

    Returns its output, its exit code, and the seconds from the signal to its end.
    """
    with subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as update:
        assert update.stdout
        printed, sent = "", 0.0
        for line in update.stdout:
            printed += line
            if when in line and not sent:
                os.killpg(update.pid, number)
                sent = time.monotonic()
        code = update.wait(30)
        assert sent, printed
        return printed, code, time.monotonic() - sent
