"""PyTorch and TensorFlow for real, each in an environment of its own; and what is said where one isn't installed."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pulumi
import pytest

from components.inputs.checks import check_framework
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.run import train
from function_code.training.settings import FRAMEWORKS, Settings
from tests.support.paths import ROOT

HERE = Path(__file__).parent
NO_ROOM_EXIT_CODE = 75
OPTIONS = ("-m", "pytest", "-v", "--color=no", "--timeout=0", "-p", "no:cacheprovider")


@pytest.mark.timeout(0)
@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_networks(framework: str, capfd: pytest.CaptureFixture[str]) -> None:
    # All but the framework comes from the environment that runs this test.
    borrowed = {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONUNBUFFERED": "1", "FRAMEWORK": framework}
    command = [str(HERE / "framework-python"), framework, sys.executable, *OPTIONS, str(HERE / "networks.py")]
    lines = ["\n"]
    with (
        capfd.disabled(),
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **borrowed},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode == NO_ROOM_EXIT_CODE:
        pytest.skip(lines[-1].strip())
    # Nothing failed, nothing was skipped, something ran.
    assert re.fullmatch(r"=+ \d+ passed in .* =+", lines[-1].strip()), "".join(lines)


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_a_framework_that_is_not_installed_is_refused_at_once(
    framework: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, FRAMEWORKS[framework], None)
    progress: list[str] = []
    with pytest.raises(Refused) as refused:
        train(b"not even read", "t.csv", Settings("target", framework=framework), registry, progress.append)
    command = f"tools/venv requirements.txt requirements/{framework}.txt"
    assert str(refused.value) == f"framework is {framework!r}, which is not installed; install it by: {command}"
    for path in command.split():
        assert (ROOT / path).exists()
    assert not progress


def test_an_unknown_framework_is_refused(registry: Registry) -> None:
    with pytest.raises(Refused, match="framework is 'jax'; it can be one of sklearn, pytorch, tensorflow"):
        train(b"not even read", "t.csv", Settings("target", framework="jax"), registry, lambda line: None)


@pytest.mark.parametrize("framework", ["pytorch", "tensorflow"])
def test_the_command_line_says_so_in_one_line(framework: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,target\n")
    hidden = (
        "import sys, function_code.training.run; from function_code.cli import main;"
        f"sys.modules[{FRAMEWORKS[framework]!r}] = None; sys.exit(main(sys.argv[1:]))"
    )
    options = ["--store", str(tmp_path / "store"), "--target", "target", "--framework", framework]
    done = subprocess.run(
        [sys.executable, "-c", hidden, "train", str(table), *options], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"not installed; install it by: tools/venv requirements.txt requirements/{framework}.txt")


def test_a_stack_says_so_before_anything_is_created(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(pulumi.RunError) as refused:
        check_framework("pytorch")
    assert "install it by: tools/venv requirements.txt requirements/pytorch.txt (or: pulumi" in str(refused.value)
