"""What the functions' archives unpack to, each in a folder of its own."""

import re
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement

from bench.package import assemble
from components.archive import archive
from components.targets import this_machine

RUNTIME = ("awslambdaric",)


def serving(folder: Path) -> Path:
    assemble(folder)
    return folder


def training(folder: Path) -> Path:
    with ZipFile(archive("training", this_machine(), print).path) as file:
        file.extractall(folder)
    return folder


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
