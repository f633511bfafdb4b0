"""Virtual environments for what runs beside ours, outside of the tree, of the releases that environments/ pins."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

from components.packaging.archive import cache

PINS = Path(__file__).with_name("environments")
FINISHED = ".finished"


def python_of(name: str) -> Path:
    """The Python of an environment, which is installed if it is not there yet. Raises SystemExit if it can't be."""
    pins = PINS / f"{name}.txt"
    digest = sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = cache().parent / f"automl-{name}-{digest}"
    if not (folder / FINISHED).exists():
        for former in folder.parent.glob(f"automl-{name}-*"):
            rmtree(former)
        _install(name, pins, folder)
    return folder / "bin" / "python"


def _install(name: str, pins: Path, folder: Path) -> None:
    print(f"installing {name} into {folder} (the first time takes minutes)", file=sys.stderr, flush=True)
    install = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet")
    try:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "python"), *install, "-r", str(pins)], check=True, stdout=sys.stderr)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"the environment of {name} can't be installed: {error}") from None
    (folder / FINISHED).touch()


def weight(folder: Path) -> int:
    """Bytes of all files below a folder, without what Python compiles."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
