"""The libraries of a training on AWS: the seconds of a processor until they can be imported, and of their import.

    tools/python -m bench.libraries [--rounds 5] [--json]

Each round is a new process with the archive of the code and nothing else, as a function starts; the store is a folder,
so that the time of the network is not in it.
Exit code 1 if reading and unpacking take too long.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from zipfile import ZipFile

from bench.table import show, verdict
from components.packaging.archive import MB, make_archive
from components.packaging.platforms import this_machine

LIMIT_SECONDS = 10.0
PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
from function_code.entrypoints.aws.libraries import add_libraries
from function_code.entrypoints.json_log import Log
from function_code.store import Store

started = time.process_time()
add_libraries(Store(sys.argv[2]), Log(2), "")
unpacked = time.process_time()
from function_code.training import run
print(unpacked - started, time.process_time() - unpacked, len(sys.modules))
"""


def start(code: Path, store: Path, key: str) -> tuple[float, ...]:
    """Starts a process; the seconds to read, check and unpack, those to import, and how many modules there are then."""
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-I", "-S", "-B", "-c", PROGRAM, str(code), str(store)]
        environment = {**os.environ, "LIBRARIES": key, "TMPDIR": temporary}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return tuple(map(float, done.stdout.split()))


def main() -> int:
    """Measures, shows, and says by the exit code whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how many processes (5)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    code, libraries = (
        make_archive(package, this_machine(), lambda line: print(line, file=sys.stderr))
        for package in ("training_code", "training_libraries")
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ZipFile(code.path) as file:
            file.extractall(folder / "code")
        (folder / "store").mkdir()
        (folder / "store" / libraries.object_name).symlink_to(libraries.path)
        rounds = [start(folder / "code", folder / "store", libraries.object_name) for _ in range(options.rounds)]
    unpacking, importing, modules = (statistics.median(each) for each in zip(*rounds, strict=True))
    holds = verdict(unpacking, LIMIT_SECONDS)
    what = f"read, check and unpack {libraries.packed / MB:.0f} to {libraries.unpacked / MB:.0f} MB"
    rows = [
        {"what": what, "seconds": round(unpacking, 2), "limit": LIMIT_SECONDS, "holds": holds},
        {"what": f"import {modules:,.0f} modules", "seconds": round(importing, 2), "limit": None, "holds": None},
    ]
    show(rows, options.json)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
