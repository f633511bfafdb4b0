"""A copy of this project in a folder of its own, ready to be used: nothing in it is shared with the original."""

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


def copy_project(target: Path) -> Path:
    """The files that git knows or would take, and a .venv that borrows its libraries; the copy's real path."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    target = target.resolve()
    venv.create(target / ".venv", symlinks=True, with_pip=False)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    borrowed = target / ".venv" / "lib" / version / "site-packages" / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n")
    (target / ".venv" / ".place").write_text(f"{target}\n")
    subprocess.run(["sh", "-c", STAMP], cwd=target, check=True)
    return target


def environment(home: Path) -> dict[str, str]:
    """This environment without what it tells Pulumi and make; Pulumi's home is in `home`."""
    others = ("MAKE", "MFLAGS", "PULUMI_", "SERVERLESS_ML_")
    rest = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {**rest, "PULUMI_HOME": str(home / "pulumi-home")}
