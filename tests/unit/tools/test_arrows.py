"""`make check` refuses an import that goes against the arrows of CONTRIBUTING."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGES = ("components", "function_code", "stacks", "tools")
LINTER = Path(sys.executable).with_name("lint-imports")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(tree: Path) -> tuple[int, str]:
    done = subprocess.run([LINTER, "--no-logo", "--no-cache"], cwd=tree, capture_output=True, text=True)
    assert not done.stderr
    return done.returncode, " ".join(done.stdout.split())


def test_the_tree_as_it_is_keeps_the_arrows(tree: Path) -> None:
    code, printed = lint(tree)
    assert code == 0, printed


@pytest.mark.parametrize(
    ("importer", "imported", "broken"),
    [
        ("function_code/serving/app.py", "function_code.training.split", "function_code.serving is not allowed"),
        ("function_code/data/csv_file.py", "pulumi", "function_code is not allowed to import pulumi"),
        ("function_code/store.py", "components.packaging.wheels", "function_code is not allowed to import components"),
        ("components/gcp/names.py", "components.aws.names", "components.gcp is not allowed to import components.aws"),
        ("tools/down.py", "pulumi_aws", "tools is not allowed to import pulumi_aws"),
    ],
)
def test_an_import_against_an_arrow_is_refused(tree: Path, importer: str, imported: str, broken: str) -> None:
    path = tree / importer
    before = path.read_text()
    path.write_text(f"{before}\nimport {imported}\n")
    try:
        code, printed = lint(tree)
    finally:
        path.write_text(before)
    assert (code, broken in printed) == (1, True), printed
