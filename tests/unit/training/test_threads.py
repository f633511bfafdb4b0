"""The threads of a training, and how they wait for each other."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
import function_code.training
print("sklearn" in sys.modules, os.environ.get("GOMP_SPINCOUNT"))
"""
NAMES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


@pytest.mark.parametrize(
    ("own", "count"), [({}, "5000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, "None")]
)
def test_threads_spin_briefly_before_they_sleep_unless_a_person_has_said_how(own: dict[str, str], count: str) -> None:
    others = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=others | own, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", count]
