"""Files scored as a whole: rows a second, and the time as a ratio to scikit-learn's with pandas on the same file.

    tools/python -m bench.scoring [--rows 200000] [--rounds 5] [--json]

The models are of the synthetic sample, and so are the rows. Ours is everything from the file to three others: reading,
checking each row, scoring, writing. The other one reads the file into a DataFrame, asks the fitted pipeline for
probabilities and writes them beside the ids, without any check. Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

from bench.models import SETTINGS, train
from bench.table import show, verdict
from function_code.batch.scoring import Location, score
from function_code.data import synthetic
from function_code.registry import Registry
from function_code.scoring.loaded_model import load_stable
from function_code.store import Store

DISTINCT_ROWS = 20_000  # that are generated; the file has them again and again
LIMIT_MICROSECONDS = 10.0  # a row: 100,000 rows a second
LIMITED_MODELS = ("linear", "network")  # one of which serves where the search has time enough
TOLERANCE = 1e-9


def write(path: Path, rows: int) -> None:
    """The file: customers that the models have not seen, without what is to be predicted."""
    customers = [customer for customer, _ in synthetic.customers(min(rows, DISTINCT_ROWS), seed=2)]
    frame = pd.DataFrame(customers).drop(columns=[SETTINGS.target, *SETTINGS.drop])
    pd.concat([frame] * -(-rows // len(frame)))[:rows].to_csv(path, index=False)


class ScoringBenchmark:
    """One model, and both ways to score the file."""

    def __init__(self, path: Path, store: Path) -> None:
        self._path, registry = path, Registry(Store(str(store)), "model")
        self._loaded = load_stable(registry)
        fitted = registry.artifact(self._loaded.version, "pipeline.joblib", self._loaded.manifest)
        self._pipeline = joblib.load(io.BytesIO(fitted))

    def ours(self) -> None:
        here = Store(str(self._path.parent))
        score(Location(here, self._path.name), Location(here, "ours"), self._loaded, lambda line: None)

    def theirs(self) -> None:
        frame = pd.read_csv(self._path)
        scores = pd.DataFrame(self._pipeline.predict_proba(frame), columns=["0", "1"])
        scores.insert(0, "user_id", frame["user_id"])
        scores.to_csv(self._path.parent / "theirs.csv", index=False)

    def difference(self) -> float:
        """The largest difference between both in what was written."""
        ours = pd.read_csv(self._path.parent / "ours/scores.csv")["probability_1"]
        return float((ours - pd.read_csv(self._path.parent / "theirs.csv")["1"]).abs().max())


def seconds(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def main() -> int:
    """Measures, shows, and says by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="of the file (200000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each scores it (5)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    table = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        write(path, options.rows)
        for kind, store in train(Path(folder)).items():
            benchmark = ScoringBenchmark(path, store)
            times: list[tuple[float, float]] = []
            for number in range(options.rounds):
                print(f"scoring by the {kind} model: round {number + 1}", file=sys.stderr)
                times.append((seconds(benchmark.ours), seconds(benchmark.theirs)))
            if not benchmark.difference() <= TOLERANCE:
                raise SystemExit(f"{kind}: ours and scikit-learn's differ by {benchmark.difference():.1e}")
            table.append(_row(kind, options.rows, times))
    show(table, options.json)
    return 1 if any(row["holds"] is False for row in table) else 0


def _row(kind: str, rows: int, times: list[tuple[float, float]]) -> dict[str, Any]:
    each = statistics.median(ours for ours, _ in times) / rows * 1e6
    limit = LIMIT_MICROSECONDS if kind in LIMITED_MODELS else None
    return {
        "model": kind,
        "us a row": round(each, 2),
        "limit": limit,
        "holds": verdict(each, limit),
        "rows a second": round(1e6 / each, -3),
        "ratio to scikit-learn": round(statistics.median(ours / theirs for ours, theirs in times), 2),
    }


if __name__ == "__main__":
    sys.exit(main())
