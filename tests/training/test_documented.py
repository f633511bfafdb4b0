"""What docs/estimators.md shows, done."""

import re
from pathlib import Path

import pytest

from function_code import synthetic
from function_code.registry import Registry
from function_code.training.run import train
from tests.conftest import ROOT
from tests.training.tables import briefly


def test_the_example_of_an_estimator_trains_and_serves(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "estimators.md").read_text(), re.DOTALL)
    (tmp_path / "documented.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    synthetic.write(tmp_path / "s.csv", 1_000)
    settings = briefly("purchase_intent", ids=("user_id",), drop=("recommendation",), estimator="documented:lightgbm")
    said: list[str] = []
    outcome = train((tmp_path / "s.csv").read_bytes(), "s.csv", settings, registry, said.append)
    assert outcome.promoted, outcome.reasons
    assert "model.onnx" not in outcome.manifest["artefacts"]
    assert any("own (estimator documented:lightgbm): validation loss" in line for line in said)
