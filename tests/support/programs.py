"""Commands of the documents, run with programs that tests put in the place of others."""

import os
import subprocess
from pathlib import Path

from tests.support.paths import ROOT


def program(path: Path, text: str) -> None:
    """Puts a program there that does this."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def shell(command: str, folder: Path, **environment: str) -> str:
    """The output of a command, run in a folder with the programs that the test put there."""
    variables = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(["sh", "-euc", command], cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
