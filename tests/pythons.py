"""Other Pythons of this machine."""

import os
import subprocess
import sys
from pathlib import Path


def python_of(version: str) -> str | None:
    """A Python of this version, such as "3.13", if there is one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    others = map(str, pyenv.glob(f"versions/{version}.*/bin/python"))
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
