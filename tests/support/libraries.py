"""Folders of installed libraries, for functions that see nothing else."""

import re
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.paths import ROOT

EXIT_NO_ROOM = 75
PRINT_PURELIB = "import sysconfig; print(sysconfig.get_path('purelib'))"


def install(folder: Path, names: Iterable[str]) -> Path:
    """Links to the installed libraries, and to those that they require."""
    folder.mkdir(exist_ok=True)
    remaining, done = list(names), set[str]()
    while remaining:
        name = re.sub("[-_.]+", "-", remaining.pop()).lower()
        if name not in done:
            done.add(name)
            installed = distribution(name)
            for file in installed.files or ():
                place = folder / file.parts[0]
                if file.parts[0] not in ("..", "__pycache__") and not place.exists():
                    place.symlink_to(Path(str(installed.locate_file(file.parts[0]))))
            requirements = (Requirement(text) for text in installed.requires or ())
            remaining += [each.name for each in requirements if not each.marker or each.marker.evaluate({"extra": ""})]
    return folder


def framework(name: str) -> str:
    """The folder of a framework's libraries, installed as its lock has them. Skips the test if there is no room."""
    command = [str(ROOT / "tests/frameworks/framework-python"), name, sys.executable, "-c", PRINT_PURELIB]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == EXIT_NO_ROOM:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
