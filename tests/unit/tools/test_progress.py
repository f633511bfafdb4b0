"""The line that shows that something is alive."""

import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PROGRAM = """
. "$root/tools/common.sh"
trap 'exit 143' TERM
for _ in $(seq 500); do progress "$log" true; done
"""


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_what_is_done_at_once_is_not_waited_for_ever(tmp_path: Path, shell: str) -> None:
    """The two come to an end at the same time, in one order or the other."""
    done = subprocess.run(
        [shell, "-euc", PROGRAM],
        env={"PATH": "/usr/bin:/bin", "root": str(ROOT), "log": str(tmp_path / "log")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, "")
