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

NO_ROOM = 75
WHERE = "import sysconfig; print(sysconfig.get_path('purelib'))"


def install(folder: Path, names: Iterable[str]) -> Path:
    """Links to the installed libraries, and to those that they require."""
    folder.mkdir(exist_ok=True)
    wanted, done = list(names), set[str]()
    while wanted:
        name = re.sub("[-_.]+", "-", wanted.pop()).lower()
        if name not in done:
            done.add(name)
            found = distribution(name)
            for file in found.files or ():
                place = folder / file.parts[0]
                if file.parts[0] not in ("..", "__pycache__") and not place.exists():
                    place.symlink_to(Path(str(found.locate_file(file.parts[0]))))
            needs = (Requirement(text) for text in found.requires or ())
            wanted += [need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]
    return folder


def framework(name: str) -> str:
    """The folder of a framework's libraries, installed as its lock has them. Skips the test if there is no room."""
    command = [str(ROOT / "tests/frameworks/framework-python"), name, sys.executable, "-c", WHERE]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == NO_ROOM:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
