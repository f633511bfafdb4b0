"""The threads of a training, and how they wait for each other."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
import function_code.training
print("sklearn" in sys.modules, os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize(("own", "policy"), [({}, "passive"), ({"OMP_WAIT_POLICY": "active"}, "active")])
def test_threads_wait_without_spinning_unless_asked_to(own: dict[str, str], policy: str) -> None:
    others = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=others | own, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", policy]
