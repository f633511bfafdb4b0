"""What serves, as it would be shipped, and what each part of it weighs.

    tools/python -m bench.package [--json]

The package is our serving half and the store client with what that needs, unpacked and without what Python compiles.
Exit code 1 if it is too heavy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

from bench.table import show, verdict
from components import bundle

LIMIT = 20.0  # MB, without ONNX
# The store client, and what it needs; its own requirements say so, too.
LIBRARIES = ("obstore", "typing_extensions")


def assemble(folder: Path) -> dict[str, float]:
    """Puts the package there; the megabytes of each part of it."""
    for path in bundle.serving_files():
        _copy(path, folder / path.relative_to(bundle.ROOT))
    for library in LIBRARIES:
        for file in distribution(library).files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
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
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = assemble(Path(folder))
    total = sum(parts.values())
    rows = [{"part": name, "MB": round(weight, 2), "limit": None, "holds": None} for name, weight in parts.items()]
    rows.append({"part": "all of it", "MB": round(total, 2), "limit": LIMIT, "holds": verdict(total, LIMIT)})
    show(rows, options.json)
    return 0 if total <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
