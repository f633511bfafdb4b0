"""The contenders: ours, and what is trained beside it, each a program in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from bench.automl.environments import python_of, weight
from bench.automl.tables import ROOT, Files
from function_code.batch.scoring import Location, score
from function_code.registry import Registry
from function_code.scoring.loaded_model import load_stable
from function_code.store import Store
from tests.support.serving_package import assemble

OURS = "serverless-ml"
SERVED = ("model.json", "model.onnx", "manifest.json")  # of a version's files, what answers requests
REPETITIONS = 3  # of a scoring, the fastest of which counts


class Framework:
    """A framework in its own environment; `distribution` is its name there, whose version is recorded."""

    def __init__(self, name: str, environment: str, distribution: str) -> None:
        self.name, self._environment, self._distribution = name, environment, distribution

    @property
    def _python(self) -> str:
        return str(python_of(self._environment))

    @property
    def version(self) -> str:
        """The release that is installed."""
        code = f"from importlib.metadata import version; print(version({self._distribution!r}))"
        return subprocess.check_output([self._python, "-c", code], text=True).strip()

    def train(self, files: Files, budget: float, folder: Path) -> None:
        """Fits a model and saves it in the folder."""
        _run(self._command("train", str(files.learned), files.table.target, files.task, str(budget), str(folder)))

    def score(self, files: Files, folder: Path) -> tuple[float, pd.DataFrame]:
        """Seconds to score the file, and the predictions."""
        predictions = folder.with_name(f"{folder.name}-predictions.csv")
        seconds = json.loads(_run(self._command("score", str(folder), str(files.scored), str(predictions))))
        return float(seconds), pd.read_csv(predictions)

    def answer(self, files: Files, folder: Path) -> float:
        """Seconds of a process from its start to its answer."""
        rows = pd.read_csv(files.scored)
        fullest = rows.loc[[rows.isna().sum(axis=1).idxmin()]]
        request = _request(folder, json.loads(fullest.to_json(orient="records")))
        return _seconds(self._command("answer", str(folder), request))

    def weights(self, folder: Path) -> tuple[int, int]:
        """Bytes of the model, and of the libraries that answer with it."""
        (packages,) = Path(self._python).parents[1].glob("lib/python*/site-packages")
        installers = sum(weight(packages / name) for name in ("pip", "setuptools"))
        return weight(folder), weight(packages) - installers

    def _command(self, *arguments: str) -> list[str]:
        return [self._python, "-m", f"bench.automl.programs.with_{self._environment}", *arguments]


class ServerlessML:
    """Ours: the command line trains, and the package that is shipped answers."""

    name, version = OURS, "this tree"

    def __init__(self, home: Path) -> None:
        self._package, self._compiled = home / "package", home / "compiled"
        assemble(self._package)

    def train(self, files: Files, budget: float, folder: Path) -> None:
        """Trains, publishes and promotes. Raises SystemExit if the version does not serve."""
        path = folder.with_name("settings.json")
        path.write_text(json.dumps(asdict(files.table.settings(budget))))
        command = [sys.executable, "-m", "function_code", "train", str(files.trained)]
        _run([*command, "--settings", str(path), "--store", str(folder)])

    def score(self, files: Files, folder: Path) -> tuple[float, pd.DataFrame]:
        """Seconds to score the file, and the predictions."""
        loaded = load_stable(_registry(folder))
        here = Store(str(files.scored.parent))
        seconds = []
        for _ in range(REPETITIONS):
            started = time.perf_counter()
            summary = score(Location(here, files.scored.name), Location(here, "ours"), loaded, lambda line: None)
            seconds.append(time.perf_counter() - started)
        if summary["rejected"]:
            raise SystemExit(f"{files.table.name}: {summary['rejected']} held-out rows were rejected")
        scores = pd.read_csv(files.scored.parent / "ours" / "scores.csv")
        columns = {f"probability_{label}": str(label) for label in loaded.schema.classes} or {"value": "value"}
        return min(seconds), scores[list(columns)].rename(columns=columns)

    def answer(self, files: Files, folder: Path) -> float:
        """Seconds of a process from its start to its answer."""
        request = _request(folder, [load_stable(_registry(folder)).schema.example()])
        path = {"PYTHONPATH": str(self._package), "PYTHONPYCACHEPREFIX": str(self._compiled)}
        command = [sys.executable, "-S", str(ROOT / "bench" / "cold" / "plain.py"), str(folder), request]
        return _seconds(command, {"PATH": os.environ["PATH"], **path})

    def weights(self, folder: Path) -> tuple[int, int]:
        """Bytes of the model, and of the package that answers with it."""
        version = folder / "models" / "model" / "versions" / load_stable(_registry(folder)).version
        model = sum((version / name).stat().st_size for name in SERVED if (version / name).exists())
        return model, weight(self._package)


RIVALS = (
    Framework("FLAML", "flaml", "FLAML"),
    Framework("AutoGluon", "autogluon", "autogluon.tabular"),
    Framework("boosting", "boosting", "scikit-learn"),
)


def _registry(folder: Path) -> Registry:
    return Registry(Store(str(folder)), "model")


def _request(folder: Path, instances: list[dict[str, Any]]) -> str:
    path = folder.with_name(f"{folder.name}-request.json")
    path.write_text(json.dumps({"instances": instances}))
    return str(path)


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """The standard output. Raises SystemExit, with the end of the error output, if the program fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _seconds(command: list[str], environment: dict[str, str] | None = None) -> float:
    started = time.perf_counter()
    _run(command, environment)
    return time.perf_counter() - started
