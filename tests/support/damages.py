"""Damages to a stack of this machine behind Pulumi's back, and the repairs that an update reports."""

import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.project import Project


def kill_the_server(project: Project) -> None:
    (pid,) = project.servers()
    os.kill(pid, signal.SIGKILL)
    while project.servers():
        time.sleep(0.02)


def remove(*names: str) -> Callable[[Project], None]:
    def do(project: Project) -> None:
        for name in names:
            path = project.home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    return do


def open_to_all(name: str) -> Callable[[Project], None]:
    return lambda project: (project.home / name).chmod(0o644)


def remove_the_home(project: Project) -> None:
    shutil.rmtree(project.home.parent)


def dataset(project: Project) -> Path:
    (path,) = project.home.glob("store/datasets/*/*")
    return path


def tamper_with_the_dataset(project: Project) -> None:
    dataset(project).write_text("something,else\n1,2\n")


def mended(printed: str) -> dict[str, str]:
    """The resources that an update has changed, each with the inputs and outputs because of which."""
    lines = re.findall(r"^ ~  localml:index:\w+ (\S+) updated \(\S+\) \[diff: ([^]]*)\]", printed, re.MULTILINE)
    return dict(lines)
