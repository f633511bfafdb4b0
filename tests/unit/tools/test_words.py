"""`make check` refuses names, docstrings and files that a reader stumbles over."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

GOOD = '''"""Rows of a table."""

MAX_ROWS = 7
"""Rows that a table may have."""


class RowNotFoundError(Exception):
    """A row is missing."""

    name: str = ""
    """Name of the row."""


def count_rows(rows: list[str]) -> int:
    """Count them."""
    number = len(rows)
    return number


def test_what_was_found_is_said() -> None:
    """The name of a test is a sentence."""
'''


def check(path: Path, text: str) -> tuple[int, str]:
    path.write_text(text)
    done = subprocess.run([sys.executable, "-m", "tools.words", str(path)], cwd=ROOT, capture_output=True, text=True)
    assert not done.stderr
    return done.returncode, done.stdout


def test_good_names_pass(tmp_path: Path) -> None:
    assert check(tmp_path / "rows.py", GOOD) == (0, "names, docstrings and lengths of 1 files: all is well\n")


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("number = len(rows)", "found = len(rows)", ":16: found in the name found"),
        ("MAX_ROWS = 7", "ROWS_MADE = 7", ":3: made in the name ROWS_MADE"),
        ("rows: list[str]", "givenRows: list[str]", ":14: given in the name givenRows"),
        ("class RowNotFoundError", "class QuickRow", ":7: quick in the name QuickRow"),
        ("number = len(rows)", "for half in rows: number = 0", ":16: half in the name half"),
        ("    return number", "    match rows:\n        case [told]: return 1", ":18: told in the name told"),
        ('"""Rows of a', '"""What rows of a', ":1: a docstring begins with What"),
        ('"""Rows that a', '"""Whether a', ":4: a docstring begins with Whether"),
        ('"""Count them."""', '"""Where they are counted."""', ":15: a docstring begins with Where"),
        ('"""Name of', '"""Whose name of', ":11: a docstring begins with Whose"),
    ],
)
def test_a_breach_is_named_with_its_line(tmp_path: Path, before: str, after: str, problem: str) -> None:
    assert before in GOOD
    code, printed = check(tmp_path / "rows.py", GOOD.replace(before, after, 1))
    assert code == 1
    assert f"rows.py{problem}" in printed
    assert printed.count("\n") == 1


def test_a_file_name_counts_too(tmp_path: Path) -> None:
    code, printed = check(tmp_path / "patience.py", '"""Retries."""\n')
    assert (code, "patience.py:1: patience in the path" in printed) == (1, True)


def test_a_long_file_is_refused(tmp_path: Path) -> None:
    code, printed = check(tmp_path / "rows.py", '"""Rows."""\n' + "\n" * 300)
    assert (code, "rows.py:301: the file has 301 lines" in printed) == (1, True)
