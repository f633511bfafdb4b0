"""The package that serves, as shipped to a function with this machine's Python, and the weight of each part.

    tools/python -m bench.package [--onnx] [--json]

Unpacked and without what Python compiles; with --onnx also what runs ONNX, for a model that takes it. Exit code 1 if
the package without that is too heavy.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.table import show, verdict
from tests.support.serving_package import assemble

LIMIT_MB = 20.0  # without ONNX


def main() -> int:
    """Assembles, shows, and says by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", action="store_true", help="with what runs ONNX, to which the limit does not apply")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        parts = assemble(Path(folder), options.onnx)
    total, limit = sum(parts.values()), None if options.onnx else LIMIT_MB
    rows = [{"part": name, "MB": round(weight, 2), "limit": None, "holds": None} for name, weight in parts.items()]
    rows.append({"part": "all of it", "MB": round(total, 2), "limit": limit, "holds": verdict(total, limit)})
    show(rows, options.json)
    return 0 if options.onnx or total <= LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())
