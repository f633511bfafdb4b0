"""The command that makes snapshots: its moments, what is refused, and that what it writes can be learned from."""

import shlex
from pathlib import Path

import pytest

from function_code.cli import main
from function_code.errors import Refused
from function_code.training.histories.snapshot_file import write_snapshots
from function_code.training.histories.snapshots import Times
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.support.orders import HEADER
from tests.support.snapshot_files import SMALL, WITH_AMOUNTS, written
from tests.support.tables import csv_bytes
from tests.support.visits import visits


def test_moments_are_instants(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["a", "x", "2025-01-01T00:00:00Z", 1],
        ["b", "x", "2025-01-03T23:00:00-05:00", 1],
        ["c", "x", "2025-01-05T05:00:00+01:00", 1],
    ]
    rows_at, _, _ = written(tmp_path, rows, "1d", at="2025-01-04T04:00:00Z")
    assert [(row["customer"], row["at"], row["bought"]) for row in rows_at] == [
        ("a", "2025-01-04T04:00:00+00:00", "no"),
        ("b", "2025-01-04T04:00:00+00:00", "no"),
    ]
    rows_at, log, command = written(tmp_path, rows, "2d", at="2025-01-04T04:59:59+01:00")
    assert [(row["customer"], row["bought"]) for row in rows_at] == [("a", "")]
    assert log[-2] == (
        "warning: the labels are empty: 2d after 2025-01-04T03:59:59+00:00 are not over at the last event, "
        "2025-01-05T04:00:00+00:00"
    )
    assert command == ""
    clocked = [[*row[:2], "2025-01-22T06:00:00Z", row[3]] if row[2] == "2025-01-22" else row for row in SMALL]
    rows_at, _, _ = written(tmp_path, clocked, "12h")
    assert {"2025-01-29T00:00:00+00:00", "2025-01-29T12:00:00+00:00"} < {row["at"] for row in rows_at}


def test_the_features_of_a_file_at_another_moment(tmp_path: Path) -> None:
    rows = visits()
    trained, _, _ = written(tmp_path, rows, "30d", WITH_AMOUNTS)
    like = tmp_path / "trained.csv"
    (tmp_path / "snapshots.csv").rename(like)
    rows_at, log, command = written(tmp_path, rows, "30d", WITH_AMOUNTS, at="2025-08-28", like=str(like))
    assert list(rows_at[0]) == list(trained[0])
    assert {row["bought"] for row in rows_at} == {""}
    assert command == ""
    assert not [line for line in log if "--like FILE" in line]
    _, log, _ = written(tmp_path, rows, "30d", WITH_AMOUNTS, at="2025-08-28")
    assert [line for line in log if "--like FILE" in line]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"horizon": "16d"},
            "horizon is 16d, and the events of orders.csv are from 2025-01-01 to 2025-01-31: as much is",
        ),
        ({"horizon": "3w"}, "at most 15d fits"),
        ({"at": "yesterday"}, "at is 'yesterday'; it is a date like 2025-12-31"),
        ({"at": "9999-12-31T23:00:00-05:00"}, "at is '9999"),
        (
            {"at": "2024-12-31"},
            "at is 2024-12-31, and nothing was before: the first event of orders.csv is of 2025-01-01",
        ),
        ({"like": "orders.csv"}, "like is set, and not at"),
        ({"like": "other.csv", "at": "2025-01-20"}, "other.csv has no snapshots"),
        ({"like": "sums.csv", "at": "2025-01-20"}, "sums.csv has sums of amounts; name their column by --amount"),
        ({"out": "orders.csv"}, "orders.csv, which is read from"),
        ({"out": "nowhere/snapshots.csv"}, "cannot be written: No such file"),
        ({"user": "at"}, "the column of the users is called 'at', as another one of the snapshots"),
    ],
)
def test_refusals(tmp_path: Path, more: dict[str, str], words: str) -> None:
    options = {"horizon": "10d", "at": "", "like": "", "out": "snapshots.csv", "user": "customer", **more}
    (tmp_path / "orders.csv").write_bytes(csv_bytes([options["user"], *HEADER[1:]], SMALL))
    (tmp_path / "other.csv").write_bytes(csv_bytes(HEADER, SMALL))
    settings = Settings(user="customer", item="product", when="date", amount="quantity", horizon="10d")
    write_snapshots(str(tmp_path / "other.csv"), settings, str(tmp_path / "sums.csv"), print)
    settings = Settings(user=options["user"], item="product", when="date", horizon=options["horizon"])
    like = options["like"] and str(tmp_path / options["like"])
    paths = str(tmp_path / "orders.csv"), str(tmp_path / options["out"])
    with pytest.raises(Refused) as caught:
        write_snapshots(paths[0], settings, paths[1], print, at=options["at"], like=like)
    assert words in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.csv", "other.csv", "sums.csv"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "snapshots.csv").mkdir()
    with pytest.raises(Refused, match="cannot be written: Is a directory"):
        written(tmp_path, SMALL, "10d")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.csv", "snapshots.csv"]


def test_too_short_for_any_horizon() -> None:
    with pytest.raises(Refused, match="none fits"):
        Times(0, 3_600_000).moments("1h", "clicks.csv")
    assert Times(0, 7_200_000).moments("1h", "clicks.csv") == [3_600_000]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "my orders.csv", tmp_path / "snap shots.csv"
    source.write_bytes(csv_bytes(['"customer, id"', *HEADER[1:]], SMALL))
    names = ["--user", "customer, id", "--item", "product", "--when", "date", "--missing", "product=c"]
    assert main(["features", str(source), *names, "--horizon", "10d", "--out", str(out)]) == 0
    ended = capsys.readouterr()
    assert shlex.split(ended.out) == [
        "make", "up", f"DATASET={out}", "TARGET=bought", 'ID="customer, id"', "TIME=at", "DROP=at",
        "KINDS=last_item=category",
    ]  # fmt: skip
    assert "column 'product' has 'c'" in ended.err
    assert "events without a user, an item or a time are left out: 1 of 7 (without 'product' 1)" in ended.err
    assert "Traceback" not in ended.err
    assert main(["features", str(source), *names, "--horizon", "1y", "--out", str(out)]) == 3
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit, match="2"):
        main(["features", str(source), *names[2:], "--horizon", "10d", "--out", str(out)])


def test_who_comes_again_can_be_learned(tmp_path: Path) -> None:
    _, _, command = written(tmp_path, visits(), "30d", WITH_AMOUNTS)
    named = dict(part.split("=", 1) for part in shlex.split(command)[2:])
    column, _, kind = named["KINDS"].partition("=")
    settings = Settings(
        target=named["TARGET"],
        id=(named["ID"],),
        time=named["TIME"],
        drop=tuple(named["DROP"].split(",")),
        kinds={column: kind},
        budget=2.0,
    )
    trained = fit(Path(named["DATASET"]).read_bytes(), "snapshots.csv", settings, lambda line: None)
    manifest = trained.manifest
    assert manifest["split"]["by"] == "time (at)"
    assert {gate.gate: gate.passed for gate in trained.gates} == {"parity": True, "baseline": True}
    assert manifest["metrics"]["roc_auc"] > 0.8
    assert manifest["metrics"]["log_loss"] < 0.8 * manifest["baseline"]["log_loss"]
    assert "last_item" in [column.name for column in trained.schema.features if column.kind == "category"]
    assert not [warning for warning in manifest["warnings"] if "alone predicts" in warning]
