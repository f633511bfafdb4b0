"""Warm predictions, in one process: ours beside an echo handler for one instance, beside scikit-learn for many.

    tools/python -m bench.warm [--rounds 40] [--json]

One instance: microseconds that the app takes beyond a handler which parses the same request and writes an answer of the
same shape. Many: the time of 1,000 instances in one request as a ratio to pandas and scikit-learn doing the same work,
JSON in and JSON out, with one thread or with all, whichever is faster in that round; they are spared our own conversion
of columns. Everything runs in turn in each round, and the medians over the rounds are shown. Exit code 1 if a limit is
missed or if the two disagree.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import joblib
import pandas as pd
from threadpoolctl import threadpool_limits

from bench.models import train
from bench.table import show, verdict
from function_code.registry import Registry
from function_code.scoring import scorer
from function_code.serving.app import App
from function_code.serving.http_messages import JSON, Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from function_code.training.parity import instances
from function_code.training.table import read_table

ONE_LIMITS_MICROSECONDS = {"trees": 100.0}
BATCH_RATIO_LIMIT = 1.0  # times scikit-learn
BATCH_INSTANCES, REPEATS = 1000, 50  # instances; requests of one instance in a round
WITHOUT_NUMPY = "network, no numpy"  # as in the package that serves, where there is none to take over large products
TOLERANCE = 1e-9

Handler = Callable[[bytes], bytes]


class Model:
    """One model behind the app and behind scikit-learn, and the requests."""

    def __init__(self, store: Path, sample: Path) -> None:
        models = ModelCache(Registry(Store(str(store)), "model"))
        models.refresh()
        self._app, loaded = App(models, "model"), models.pick_version()
        if loaded is None:
            raise SystemExit(f"{store}: {models.last_error}")
        features = loaded.schema.features
        self._texts = [column.name for column in features if column.kind == "category"]
        # Without `ColumnTyper`, the step that makes values of texts: JSON brings values.
        self._pipeline = joblib.load(store / f"models/model/versions/{loaded.version}/pipeline.joblib")[1:]
        raw = read_table(sample.read_bytes(), sample.name)
        rows = instances(raw.head(BATCH_INSTANCES), {column.name: column.kind for column in features})
        self.one, self.batch = (json.dumps({"instances": part}).encode() for part in (rows[:1], rows))

    def ours(self, body: bytes) -> bytes:
        """The app's answer."""
        response = self._app.handle(Request("POST", "/predict", headers={"content-type": JSON}, body=body))
        if response.status != 200:
            raise SystemExit(f"the app answers {response.body!r}")
        return response.body

    def theirs(self, body: bytes) -> bytes:
        """That of pandas and scikit-learn."""
        frame = pd.DataFrame(json.loads(body)["instances"])
        frame[self._texts] = frame[self._texts].fillna("")
        names = [str(label) for label in self._pipeline.classes_]
        return answer([dict(zip(names, row, strict=True)) for row in self._pipeline.predict_proba(frame).tolist()])

    def single(self, body: bytes) -> bytes:
        """The same with one thread: on small data that may be faster."""
        with threadpool_limits(1), joblib.parallel_config("sequential"):
            return self.theirs(body)

    def difference(self) -> float:
        """The largest difference between the two probabilities of an instance."""
        mine, its = (
            [p for prediction in json.loads(body)["predictions"] for p in prediction["probabilities"].values()]
            for body in (self.ours(self.batch), self.theirs(self.batch))
        )
        return float(max(abs(a - b) for a, b in zip(mine, its, strict=True)))


def answer(probabilities: list[dict[str, float]]) -> bytes:
    predictions = [{"label": 0, "probabilities": row} for row in probabilities]
    content = {"predictions": predictions, "model": "model", "model_version": "none", "request_id": os.urandom(8).hex()}
    return json.dumps(content).encode()


def echo(body: bytes) -> bytes:
    """Parses, and answers something of the right shape."""
    fixed = {"0": 0.4123456789012345, "1": 0.5876543210987655}
    return answer([fixed for _ in json.loads(body)["instances"]])


def seconds(handler: Handler, body: bytes, repeats: int = 1) -> float:
    started = time.perf_counter()
    for _ in range(repeats):
        handler(body)
    return (time.perf_counter() - started) / repeats


def measure(rounds: int) -> dict[str, dict[str, list[float]]]:
    """By model: microseconds above the echo handler, milliseconds of a batch, and its ratios, each for all rounds."""
    with tempfile.TemporaryDirectory() as folder:
        stores = train(Path(folder))
        models = {kind: Model(store, Path(folder) / "sample.csv") for kind, store in stores.items()}
    for kind, model in models.items():
        for _ in range(REPEATS):
            model.ours(model.one)  # some rows make it warm
        if not model.difference() <= TOLERANCE:
            raise SystemExit(f"{kind}: ours and scikit-learn's predictions differ by {model.difference():.1e}")
    times: dict[str, dict[str, list[float]]] = {name: {} for name in [*models, WITHOUT_NUMPY]}
    print(f"warm predictions: {rounds} rounds", file=sys.stderr)
    gc.collect()
    gc.freeze()  # neither of the two should pay for the objects of all these libraries
    for _ in range(rounds):
        for kind, model in models.items():
            above = seconds(model.ours, model.one, REPEATS) - seconds(echo, model.one, REPEATS)
            theirs = min(seconds(model.theirs, model.batch), seconds(model.single, model.batch))
            _add(times[kind], above, seconds(model.ours, model.batch), theirs)
            if WITHOUT_NUMPY.startswith(kind):
                with patch.object(scorer, "MIN_NUMPY_MULTIPLICATIONS", math.inf):
                    _add(times[WITHOUT_NUMPY], above, seconds(model.ours, model.batch), theirs)
    return times


def _add(times: dict[str, list[float]], above: float, batch: float, theirs: float) -> None:
    for name, value in (("above", above * 1e6), ("many", batch * 1e3), ("ratio", batch / theirs)):
        times.setdefault(name, []).append(value)


def main() -> int:
    """Measures, shows, and says by the exit code whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40, help="how often each is asked (40)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="sklearn")
        times = measure(options.rounds)
    rows: list[dict[str, Any]] = []
    for name, lists in times.items():
        above, batch, ratio = (statistics.median(lists[key]) for key in ("above", "many", "ratio"))
        limit = None if name == WITHOUT_NUMPY else BATCH_RATIO_LIMIT
        verdicts = [verdict(above, ONE_LIMITS_MICROSECONDS.get(name)), verdict(ratio, limit)]
        rows.append(
            {
                "model": name,
                "one: us above echo": round(above, 1),
                "limit": ONE_LIMITS_MICROSECONDS.get(name),
                f"{BATCH_INSTANCES}: ms": round(batch, 1),
                "ratio to scikit-learn": round(ratio, 2),
                "limit of the ratio": limit,
                "holds": None if verdicts == [None, None] else False not in verdicts,
            }
        )
    show(rows, options.json)
    return 1 if any(row["holds"] is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
