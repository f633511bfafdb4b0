"""The unpacked packages, and the libraries that Azure has of its own."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from components.azure.flex_package import flex
from components.packaging.archive import cache, make_archive
from components.packaging.platforms import LAMBDA
from components.packaging.wheels import wheels
from tests.support.paths import ROOT
from tests.support.pythons import python_of

# The worker library's own. Whatever else it needs, a package has, as the worker takes it from there.
OWN = ("azure-functions-runtime", "azurefunctions-extensions-base")
PLATFORM = LAMBDA["x86_64"]  # for Python 3.13 on Linux, where its wheels run


def python() -> str:
    """A Python as the functions have it. Skips the test where this machine has none."""
    interpreter = python_of(PLATFORM.python)
    if interpreter is None:
        pytest.skip(f"there is no Python {PLATFORM.python}, which Azure's worker library and the packages are for")
    return interpreter


def library(folder: Path) -> Path:
    """The worker library."""
    libraries = wheels(ROOT / "requirements" / "azure_runtime.txt", PLATFORM, cache(), print)
    for name in OWN:
        with ZipFile(libraries[name]) as file:
            file.extractall(folder)
    return folder


def unpack_package(package: str, folder: Path, access: str = "FUNCTION") -> Path:
    """Unpacks a package into a folder."""
    with ZipFile(make_archive(package, flex(access), print).path) as file:
        file.extractall(folder)
    return folder
