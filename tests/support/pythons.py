"""Other Pythons of this machine."""

import subprocess
import sys
from pathlib import Path


def python_of(version: str) -> str | None:
    """A Python of this version, such as "3.13", if there is one."""
    # Beside this one, where pyenv and others keep what is not on PATH.
    others = map(str, Path(sys.base_prefix).parent.glob(f"*{version}.*/bin/python"))
    return next(
        (python for python in (sys.executable, f"python{version}", *others) if _version(python) == version), None
    )


def _version(python: str) -> str:
    """Its major and minor version; nothing if it does not run."""
    ask = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    except OSError:
        return ""
