"""The platforms that archives are made for: the Python, the system and the size that a cloud's function has."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from packaging.markers import default_environment
from packaging.tags import platform_tags

LAMBDA_PYTHON, LAMBDA_GLIBC_MINOR = "3.13", 34  # python3.13 is on Amazon Linux 2023, which has glibc 2.34
LAMBDA_LIMIT_BYTES = 250 * 1024 * 1024
# Of libraries that a function unpacks when it starts: reading and unpacking so much takes 10 seconds and more.
LAMBDA_LIBRARIES_LIMIT_BYTES = 800_000_000
OLDEST_GLIBC_MINOR = 17  # of manylinux2014; wheels for older ones are of no use to anybody


@dataclass(frozen=True)
class Platform:
    """A platform that wheels are chosen for."""

    name: str
    """The platform's name in file names and messages."""
    python: str
    """The version of Python, such as "3.13"."""
    tags: tuple[str, ...]
    """The platform tags of wheels that run there, the best one first."""
    markers: Mapping[str, str]
    """The values that a requirement's condition is judged by (PEP 508)."""
    limit: int | None = None
    """The most bytes that a function's unpacked archive may have there; None if nobody counts."""
    libraries_limit: int | None = None
    """The most bytes of an unpacked archive of libraries alone."""
    lock: str = "{}"
    """The name of the locked requirements, but for the package."""
    libraries: str = ""
    """The beginning of the names of the libraries' files."""
    files: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Texts of files beside our code, by package and by name."""


def _on_lambda(machine: str) -> Platform:
    manylinux = [f"manylinux_2_{minor}_{machine}" for minor in range(LAMBDA_GLIBC_MINOR, OLDEST_GLIBC_MINOR - 1, -1)]
    markers = {
        "implementation_name": "cpython",
        "implementation_version": f"{LAMBDA_PYTHON}.0",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{LAMBDA_PYTHON}.0",
        "python_version": LAMBDA_PYTHON,
        "sys_platform": "linux",
    }
    name = f"python{LAMBDA_PYTHON}-{machine}"
    tags = (*manylinux, f"manylinux2014_{machine}")
    return Platform(name, LAMBDA_PYTHON, tags, markers, LAMBDA_LIMIT_BYTES, LAMBDA_LIBRARIES_LIMIT_BYTES)


LAMBDA = {"arm64": _on_lambda("aarch64"), "x86_64": _on_lambda("x86_64")}
"""Platforms by the names that AWS has for the processors; a stack takes the first by default."""


def this_machine() -> Platform:
    """The Python that runs, where it runs."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    tags = tuple(platform_tags())
    markers = {name: str(value) for name, value in default_environment().items()}
    return Platform(f"python{python}-{tags[0]}", python, tags, markers)
