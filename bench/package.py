"""What serves, as it would be shipped to a function with this machine's Python, and what each part of it weighs.

    tools/python -m bench.package [--onnx] [--json]

Unpacked and without what Python compiles; with --onnx also what runs ONNX, for a model that takes it. Exit code 1 if
the package without that is too heavy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

from bench.table import show, verdict
from components import bundle
from components.archive import archive
from components.targets import this_machine

LIMIT = 20.0  # MB, without ONNX
# Of what onnxruntime's own requirements name, all that running a model imports.
ONNX_LIBRARIES = ("onnxruntime", "numpy")


def assemble(folder: Path, onnx: bool = False) -> dict[str, float]:
    """Unpacks it there, with what runs ONNX if asked; the megabytes of each part of it."""
    with ZipFile(archive("serving", this_machine(), lambda line: print(line, file=sys.stderr)).path) as file:
        file.extractall(folder)
    for library in ONNX_LIBRARIES if onnx else ():
        for file_path in distribution(library).files or ():
            if ".." in file_path.parts or "__pycache__" in file_path.parts:
                continue
            if not any(fnmatchcase(file_path.as_posix(), pattern) for pattern in bundle.ONNX_LEFT_OUT):
                to = folder / file_path
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file_path.locate()), to)
    return {part.name: _megabytes(part) for part in sorted(folder.iterdir())}


def _megabytes(part: Path) -> float:
    files = [part] if part.is_file() else [path for path in part.rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6


def main() -> int:
    """Assembles, shows, and says by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", action="store_true", help="with what runs ONNX, to which the limit does not apply")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = assemble(Path(folder), options.onnx)
    total, limit = sum(parts.values()), None if options.onnx else LIMIT
    rows = [{"part": name, "MB": round(weight, 2), "limit": None, "holds": None} for name, weight in parts.items()]
    rows.append({"part": "all of it", "MB": round(total, 2), "limit": limit, "holds": verdict(total, limit)})
    show(rows, options.json)
    return 0 if options.onnx or total <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
