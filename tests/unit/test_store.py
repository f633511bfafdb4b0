"""Objects and their conditional writes, in a directory and in memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from function_code.errors import Conflict, NotFound, Refused
from function_code.store import Store
from tests.support.paths import ROOT


@pytest.fixture(params=["directory", "file URL", "memory"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    place = tmp_path / "a b" / "é#%?"
    return Store(
        {"directory": str(place), "file URL": f"file://{tmp_path}/store", "memory": "memory:///"}[request.param]
    )


def test_an_object_comes_back_and_is_listed(any_store: Store) -> None:
    any_store.put("a/x.json", b"1")
    any_store.put("a/b/my data é#%?.csv", b"2")
    any_store.put("ab/z", b"3")
    assert any_store.get("a/b/my data é#%?.csv") == b"2"
    assert any_store.list("a") == ["a/b/my data é#%?.csv", "a/x.json"]
    assert any_store.exists("a/x.json")
    assert not any_store.exists("a/y.json")


def test_the_newest_is_the_one_written_last(any_store: Store) -> None:
    for key in ("a/2", "a/1", "b/3"):
        any_store.put(key, b"")
        time.sleep(0.01)
    assert any_store.newest("a") == "a/1"
    with pytest.raises(NotFound, match="there is nothing under c in "):
        any_store.newest("c")


def test_pieces_of_an_object(any_store: Store) -> None:
    any_store.put("a/b", bytes(range(100)))
    assert any_store.pieces("a/b", [(90, 100), (0, 1), (5, 7)]) == [bytes(range(90, 100)), b"\0", b"\5\6"]
    with pytest.raises(NotFound, match=r"there is no a/c in "):
        any_store.pieces("a/c", [(0, 1)])


def test_what_was_deleted_is_gone(any_store: Store) -> None:
    for key in ("a/b", "a/c"):
        any_store.put(key, b"1")
    any_store.delete("a/b")
    assert any_store.list("a") == ["a/c"]


def test_what_is_not_there_is_named(any_store: Store) -> None:
    with pytest.raises(NotFound, match=r"there is no a/y\.json in "):
        any_store.get("a/y.json")


def test_create_writes_once(any_store: Store) -> None:
    any_store.create("k", b"first")
    with pytest.raises(Conflict):
        any_store.create("k", b"second")
    assert any_store.get("k") == b"first"


def test_replace_wants_the_tag_that_was_read(any_store: Store) -> None:
    any_store.put("k", b"0")
    _, tag = any_store.get_tagged("k")
    any_store.replace("k", b"1", tag)
    with pytest.raises(Conflict):
        any_store.replace("k", b"2", tag)
    assert any_store.get("k") == b"1"


def test_a_file_is_uploaded(any_store: Store, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"x" * 100_000)
    any_store.put_file("datasets/f.csv", str(tmp_path / "f.csv"))
    assert any_store.get("datasets/f.csv") == b"x" * 100_000


@pytest.mark.parametrize(("url", "says"), [("ftp://x", "cannot be opened"), ("s3://", "cannot be opened")])
def test_a_url_that_cannot_be_opened_is_refused_in_one_line(url: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        Store(url)
    assert "\n" not in str(refused.value)


INCREMENT = """
import sys
from function_code.errors import Conflict
from function_code.store import Store
store = Store(sys.argv[1])
for _ in range(50):
    while True:
        value, tag = store.get_tagged("n")
        try:
            store.replace("n", b"%d" % (int(value) + 1), tag)
            break
        except Conflict:
            pass
"""


def test_no_change_is_lost_between_processes(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.put("n", b"0")
    command = [sys.executable, "-c", INCREMENT, str(tmp_path)]
    workers = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert store.get("n") == b"150"
