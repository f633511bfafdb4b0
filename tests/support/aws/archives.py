"""The functions' unpacked archives, each in a folder of its own."""

from pathlib import Path
from zipfile import ZipFile

from components.packaging.archive import make_archive
from components.packaging.targets import this_machine
from tests.support.serving_package import assemble

RUNTIME = ("awslambdaric", "boto3")


def serving(folder: Path) -> Path:
    assemble(folder)
    return folder


def training(folder: Path) -> Path:
    with ZipFile(make_archive("training", this_machine(), print).path) as file:
        file.extractall(folder)
    return folder
