"""Ours, FLAML, AutoGluon and default gradient boosting: the same rows, the same seconds, the same cores.

    tools/python -m bench.automl [--tables ames,digits] [--budget 60] [--rounds 1] [--record] [--json]

On each table a fifth of the rows is held out before anybody reads them. What is left is the file that our training is
given; the others are given the rows of it that ours learns from. They run one after the other, each in an environment
of its own, made in the cache by the first run. REAL_DATA names the folder of the real customers. Exit code 1 if the
claim (claim.py) does not hold. --record writes record.csv and the table in docs/benchmarks.md; it takes all tables.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.automl import record
from bench.automl.claim import verdicts
from bench.automl.contenders import ServerlessML
from bench.automl.measure import Row, measure
from bench.automl.tables import files, tables


def main() -> int:
    """Measures, shows, and says by the exit code whether the claim holds."""
    known = {table.name: table for table in tables()}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default=",".join(known), help=f"some of {', '.join(known)} (all)")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of each training (60)")
    parser.add_argument("--rounds", type=int, default=1, help="how often other rows are held out (1)")
    parser.add_argument("--record", action="store_true", help="write the record and the table of the documentation")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    names = options.tables.split(",")
    if unknown := set(names) - set(known):
        parser.error(f"no table {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if options.record and set(names) != set(known):
        parser.error("a record is of all tables")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        ours = ServerlessML(Path(home))
        for seed in range(options.rounds):
            for name in names:
                folder = Path(home) / f"{name}-{seed}"
                folder.mkdir()
                rows += measure(files(known[name], seed, folder), ours, options.budget, folder)
    results = verdicts(rows)
    print(json.dumps(rows, indent=1) if options.json else record.rendered(rows))
    for line, holds in results:
        print(f"{'yes' if holds else 'NO'}: {line}", file=sys.stderr)
    if options.record:
        record.write(rows)
    return 0 if all(holds for _, holds in results) else 1


if __name__ == "__main__":
    sys.exit(main())
