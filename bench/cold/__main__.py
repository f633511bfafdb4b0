"""Cold starts: a whole process, from its start to its first prediction, as a ratio to an empty one.

    tools/python -m bench.cold [--rounds 40] [--json]

Each round runs every program once, in another order, and its ratios are taken within the round; the medians are shown.
All programs have the same interpreter without `site`, and compiled code cached by a round that does not count. Exit
code 1 if a limit is missed or if two programs disagree about the prediction.
"""

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

from bench.table import show, verdict

ROOT = Path(__file__).resolve().parents[2]
# How many times the empty process a program may take.
LIMITS = {"empty": None, "plain": 1.5, "stored": 3.5, "tutorial": None}
LABELS = {
    "empty": "an empty process, the same JSON",
    "plain": "ours, the model read by open()",
    "stored": "ours, the model from the store",
    "tutorial": "joblib + pandas + scikit-learn",
}
EXACT = 1e-9


def train(home: Path) -> tuple[Path, Path]:
    """A model of the synthetic sample in a store, and a request for it."""
    command = [sys.executable, "-m", "function_code"]
    data, store, request = home / "sample.csv", home / "store", home / "request.json"
    options = ["--target", "purchase_intent", "--id", "user_id", "--drop", "recommendation", "--synthetic", "--json"]
    subprocess.run([*command, "sample", "--out", data], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    trained = subprocess.run(
        [*command, "train", data, "--store", store, *options],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    request.write_text(json.dumps({"instances": [json.loads(trained.stdout.splitlines()[-1])["example"]]}))
    return store, request


class Programs:
    """The programs of this folder, each to be run as a process of its own."""

    def __init__(self, home: Path) -> None:
        self._arguments = list(map(str, train(home)))
        libraries = sysconfig.get_path("purelib")
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{libraries}",
            "PYTHONPYCACHEPREFIX": str(home / "compiled"),
        }

    def run(self, name: str) -> tuple[float, list[float]]:
        """Seconds from start to end, and the probabilities that it answered."""
        command = [sys.executable, "-S", str(ROOT / "bench" / "cold" / f"{name}.py"), *self._arguments]
        started = time.perf_counter()
        done = subprocess.run(command, env=self._environment, cwd="/", stdout=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - started
        return seconds, list(json.loads(done.stdout)["predictions"][0]["probabilities"].values())


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of each program in each round. Raises SystemExit if they don't agree about the prediction."""
    with tempfile.TemporaryDirectory() as folder:
        print("cold starts: training a model to start with", file=sys.stderr)
        programs = Programs(Path(folder))
        answers = {name: programs.run(name)[1] for name in LIMITS}  # compiles, and warms the file cache
        for name in ("plain", "stored"):
            for ours, theirs in zip(answers[name], answers["tutorial"], strict=True):
                if abs(ours - theirs) > EXACT:
                    raise SystemExit(f"{name} answers {answers[name]}, scikit-learn {answers['tutorial']}")
        print(f"cold starts: {rounds} rounds", file=sys.stderr)
        seconds: dict[str, list[float]] = {name: [] for name in LIMITS}
        order = list(LIMITS)
        shuffle = random.Random(1).shuffle
        for _ in range(rounds):
            shuffle(order)
            for name in order:
                seconds[name].append(programs.run(name)[0])
    return seconds


def main() -> int:
    """Measures, shows, and says by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often each program is run (40)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    seconds = measure(options.rounds)
    rows = []
    for name, limit in LIMITS.items():
        ratios = [its / empty for its, empty in zip(seconds[name], seconds["empty"], strict=True)]
        rows.append(
            {
                "program": LABELS[name],
                "ms": round(statistics.median(seconds[name]) * 1000, 1),
                "ratio": round(statistics.median(ratios), 2),
                "of best": round(min(seconds[name]) / min(seconds["empty"]), 2),
                "limit": limit,
                "holds": verdict(statistics.median(ratios), limit),
            }
        )
    show(rows, options.json)
    return 1 if any(row["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
