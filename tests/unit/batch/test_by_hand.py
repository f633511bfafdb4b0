"""`python -m function_code score`: large files, kills, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support import factories
from tests.support.paths import ROOT

ROW = b"%d,30,basic,true,2025-01-31," + b"a note of some length " * 10 + b"\n"
HEADER = b"user_id,age,plan,new,since,note\n"


def command(registry: Registry, file: object, *more: str) -> list[str]:
    return [sys.executable, "-m", "function_code", "score", str(file), "--store", registry.store.url, *more]


def run(registry: Registry, file: object, *more: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    arguments = command(registry, file, *more)
    ended = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    return ended


def table(path: Path, count: int) -> Path:
    with path.open("wb") as file:
        file.write(HEADER)
        file.writelines(ROW % row for row in range(count))
    return path


def test_into_a_folder_beside_the_file(registry: Registry, tmp_path: Path) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    file = table(tmp_path / "my customers.csv", 3)
    assert json.loads(run(registry, file, "--json").stdout)["scored"] == 3
    beside = tmp_path / "my customers.csv.scored"
    assert sorted(os.listdir(beside)) == ["rejects.csv", "scores.csv", "summary.json"]
    out = tmp_path / "elsewhere"
    assert run(registry, file, "--out", str(out)).stdout == f"3 rows scored, 0 rejected: {out}/\n"
    assert (out / "scores.csv").read_bytes() == (beside / "scores.csv").read_bytes()


def test_one_in_the_store(registry: Registry, tmp_path: Path) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    registry.store.put_file("batch/model/in/week/1.csv", str(table(tmp_path / "1.csv", 3)))
    ended = run(registry, "batch/model/in/week/1.csv")
    assert ended.stdout == "3 rows scored, 0 rejected: batch/model/out/week/1.csv/\n"
    assert len(registry.store.get("batch/model/out/week/1.csv/scores.csv").splitlines()) == 4


@pytest.mark.parametrize(
    ("file", "code", "words"), [("nothing.csv", 3, "is no file"), ("batch/model/in/x.csv", 4, "there is no")]
)
def test_what_is_not_there(registry: Registry, file: str, code: int, words: str) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    ended = run(registry, file, code=code)
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_memory_does_not_grow_with_the_file(registry: Registry, tmp_path: Path) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    peaks = []
    for name, count in (("small", 20_000), ("large", 300_000)):
        program = (
            "import resource, sys; from function_code.cli import main; code = main(sys.argv[1:]);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
        )
        arguments = command(registry, table(tmp_path / name, count))[3:]
        measured = [sys.executable, "-c", program, *arguments]
        ended = subprocess.run(measured, cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(int(ended.stdout.splitlines()[-1]) * 1024)
    assert peaks[1] - peaks[0] < (tmp_path / "large").stat().st_size / 5


def test_a_scoring_that_was_killed_has_written_nothing_and_the_next_one_everything(
    registry: Registry, tmp_path: Path
) -> None:
    registry.promote(factories.publish(registry, factories.BINARY))
    count = 200_000
    file, out = table(tmp_path / "large.csv", count), tmp_path / "large.csv.scored"
    for wait in (0.1, 0.4):
        process = subprocess.Popen(command(registry, file), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert process.stderr
        process.stderr.readline()  # it says that it begins
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        assert not any((out / name).exists() for name in ("scores.csv", "rejects.csv", "summary.json"))
    run(registry, file)
    assert sorted(os.listdir(out)) == ["rejects.csv", "scores.csv", "summary.json"]
    with (out / "scores.csv").open() as scores:
        next(scores)
        assert [line.partition(",")[0] for line in scores] == [str(row) for row in range(1, count + 1)]
