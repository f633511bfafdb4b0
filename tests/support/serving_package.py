"""The package that serves, as it would be shipped to a function with this machine's Python."""

import shutil
import sys
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

from components.packaging import source_files
from components.packaging.archive import make_archive
from components.packaging.platforms import this_machine

# Of what onnxruntime's own requirements name, all that running a model imports.
ONNX_LIBRARIES = ("onnxruntime", "numpy")


def assemble(folder: Path, onnx: bool = False) -> dict[str, float]:
    """Unpack the serving archive into a folder, with what runs ONNX if asked; the megabytes of each part of it."""
    with ZipFile(make_archive("serving", this_machine(), lambda line: print(line, file=sys.stderr)).path) as file:
        file.extractall(folder)
    for library in ONNX_LIBRARIES if onnx else ():
        for file_path in distribution(library).files or ():
            if ".." in file_path.parts or "__pycache__" in file_path.parts:
                continue
            if not any(fnmatchcase(file_path.as_posix(), pattern) for pattern in source_files.ONNX_LEFT_OUT):
                to = folder / file_path
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file_path.locate()), to)
    return {part.name: _megabytes(part) for part in sorted(folder.iterdir())}


def _megabytes(part: Path) -> float:
    files = [part] if part.is_file() else [path for path in part.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6
