"""The files of function_code that an endpoint or a training depends on, by their contents."""

import ast
import shutil
from pathlib import Path

import pytest

from components.packaging import source_files
from tests.support.paths import ROOT


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of function_code whose files are listed."""
    shutil.copytree(ROOT / "function_code", tmp_path / "function_code", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(source_files, "ROOT", tmp_path)
    monkeypatch.setattr(source_files, "CODE", tmp_path / "function_code")
    return tmp_path / "function_code"


def digests() -> tuple[str, str]:
    return source_files.digest(source_files.serving_files()), source_files.digest(source_files.training_files())


@pytest.mark.parametrize(
    ("changed", "serving", "training"),
    [
        ("schema.py", True, True),
        ("request_checks.py", True, True),
        ("history_checks.py", True, True),
        ("column_converters.py", True, True),
        ("registry.py", True, True),
        ("serving/app.py", True, False),
        ("serving/page/page.html", True, False),
        ("serving/page/page.css", True, False),
        ("serving/page/page.js", True, False),
        ("entrypoints/local/asgi.py", True, False),
        ("scoring/scorer.py", True, False),
        ("training/split.py", False, True),
        ("training/report/page.html", False, True),
        ("cli.py", False, True),
        ("data/csv_file.py", False, True),
        ("data/synthetic.py", False, False),
        ("data/instances.py", False, False),
    ],
)
def test_a_change_reaches_those_whom_it_concerns(code: Path, changed: str, serving: bool, training: bool) -> None:
    before = digests()
    (code / changed).write_text((code / changed).read_text() + "\n# changed\n")
    after = digests()
    assert (before[0] != after[0], before[1] != after[1]) == (serving, training)


def test_the_place_and_what_python_leaves_there_do_not_count(code: Path) -> None:
    before = digests()
    (code / "__pycache__").mkdir()
    (code / "__pycache__" / "cli.cpython-311.pyc").write_bytes(b"compiled")
    assert digests() == before


def test_a_renamed_file_counts(code: Path) -> None:
    before = digests()
    (code / "serving" / "app.py").rename(code / "serving" / "application.py")
    assert digests()[0] != before[0]


def test_a_file_is_known_by_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4's own example
    assert source_files.file_digest(tmp_path / "f") == expected


def test_an_estimator_outside_of_the_training_code_counts_beside_it(code: Path) -> None:
    (source_files.ROOT / "mine.py").write_text("")
    (code / "mine.py").write_text("")
    assert source_files.estimator_files("mine:made") == [source_files.ROOT / "mine.py"]
    assert source_files.estimator_files("function_code.mine:made") == []
    assert source_files.estimator_files("sklearn.svm:SVC") == []
    assert source_files.estimator_files("") == []


def test_all_that_serving_imports_is_shipped() -> None:
    """An import within a function fails with the first request that needs it, and not before."""
    files = source_files.serving_files()
    shipped = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files}
    imported = {
        node.module
        for path in files
        if path.suffix == ".py" and "entrypoints" not in path.parts
        for node in ast.walk(_without_type_checking(ast.parse(path.read_text(encoding="utf-8"))))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("function_code.")
    }
    packages = {name.removesuffix(".__init__") for name in shipped}
    assert imported - packages - shipped == {"function_code.streams"}  # of whole files, which a store can read, too


def _without_type_checking(tree: ast.Module) -> ast.Module:
    kept = [node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")]
    return ast.Module(kept, tree.type_ignores)
