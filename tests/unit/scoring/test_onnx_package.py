"""The package with what runs ONNX, slimmed: a folder of its own is all that a process needs to answer from a model."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import joblib
import pandas as pd
import pytest

from function_code.registry import Registry
from function_code.store import Store
from function_code.training.evaluate import predict
from function_code.training.run import train
from tests.support.estimator_training import OURS
from tests.support.paths import ROOT
from tests.support.serving_package import assemble
from tests.support.tables import MIXED, briefly, mixed_csv

MB = 1_000_000
ROW = [4, 20.5, -3, 1_700_003_000, "yes", "pro", "2024-02-29"]


@pytest.mark.parametrize("estimator", ["vectors", "scaled_histogram"])
def test_the_slimmed_package_answers_from_a_model(estimator: str, store: Store, tmp_path: Path) -> None:
    registry = Registry(store, "model")
    settings = briefly("target", estimator=f"{OURS}:{estimator}")
    outcome = train(mixed_csv("binary"), "t.csv", settings, registry, lambda line: None)
    assert outcome.promoted, outcome.reasons
    assemble(tmp_path / "package", onnx=True)
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"instances": [dict(zip(MIXED[:-1], ROW, strict=True))]}))
    command = [sys.executable, "-S", str(ROOT / "bench" / "cold" / "plain.py"), str(tmp_path / "store"), str(request)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "package")}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    (answer,) = json.loads(done.stdout)["predictions"]
    pipeline = joblib.load(io.BytesIO(registry.artifact(outcome.version, "pipeline.joblib", outcome.manifest)))
    expected = predict(pipeline, pd.DataFrame([list(map(str, ROW))], columns=MIXED[:-1]))[0]
    assert list(answer["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-6)


def test_the_core_of_onnxruntime_is_there_once(tmp_path: Path) -> None:
    parts = assemble(tmp_path, onnx=True)
    assert parts["onnxruntime"] < 45
    large = [path for path in (tmp_path / "onnxruntime").rglob("*") if path.stat().st_size > 20 * MB]
    assert [path.name.partition(".")[0] for path in large] == ["onnxruntime_pybind11_state"]


def test_without_onnx_nothing_of_it_is_there(tmp_path: Path) -> None:
    assert not set(assemble(tmp_path)) & {"onnxruntime", "numpy", "numpy.libs"}
