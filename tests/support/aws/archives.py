"""The functions' unpacked archives, each in a folder of its own."""

from pathlib import Path
from zipfile import ZipFile

from components.packaging.archive import Archive, make_archive
from components.packaging.platforms import this_machine
from tests.support.serving_package import assemble

RUNTIME = ("awslambdaric", "boto3")


def serving(folder: Path) -> Path:
    assemble(folder)
    return folder


def training(folder: Path) -> Path:
    """Code and libraries, as an image has them."""
    return _unpack("training", folder)


def training_code(folder: Path) -> Path:
    return _unpack("training_code", folder)


def training_libraries() -> Archive:
    """The libraries that `training_code` does without."""
    return make_archive("training_libraries", this_machine(), print)


def _unpack(package: str, folder: Path) -> Path:
    with ZipFile(make_archive(package, this_machine(), print).path) as file:
        file.extractall(folder)
    return folder
