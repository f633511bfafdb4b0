"""A copy of this project in a folder of its own, ready to be used: nothing in it is shared with the original."""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.support.paths import ROOT

# What tools/venv writes when it has installed the requirements of this place.
# How the engine's language host lists the packages of a .venv at each run, to find those that bring a plugin.
LIST = ("list", "-v", "--format", "json")
PIP = """import sys
from pathlib import Path

assert tuple(sys.argv[1:]) == {LIST}, sys.argv  # there is nothing else that this pip can do
print(Path(__file__).with_name("list.json").read_text())
"""
STAMP = '{ printf "%s\\n" "$PWD"; cksum requirements.txt requirements/*.txt; } >.venv/.installed-requirements.txt'


def copy_project(target: Path) -> Path:
    """The files that git knows or would take, and a .venv that borrows its libraries; the copy's real path."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    target = target.resolve()
    venv.create(target / ".venv", symlinks=True, with_pip=False)
    (libraries(target) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (target / ".venv" / ".place").write_text(f"{target}\n")
    subprocess.run(["sh", "-c", STAMP], cwd=target, check=True)
    return target


def libraries(root: Path) -> Path:
    """The folder of the libraries in a copy's .venv."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return root / ".venv" / "lib" / version / "site-packages"


def give_short_pip(root: Path) -> Path:
    """Put a pip into a copy that answers the engine from memory, which is a third of an update; return its folder.

    The packages are borrowed and do not change, so the answer is the one of the real pip.
    """
    pip = libraries(root) / "pip"
    pip.mkdir()
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(PIP.replace("{LIST}", repr(LIST)))
    (pip / "list.json").write_text(packages())
    return pip


@functools.cache
def packages() -> str:
    """The answer of the real pip."""
    return subprocess.check_output([sys.executable, "-m", "pip", *LIST], text=True)


def environment(home: Path) -> dict[str, str]:
    """This environment without what it tells Pulumi and make; Pulumi's home is in `home`."""
    others = ("MAKE", "MFLAGS", "PULUMI_", "SERVERLESS_ML_")
    rest = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**rest, "PULUMI_HOME": str(home / "pulumi-home")}
