"""A training on a million rows: its time as a ratio to scikit-learn's fit alone, its memory, and its progress.

    tools/python -m bench.training [--rows 1000000] [--kind trees] [--rounds 1] [--json]

The rows are generated: 15 features (numbers, counts, amounts, a boolean, categories, a date; some are missing) and a
target. In each round two processes run one after the other. Ours goes the whole way from the bytes of the file to a
model that is ready to be published, with one candidate: reading, typing, splitting, a search, the fit, evaluation, and
the comparison of the exported model with the trained one on every held-out row. The other one is given the training
rows in memory and fits the same pipeline to them. The search is not counted: its time is whatever its user sets.
Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from bench.models import KINDS, only
from bench.table import show, verdict
from function_code.training import run, split
from function_code.training.candidates.candidate import Rows
from function_code.training.dataset import prepare
from function_code.training.decision import CalibratedClassifier
from function_code.training.encoders import Columns
from function_code.training.search import search
from function_code.training.settings import Settings
from function_code.training.table import read_table

RATIO_LIMIT, MEMORY_LIMIT_MB, SILENCE_LIMIT_SECONDS = 3.0, 3000.0, 10.0
SETTINGS = Settings("target", budget=1.0)


def write(path: Path, rows: int) -> None:
    """The data set as CSV, some 100 bytes a row; the same for the same number of rows."""
    draw = np.random.default_rng(1)
    columns: dict[str, Any] = {f"number_{i}": np.round(draw.normal(size=rows) * 10.0 ** (i % 4), 3) for i in range(8)}
    columns["count"] = draw.poisson(3, rows)
    columns["amount"] = np.round(np.exp(draw.normal(3, 1, rows)), 2)
    columns["flag"] = np.where(draw.random(rows) < 0.4, "yes", "no")
    for i, distinct in enumerate((4, 12, 60)):
        columns[f"category_{i}"] = np.char.add("value ", draw.integers(0, distinct, rows).astype(str)).astype(object)
    columns["day"] = (np.datetime64("2022-01-01") + draw.integers(0, 1000, rows)).astype(str).astype(object)
    z = columns["number_0"] + 0.1 * columns["number_1"] * (columns["flag"] == "yes")
    z += np.log(columns["amount"]) - 3 + 0.2 * columns["count"] - 0.6
    columns["target"] = (draw.random(rows) < 1 / (1 + np.exp(-z))).astype(int)
    frame = pd.DataFrame(columns)
    for name in ("number_2", "number_3", "amount", "category_1", "day"):
        frame.loc[draw.random(rows) < 0.1, name] = None
    frame.to_csv(path, index=False)


class Watch:
    """The time that functions took, and the longest time without a line of progress."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.silence, self._last = 0.0, time.monotonic()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            started = time.monotonic()
            result = function(*arguments)
            self.seconds[name] = time.monotonic() - started
            return result

        return run

    def log(self, line: str) -> None:
        print(f"  {line}", file=sys.stderr, flush=True)
        self.silence, self._last = max(self.silence, time.monotonic() - self._last), time.monotonic()


def ours(path: Path, kind: str) -> dict[str, Any]:
    """A whole training: its seconds, those of its parts, its peak memory, and what the fit decided."""
    watch = Watch()
    started = time.monotonic()
    with (
        patch.object(run, "candidates", only(KINDS[kind])),
        patch.object(run, "search", watch.timed("search", search)),
        patch.object(run, "_fit_chosen", watch.timed("fit", run._fit_chosen)),
    ):
        trained = run.fit(path.read_bytes(), path.name, SETTINGS, watch.log)
    total = time.monotonic() - started
    watch.log("done")
    if not all(gate.passed for gate in trained.gates):
        raise SystemExit(f"the model is not fit to serve: {trained.gates}")
    model = trained.pipeline["model"]
    inner = model.model if isinstance(model, CalibratedClassifier) else model
    decided = {"rounds": len(inner._predictors)} if kind == "trees" else {}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return {"total": total, **watch.seconds, "silence": watch.silence, "MB": peak, "decided": decided}


def bare(path: Path, kind: str, decided: dict[str, Any]) -> dict[str, Any]:
    """The seconds of the same pipeline's fit to the same rows."""
    dataset = prepare(read_table(path.read_bytes(), path.name), SETTINGS, path.name)
    learn = split.Split.of(dataset).learn
    candidate = KINDS[kind](Columns.of(dataset.typed, dataset.kinds), dataset.task)
    rows = Rows(dataset.typed.iloc[learn], dataset.target[learn])
    started = time.monotonic()
    candidate.fit({**candidate.settings[0], **decided}, rows)
    return {"total": time.monotonic() - started}


def child(name: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.training", "--child", name, *arguments]
    result: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return result


def main() -> int:
    """Measures, shows, and says by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the data set (1000000)")
    parser.add_argument("--kind", choices=("linear", "trees", "forest"), default="trees", help="the candidate (trees)")
    parser.add_argument("--rounds", type=int, default=1, help="how often both are run (1)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, path, kind, *more = options.child
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="sklearn")
            result = ours(Path(path), kind) if name == "ours" else bare(Path(path), kind, json.loads(more[0]))
        print(json.dumps(result))
        return 0
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.csv"
        write(path, options.rows)
        for _ in range(options.rounds):
            mine = child("ours", str(path), options.kind)
            rounds.append((mine, child("bare", str(path), options.kind, json.dumps(mine["decided"]))))
    return report(rounds, options.json)


def report(rounds: list[tuple[dict[str, Any], dict[str, Any]]], as_json: bool) -> int:
    """Shows the medians; the exit code."""

    def median(value: Callable[[dict[str, Any], dict[str, Any]], float]) -> float:
        return statistics.median(value(mine, its) for mine, its in rounds)

    rows = [
        ("seconds of the fit alone, scikit-learn", median(lambda mine, its: its["total"]), None),
        ("seconds of a whole training", median(lambda mine, its: mine["total"]), None),
        ("... of which the search", median(lambda mine, its: mine["search"]), None),
        ("... of which the fit", median(lambda mine, its: mine["fit"]), None),
        (
            "ratio, without the search",
            median(lambda mine, its: (mine["total"] - mine["search"]) / its["total"]),
            RATIO_LIMIT,
        ),
        ("MB of memory at the peak", median(lambda mine, its: mine["MB"]), MEMORY_LIMIT_MB),
        (
            "seconds without a line of progress, at most",
            median(lambda mine, its: mine["silence"]),
            SILENCE_LIMIT_SECONDS,
        ),
    ]
    table = [
        {"measured": name, "value": round(value, 2), "limit": limit, "holds": verdict(value, limit)}
        for name, value, limit in rows
    ]
    show(table, as_json)
    return 1 if any(row["holds"] is False for row in table) else 0


if __name__ == "__main__":
    sys.exit(main())
