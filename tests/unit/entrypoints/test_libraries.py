"""The libraries of a training on AWS: what is unpacked, where, and what is not."""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from components.packaging.deterministic_zip import stored, write
from function_code.entrypoints.aws import libraries
from function_code.entrypoints.aws.libraries import PREFIX, add_libraries
from function_code.entrypoints.json_log import Log
from function_code.errors import Unreachable
from function_code.store import Store

EVIL = b"raise SystemExit('somebody else was here first')"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of a process that has imported nothing yet."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(libraries, "_imported", set[str]())
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield folder
    sys.modules.pop("frames", None)


def deployed(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str = "1.0") -> str:
    """Uploads libraries as a deployment does; their key."""
    archive = tmp_path / "archive"
    write(archive, [("frames/__init__.py", stored(f"release = {release!r}".encode()))])
    key = f"code/training_libraries-{sha256(archive.read_bytes()).hexdigest()}.zip"
    store.put(key, archive.read_bytes())
    monkeypatch.setenv("LIBRARIES", key)
    return key


def add(store: Store, tmp_path: Path) -> list[dict[str, object]]:
    """Adds the libraries; the lines of the log."""
    with (tmp_path / "log").open("ab") as file:
        log = Log(file.fileno())
        add_libraries(store, log, "request-1")
        log.flush()
    return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_they_are_imported_from_a_new_folder_that_is_ours_alone(
    store: Store, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(store, tmp_path, monkeypatch)
    before = os.umask(0)
    try:
        (line,) = add(store, tmp_path)
    finally:
        os.umask(before)
    assert (line["event"], line["request_id"]) == ("libraries", "request-1")
    (folder,) = temporary.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sys.path[0] == str(folder)
    assert import_module("frames").release == "1.0"
    assert add(store, tmp_path) == [line]
    assert list(temporary.iterdir()) == [folder]


def test_leftovers_are_deleted_and_never_imported(
    store: Store, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that broke off leaves its folder to the next one, and anybody may have made one of such a name."""
    elsewhere = tmp_path / "elsewhere"
    for folder in (temporary / f"{PREFIX}left", elsewhere):
        (folder / "frames").mkdir(parents=True)
        (folder / "frames/__init__.py").write_bytes(EVIL)
    (temporary / f"{PREFIX}linked").symlink_to(elsewhere)
    deployed(store, tmp_path, monkeypatch, "2.0")
    add(store, tmp_path)
    assert import_module("frames").release == "2.0"
    assert not (temporary / f"{PREFIX}left").exists()
    assert (elsewhere / "frames/__init__.py").exists()


@pytest.mark.parametrize("content", [None, b"", EVIL])
def test_what_was_not_deployed_is_not_unpacked(
    store: Store, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    key = deployed(store, tmp_path, monkeypatch)
    good, path = store.get(key), tmp_path / "store" / key
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    searched = [*sys.path]
    with pytest.raises(Unreachable, match=r"^the libraries, code/training_libraries-\S+ in .*: `pulumi up --refresh`"):
        add(store, tmp_path)
    assert (sys.path, list(temporary.iterdir())) == (searched, [])
    store.put(key, good)
    add(store, tmp_path)
    assert import_module("frames").release == "1.0"


def test_an_image_has_them(store: Store, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIBRARIES", raising=False)
    assert add(store, tmp_path) == []
    assert list(temporary.iterdir()) == []
