"""What serves, as it would be shipped, and what each part of it weighs.

    tools/python -m bench.package [--onnx] [--json]

The package is our serving half and the store client with what that needs, unpacked and without what Python compiles;
with --onnx also onnxruntime, for a model that takes it. Exit code 1 if the package without that is too heavy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from pathlib import Path

from bench.table import show, verdict
from components import bundle

LIMIT = 20.0  # MB, without ONNX
# The store client, and what it needs; its own requirements say so, too.
LIBRARIES = ("obstore", "typing_extensions")
# Of what onnxruntime's own requirements name, all that running a model imports.
ONNX_LIBRARIES = ("onnxruntime", "numpy")


def assemble(folder: Path, onnx: bool = False) -> dict[str, float]:
    """Puts the package there, with what runs ONNX if asked; the megabytes of each part of it."""
    for path in bundle.serving_files():
        _copy(path, folder / path.relative_to(bundle.ROOT))
    for library in (*LIBRARIES, *(ONNX_LIBRARIES if onnx else ())):
        for file in distribution(library).files or ():
            if ".." in file.parts or "__pycache__" in file.parts:
                continue
            if not any(fnmatchcase(file.as_posix(), pattern) for pattern in bundle.ONNX_LEFT_OUT):
                _copy(Path(str(file.locate())), folder / file)
    return {part.name: _megabytes(part) for part in sorted(folder.iterdir())}


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


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
