"""requirements.txt, as it lies in the source, is all that a function needs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from components.gcp.function import PYTHON
from components.gcp.source_package import ENTRY_POINTS
from function_code.registry import Registry
from function_code.store import Store
from tests.support import factories
from tests.support.gcp import archives
from tests.support.gcp.runtime import Function
from tests.support.pythons import python_of


@pytest.mark.timeout(600)
def test_a_function_serves_from_an_empty_environment_with_the_locked_libraries(tmp_path: Path) -> None:
    source = archives.source("serving", tmp_path / "source")
    python = python_of(PYTHON) or sys.executable
    subprocess.run([python, "-m", "venv", tmp_path / "venv"], check=True)
    # The command of Google's builder. Pip checks hashes because the file has some.
    pip: list[str | Path] = [
        tmp_path / "venv/bin/python",
        "-m",
        "pip",
        "install",
        "--no-warn-script-location",
        "--no-compile",
    ]
    done = subprocess.run([*pip, "-r", source / "requirements.txt"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (libraries,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    registry = Registry(Store(str(tmp_path / "store")), "model")
    registry.promote(factories.publish(registry))
    environment = {"STORE": registry.store.url, "MODEL": "model"}
    with Function("predict", source, libraries, tmp_path / "home", environment, python) as endpoint:
        answer = endpoint.request("POST", "/predict", json.dumps({"instances": [{"age": 30}]}))
    assert answer.status == 200
    assert answer.content["predictions"][0]["probabilities"]["1"] == pytest.approx(factories.logistic(3.0), abs=1e-12)


def test_the_hash_of_everything_is_locked() -> None:
    """Pip then refuses all requirements without a hash, those of functions-framework included."""
    for package in ENTRY_POINTS:
        text = (Path(__file__).parents[2] / "requirements" / f"gcp_{package}.txt").read_text()
        assert "functions-framework==" in text
        assert text.count("==") <= text.count("--hash=sha256:")
