"""Files of the local stack: private, written whole or not at all, and gone without a trace."""

import os
import shutil
from pathlib import Path

from function_code.errors import Refused

ROOT = Path(__file__).resolve().parents[3]
HOMES = ROOT / ".local"


def home_of(folder: str) -> Path:
    """The home of a stack, given relative to the project: so a project that was moved or copied finds its own.

    Raises Refused for any other folder, since homes are removed with all that is in them.
    """
    home = Path(os.path.normpath(ROOT / folder))
    if home.parent != HOMES:
        raise Refused(f"folder is {folder!r}; the home of a local stack is {HOMES.name}/<stack>")
    return home


def private_folder(path: Path) -> Path:
    """Makes the folder, or takes the rights of everybody else from it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner can read, and that is never seen half written."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    part.replace(path)


def read_private(path: Path) -> bytes:
    """The contents; none if the file is not there, or if others could have read it too."""
    try:
        return b"" if path.stat().st_mode & 0o077 else path.read_bytes()
    except OSError:
        return b""


def remove(*paths: Path) -> None:
    """Removes files and folders, and then the folders around them in which nothing is left, up to the project's."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        for folder in path.parents:
            if ROOT not in folder.parents:
                break
            # Looking first would not do: the engine deletes several resources at once.
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                break
