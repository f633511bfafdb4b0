"""docs/estimators.md shows what happens."""

import re
import sys
from pathlib import Path

import pytest

import function_code
from function_code.registry import Registry
from function_code.training.run import train
from tests.support.documents import blocks
from tests.support.estimator_training import OURS, refusal
from tests.support.paths import ROOT
from tests.support.tables import briefly, mixed_csv

PAGE = "docs/estimators.md"
TEXT = (ROOT / PAGE).read_text()


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_example_trains_and_serves(
    task: str, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = re.findall(r"^make up ESTIMATOR=(\S+)$", "".join(blocks(PAGE, "sh")), re.MULTILINE)
    (code,) = blocks(PAGE, "python")
    module, _, function = name.partition(":")
    path = f"{module.replace('.', '/')}.py"
    assert f"`{path}`:\n" in TEXT
    # As if the file lay in the package itself.
    (tmp_path / Path(path).name).write_text(code)
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(function_code, "__path__", [*function_code.__path__, str(tmp_path)])
    outcome = train(mixed_csv(task), "t.csv", briefly("target", estimator=name), registry, lambda line: None)
    assert outcome.promoted, outcome.reasons
    assert "model.onnx" not in outcome.manifest["artifacts"]
    assert outcome.manifest["candidates"][0]["setting"] == {"estimator": f"{module}:{function}"}


def test_refusals_read_as_shown() -> None:
    documented = "".join(blocks(PAGE, "text"))
    assert f"error: {refusal(f'{OURS}:lightgbm_linear')}\n" in documented
    printed = refusal(f"{OURS}:without_probabilities_once_fitted")
    ours = f"estimator {OURS}:without_probabilities_once_fitted: "
    assert f"error: estimator function_code.my_estimators:svc: {printed.removeprefix(ours)}\n" in documented


def test_files_that_the_document_names_are_there() -> None:
    named = set(re.findall(r"requirements/\w+\.(?:in|txt)", TEXT))
    assert named == {"requirements/local.in", "requirements/training.in", "requirements/onnx.txt"}
    for name in named:
        assert (ROOT / name).is_file()
