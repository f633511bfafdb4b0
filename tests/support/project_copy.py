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
STAMP = '{ printf "%s\\n" "$PWD"; cksum requirements.txt requirements/*.txt; } >.venv/.installed-requirements.txt'

# Before each run the engine asks pip which libraries there are. The answer is known, and takes pip itself a second.
# All else, such as the download of a function's libraries where no run before has filled the cache, is the real pip's.
LIST = ["list", "-v", "--format", "json"]
PIP = f"""
import os, pathlib, sys
if sys.argv[1:] != {LIST}:
    os.execv({sys.executable!r}, [{sys.executable!r}, "-m", "pip", *sys.argv[1:]])
print(pathlib.Path(__file__).with_name("list.json").read_text())
"""


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
    if "COVERAGE_PROCESS_CONFIG" in os.environ:  # `make coverage` looks into what runs in copies, too
        (libraries(target) / "coverage.pth").write_text("import coverage; coverage.process_startup()\n")
    (target / ".venv" / ".place").write_text(f"{target}\n")
    subprocess.run(["sh", "-c", STAMP], cwd=target, check=True)
    return target


def libraries(project: Path) -> Path:
    """The folder of the libraries in a copy's .venv."""
    return project / ".venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def install_pip(project: Path) -> None:
    """Gives a copy a pip that answers the engine at once."""
    folder = libraries(project) / "pip"
    folder.mkdir()
    (folder / "__init__.py").touch()  # a folder without one is found behind the pip that is borrowed
    (folder / "list.json").write_text(_listed())
    (folder / "__main__.py").write_text(PIP)


@functools.cache
def _listed() -> str:
    return subprocess.check_output([sys.executable, "-m", "pip", *LIST], text=True)


def environment(home: Path) -> dict[str, str]:
    """This environment without what it tells Pulumi and make; Pulumi's home is in `home`."""
    others = ("MAKE", "MFLAGS", "PULUMI_", "SERVERLESS_ML_")
    rest = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**rest, "PULUMI_HOME": str(home / "pulumi-home")}
