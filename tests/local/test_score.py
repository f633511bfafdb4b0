"""Files that are put into the store of this machine, and scored by the next update."""

import csv
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.project import Project
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no
from tests.support.updates import errors


@pytest.fixture
def inbox(project: Project) -> Path:
    return project.home / "store/batch/model/in"


def unseen(count: int, seed: int) -> bytes:
    return csv_bytes(YES_NO, rows(count, yes_no, seed))


def results(inbox: Path, name: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    folder = inbox.with_name("out") / name
    with (folder / "scores.csv").open() as file:
        return json.loads((folder / "summary.json").read_text()), list(csv.DictReader(file))


def test_what_was_put_there_is_scored_as_the_endpoint_answers(project: Project, inbox: Path) -> None:
    (inbox / "march.csv").write_bytes(unseen(50, seed=5) + b"much,true,old,no\n")
    (inbox / "read-me.txt").write_text("nothing to score")

    printed = project.run("make", "up").stdout

    assert "50 rows scored, 1 rejected: .local/local/store/batch/model/out/march.csv/" in printed
    summary, scores = results(inbox, "march.csv")
    assert (summary["scored"], summary["rejected"]) == (50, 1)
    assert summary["model_version"] == project.outputs()["version"]
    header, *lines = unseen(50, seed=5).decode().splitlines()
    first = dict(zip(header.split(","), lines[0].split(","), strict=True))
    features = {"number": float(first["number"]) if first["number"] else None, "status": first["status"] or None}
    features["member"] = {"true": True, "false": False}.get(first["member"])
    status, answer = project.ask("POST", "/predict", json.dumps({"instances": [features]}).encode())
    assert status == 200, answer
    prediction = answer["predictions"][0]
    assert scores[0]["label"] == prediction["label"]
    assert float(scores[0]["probability_yes"]) == prediction["probabilities"]["yes"]
    assert project.is_settled()


def test_only_what_came_again_is_scored_again(project: Project, inbox: Path) -> None:
    for name in ("april.csv", "deeper/may.csv"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(unseen(20, seed=6))
    project.up()
    before = (inbox.with_name("out") / "deeper/may.csv/summary.json").stat().st_mtime_ns
    newer = inbox / "newer.part"
    newer.write_bytes(unseen(30, seed=7))
    os.utime(newer, (time.time() - 9e6,) * 2)
    newer.replace(inbox / "april.csv")

    project.up()

    assert results(inbox, "april.csv")[0]["rows"] == 30
    assert (inbox.with_name("out") / "deeper/may.csv/summary.json").stat().st_mtime_ns == before
    assert project.is_settled()


def test_a_place_for_files_that_is_gone_is_made_again(project: Project, inbox: Path) -> None:
    shutil.rmtree(inbox)
    project.up()
    assert inbox.is_dir()
    assert project.is_settled()


def test_what_cannot_be_scored_is_named_and_holds_up_no_other(project: Project, inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(b"colour,size\nred,1\n")
    (inbox / "b.csv").write_bytes(unseen(10, seed=8))

    (error,) = errors(project.up(code=None))

    assert error.startswith(".local/local/store/batch/model/in/a.csv: scoring failed: a.csv has columns that the model")
    assert error.endswith("mend or remove the file, and update again")
    assert not (inbox.with_name("out") / "a.csv").exists()
    assert results(inbox, "b.csv")[0]["scored"] == 10
    assert not project.is_settled()
    (inbox / "a.csv").unlink()
    project.up()
    assert project.is_settled()
