"""Files of a local stack are removed with the folders around them, by several resources at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.local.provider import files


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "ROOT", tmp_path)
    return tmp_path


def test_folders_in_which_nothing_is_left_go_too(root: Path) -> None:
    (root / "a/b/c").mkdir(parents=True)
    (root / "a/kept").write_text("kept")
    files.remove(root / "a/b/c/gone", root / "a/b/c")
    assert [path.name for path in (root / "a").iterdir()] == ["kept"]


def test_several_may_remove_at_once(root: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for number in range(300):
            paths = [root / f"stack-{number}/tls/{part}" for part in range(4)]
            for path in paths:
                path.mkdir(parents=True)
            list(pool.map(files.remove, paths))  # raises what one of them raised
            assert not list(root.iterdir())
