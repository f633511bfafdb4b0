"""The command line as a script or a supervisor sees it: exit codes, one line for a failure, JSON."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.paths import ROOT
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "function_code", *map(str, arguments)]


def run(*arguments: object, code: int = 0, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    ended = subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, input=stdin)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "my data.csv"
    path.write_bytes(csv_bytes(YES_NO, rows(300, yes_no)))
    return path


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory, table: Path) -> tuple[Path, list[str]]:
    """A store in which two trainings by hand have published."""
    place = tmp_path_factory.mktemp("store")
    trained = [run("train", table, "--store", place, "--target", "target", "--budget", "1", "--json") for _ in range(2)]
    return place, [json.loads(ended.stdout)["version"] for ended in trained]


def test_train_says_what_it_does_and_answers_in_json(two_versions: tuple[Path, list[str]], table: Path) -> None:
    ended = run(
        "train", table, "--store", two_versions[0], "--model", "other", "--target", "target", "--budget", "1", "--json"
    )
    result = json.loads(ended.stdout)
    assert result["promoted"] is True
    assert set(result["example"]) == {"number", "member", "status"}
    assert result["metrics"]["roc_auc"] > 0.7
    lines = ended.stderr.splitlines()
    assert lines[0] == "read my data.csv: 300 rows, 4 columns"
    assert lines[-1] == f"version {result['version']} serves now"


def test_versions_promote_and_rollback(two_versions: tuple[Path, list[str]]) -> None:
    place, (first, second) = two_versions
    listed = json.loads(run("versions", "--store", place, "--json").stdout)
    assert [(row["version"], row["serves"]) for row in listed] == [(first, ""), (second, "stable")]
    assert json.loads(run("rollback", "--store", place, "--json").stdout)["stable"] == first
    assert run("promote", second, "--canary", "0.1", "--store", place).stdout == (
        f"model model serves {first}, canary {second} with weight 0.1\n"
    )
    assert run("rollback", "--store", place).stdout == f"model model serves {first}\n"
    assert "stable" in run("versions", "--store", place).stdout.splitlines()[0]
    run("promote", second, "--store", place)


def test_predict_takes_csv_and_json(two_versions: tuple[Path, list[str]], table: Path, tmp_path: Path) -> None:
    place, _ = two_versions
    from_csv = run("predict", "--store", place, table).stdout.splitlines()
    assert len(from_csv) == 300
    first = json.loads(from_csv[0])
    assert set(first) == {"label", "probabilities"}
    assert set(first["probabilities"]) == {"no", "yes"}
    number, member, status, _ = rows(1, yes_no)[0]
    instance = {"number": float(number) if number else None, "member": member, "status": status}
    (tmp_path / "one.json").write_text(json.dumps({"instances": [instance]}))
    assert run("predict", "--store", place, tmp_path / "one.json").stdout.splitlines() == from_csv[:1]


def test_predict_reads_words_for_missing_values_as_training_does(two_versions: tuple[Path, list[str]]) -> None:
    place, _ = two_versions
    words, empty = (
        run("predict", "--store", place, stdin=f"number,member,status\n{word},{word},new\n").stdout
        for word in ("n/a", "")
    )
    assert json.loads(words) == json.loads(empty)


def test_sample(tmp_path: Path) -> None:
    ended = run("sample", "--rows", 30, "--seed", 3, "--out", tmp_path / "s.csv")
    assert "30 synthetic customers" in ended.stderr
    assert len((tmp_path / "s.csv").read_text().splitlines()) == 31


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "{table}", "--store", "{store}", "--target", "tagret"], 3, "did you mean 'target'?"),
        (
            ["train", "nowhere.csv", "--store", "{store}", "--target", "x"],
            3,
            "nowhere.csv cannot be read: No such file",
        ),
        (["train", "https://example.com/t.csv", "--store", "{store}", "--target", "x"], 3, "is a URL, and no file"),
        (["train", "datasets/a/b.csv", "--store", "{store}", "--target", "x"], 4, "there is no datasets/a/b.csv in"),
        (
            ["train", "{table}", "--store", "{store}", "--target", "target", "--model", "My Model"],
            3,
            "model is 'My Model'",
        ),
        (
            ["train", "{table}", "--store", "{store}", "--target", "target", "--kinds", "number"],
            3,
            "is not COLUMN=TEXT",
        ),
        (["train", "{table}", "--store", "{store}", "--target", "target", "--budget", "0"], 3, "budget is 0; it is a"),
        (
            ["train", "{table}", "--store", "{store}", "--target", "target", "--framework", "R"],
            3,
            "can be one of sklearn",
        ),
        (["train", "{table}", "--store", "{store}", "--target", "target", "--estimator", "x"], 3, "is module:function"),
        (
            ["train", "{table}", "--store", "{store}", "--target", "target", "--objective", "x"],
            3,
            "one of balanced_acc",
        ),
        (
            ["train", "{table}", "--store", "{store}", "--target", "target", "--owned", "had"],
            3,
            "owned names the column",
        ),
        (["train", "{table}", "--store", "{store}", "--target", "target", "--id", '"open'], 3, "are not a line of CSV"),
        (["predict", "--store", "{store}", "--model", "none"], 4, "no version was promoted yet"),
        (["promote", "v1", "--store", "{store}"], 4, "has no version 'v1'"),
        (["rollback", "--store", "{store}", "--model", "none"], 4, "nothing to roll back"),
        (["versions", "--store", "ftp://x"], 3, "cannot be opened"),
    ],
)
def test_an_expected_failure_is_one_line_and_a_code(
    arguments: list[str], code: int, says: str, two_versions: tuple[Path, list[str]], table: Path
) -> None:
    filled = [text.format(table=table, store=two_versions[0]) for text in arguments]
    ended = run(*filled, code=code)
    *progress, last = ended.stderr.splitlines()
    assert last.startswith("error: ")
    assert says in last
    assert not [line for line in progress if "error" in line]


@pytest.mark.parametrize(
    "name", ["", "train", "serve", "predict", "versions", "promote", "rollback", "forget", "features", "sample"]
)
def test_help(name: str) -> None:
    assert "usage: python -m function_code" in run(*filter(None, [name, "--help"])).stdout


def test_usage_errors_exit_with_2() -> None:
    run(code=2)
    run("train", code=2)
    run("sample", "--rows", "0", code=2)


def test_not_promoted_has_a_code_of_its_own(tmp_path: Path) -> None:
    noise = tmp_path / "noise.csv"
    noise.write_bytes(csv_bytes(["a", "y"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], seed=3)))
    ended = run("train", noise, "--store", tmp_path / "s", "--target", "y", "--budget", "1", "--json", code=5)
    assert json.loads(ended.stdout)["promoted"] is False
    assert "is kept but does not serve: held-out loss" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_publishes_nothing(tmp_path: Path, number: signal.Signals) -> None:
    big = tmp_path / "big.csv"
    big.write_bytes(csv_bytes(YES_NO, rows(6_000, yes_no)))
    arguments = command("train", big, "--store", tmp_path / "s", "--target", "target")
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True) as training:
        assert training.stderr
        lines = []
        for line in training.stderr:
            lines.append(line)
            if line.startswith("comparing") and line.endswith("folds\n"):  # and no line of progress
                training.send_signal(number)
        assert training.wait(30) == 130
    assert lines[-1] == "error: interrupted; nothing was published\n"
    assert Registry(Store(str(tmp_path / "s")), "model").versions() == []


def test_training_shows_progress_while_it_lasts(tmp_path: Path) -> None:
    big = tmp_path / "big.csv"
    big.write_bytes(csv_bytes(YES_NO, rows(20_000, yes_no)))
    arguments = command("train", big, "--store", tmp_path / "s", "--target", "target", "--budget", "5")
    moments = [time.monotonic()]
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True) as training:
        assert training.stderr
        moments += [time.monotonic() for _ in training.stderr]
    assert training.returncode == 0
    assert len(moments) > 8
