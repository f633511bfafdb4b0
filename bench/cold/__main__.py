"""Cold starts: a whole process, from its start to its first prediction, as a ratio to an empty one.

    tools/python -m bench.cold [--rounds 30] [--json]

Each round runs every program once, in another order, and its ratios are taken within the round; the medians are shown.
Ours have nothing on their path but the package as it is shipped. All programs have the same interpreter without `site`,
and compiled code cached by a round that does not count. Exit code 1 if a limit is missed or if two programs disagree
about a prediction.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from bench.models import train, train_intent, train_recommender
from bench.table import show, verdict
from tests.support.s3_server import BUCKET, serving
from tests.support.serving_package import assemble

RECOMMENDER = "neighbours"  # of 1,000 items
INTENT = "intent"  # trees of the features of a history
REQUESTS = {RECOMMENDER: "history.json", INTENT: "events.json"}  # of other kinds request.json
ROOT = Path(__file__).resolve().parents[2]
# How many times the empty process a program may take, the model read by open() or from the S3-protocol server.
OF_ROWS = {"linear": 1.3, "trees": 1.3, "network": 1.3, "forest": 1.6, "ensemble": 1.6}
OPEN_RATIO_LIMITS = {**OF_ROWS, RECOMMENDER: 1.6, INTENT: 1.5}
STORE_RATIO_LIMIT = 3.0
TUTORIAL_RATIO_LIMIT = 25.0  # times than the tutorial's handler
EMPTY, STORED, TUTORIAL = "empty", "stored trees", "tutorial trees"
LABELS = {
    EMPTY: "an empty handler: the same JSON",
    **{f"plain {kind}": f"ours: {kind}, the model read by open()" for kind in OPEN_RATIO_LIMITS},
    STORED: "ours: trees, the model from the store",
    TUTORIAL: "boto3 + joblib + pandas + scikit-learn",
}
TOLERANCE = 1e-9


class Programs:
    """The programs of this folder, each to be run as a process of its own."""

    def __init__(self, home: Path, stores: dict[str, Path], store: dict[str, str]) -> None:
        self._home, self._stores, self._store = home, stores, store
        assemble(home / "package")

    def run(self, name: str) -> tuple[float, list[float]]:
        """Seconds from start to end, and the probabilities, or scores of items, that it answered."""
        program, _, kind = name.partition(" ")
        path = f"{ROOT}:{sysconfig.get_path('purelib')}" if program == "tutorial" else str(self._home / "package")
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": path,
            "PYTHONPYCACHEPREFIX": str(self._home / "compiled"),
            **self._store,
        }
        where = str(self._stores[kind]) if program == "plain" else f"s3://{BUCKET}"
        script = ROOT / "bench" / "cold" / f"{program}.py"
        request = REQUESTS.get(kind, "request.json")
        command = [sys.executable, "-S", str(script), where, str(self._home / request)]
        started = time.perf_counter()
        done = subprocess.run(command, env=environment, cwd="/", stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - started
        (prediction,) = json.loads(done.stdout)["predictions"]
        items = [each["score"] for each in prediction.get("items", ())]
        return seconds, items or list(prediction["probabilities"].values())


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of each program in each round. Raises SystemExit if they don't agree about the prediction."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        stores = {**train(home), RECOMMENDER: train_recommender(home), INTENT: train_intent(home)}
        with serving(stores["trees"]) as store:
            programs = Programs(home, stores, store)
            answers = {name: programs.run(name)[1] for name in LABELS}  # compiles, and warms the file cache
            for name in ("plain trees", STORED):
                for ours, theirs in zip(answers[name], answers[TUTORIAL], strict=True):
                    if abs(ours - theirs) > TOLERANCE:
                        raise SystemExit(f"{name} answers {answers[name]}, scikit-learn {answers[TUTORIAL]}")
            print(f"cold starts: {rounds} rounds", file=sys.stderr)
            seconds: dict[str, list[float]] = {name: [] for name in LABELS}
            order = list(LABELS)
            shuffle = random.Random(1).shuffle
            for _ in range(rounds):
                shuffle(order)
                for name in order:
                    seconds[name].append(programs.run(name)[0])
    return seconds


def ratio(seconds: list[float], to: list[float]) -> float:
    """The median of the ratios within the rounds."""
    return statistics.median(own / other for own, other in zip(seconds, to, strict=True))


def main() -> int:
    """Measures, shows, and says by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30, help="how often each program is run (30)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    seconds = measure(options.rounds)
    limits = {STORED: STORE_RATIO_LIMIT, **{f"plain {kind}": limit for kind, limit in OPEN_RATIO_LIMITS.items()}}
    rows = [
        {
            "program": label,
            "ms": round(statistics.median(seconds[name]) * 1000, 1),
            "ratio": round(ratio(seconds[name], seconds[EMPTY]), 2),
            "of best": round(min(seconds[name]) / min(seconds[EMPTY]), 2),
            "limit": limits.get(name),
            "holds": verdict(ratio(seconds[name], seconds[EMPTY]), limits.get(name)),
        }
        for name, label in LABELS.items()
    ]
    faster = ratio(seconds[TUTORIAL], seconds[STORED])
    best = min(seconds[TUTORIAL]) / min(seconds[STORED])
    rows.append(
        {
            "program": "... as a ratio to ours from the store, at least",
            "ms": None,
            "ratio": round(faster, 2),
            "of best": round(best, 2),
            "limit": TUTORIAL_RATIO_LIMIT,
            "holds": faster >= TUTORIAL_RATIO_LIMIT,
        }
    )
    show(rows, options.json)
    return 1 if any(row["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
