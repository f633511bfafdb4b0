"""Calls of the Pulumi CLI, which tools/python has put on PATH with its environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NO_SUCH_STACK = 6  # the CLI's exit code


def run(*arguments: str) -> int:
    """Run `pulumi`, showing what it says, and return its exit code.

    Ctrl-C goes to the whole foreground group, so the CLI hears it itself; this process must only not die of it, because
    the CLI takes its time to stop cleanly and takes a second signal for impatience.
    """
    mine = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(["pulumi", *arguments], cwd=ROOT) as process:
            theirs = signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
            try:
                code = process.wait()
                return code if code >= 0 else 128 - code  # as a shell tells of a death by signal
            finally:
                signal.signal(signal.SIGTERM, theirs)
    finally:
        signal.signal(signal.SIGINT, mine)


def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `pulumi` for its answer and return that."""
    return subprocess.run(["pulumi", *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


def outputs(stack: str) -> dict[str, Any]:
    """Return what the stack exports."""
    answer = ask("stack", "output", "--json", "--stack", stack)
    if answer.returncode:
        sys.exit(answer.stderr.strip() or f"error: the outputs of the stack {stack} can't be read")
    exported: dict[str, Any] = json.loads(answer.stdout)
    return exported


def own_state() -> Path | None:
    """Return the folder of this checkout's own backend, or None if the user has chosen another backend."""
    state = os.environ.get("SERVERLESS_ML_STATE")
    return Path(state) if state else None


def release_dead_lock(stack: str) -> None:
    """Take away the lock of an update that was killed: nobody else would, and every later update would refuse."""
    state = own_state()
    locks = list(state.glob(f".pulumi/locks/*/*/{stack}/*.json")) if state else []
    if locks and not any(map(_is_held, locks)):
        print(
            f"The last update of the stack {stack} was killed; releasing its lock. Pulumi may warn of what it was",
            flush=True,
        )
        print("creating; `tools/pulumi refresh --clear-pending-creates` ends these warnings.", flush=True)
        ask("cancel", "--yes", "--stack", stack)


def _is_held(lock: Path) -> bool:
    try:
        holder = json.loads(lock.read_text())
        if holder["hostname"] != socket.gethostname():
            return True
        os.kill(int(holder["pid"]), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, KeyError):
        return True
    return True
