"""The archives as Google's builder unpacks and installs them."""

from pathlib import Path
from zipfile import ZipFile

from components.gcp.source_package import make_source_archive
from components.packaging.platforms import this_machine
from components.packaging.wheels import pins
from tests.support.libraries import install


def source(package: str, folder: Path) -> Path:
    """The source of a package."""
    with ZipFile(make_source_archive(package).path) as file:
        file.extractall(folder)
    return folder


def built(package: str, folder: Path) -> tuple[Path, Path]:
    """The source of a package, and links to the installed libraries that its requirements.txt names."""
    unpacked = source(package, folder / "source")
    names = [pin.name for pin in pins(unpacked / "requirements.txt", this_machine())]
    return unpacked, install(folder / "libraries", names)
