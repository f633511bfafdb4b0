"""The README's commands, run one after another in a fresh checkout, print what it shows."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.documents import blocks
from tests.support.project import Project
from tests.support.project_copy import libraries
from tests.support.tables import csv_bytes, rows, yes_no


@pytest.mark.slow  # it trains with the default budget, as a newcomer does
def test_what_it_shows_is_what_happens(fresh: Project, tmp_path: Path) -> None:
    shutil.rmtree(libraries(fresh.root) / "pip")  # here the engine lists the packages as it does for people
    home = tmp_path / "home"
    home.mkdir()
    table = [[f"c{number}", *row] for number, row in enumerate(rows(300, yes_no))]
    (home / "customers.csv").write_bytes(csv_bytes(["customer_id", "number", "member", "status", "renewed"], table))
    cache = fresh.environment.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    fresh.environment |= {"HOME": str(home), "XDG_CACHE_HOME": cache}
    up, tests = blocks("README.md", "console")
    assert up.startswith("$ make up\n")
    assert tests.startswith("$ make test\n")

    printed = fresh.run("make", "up").stdout
    agrees(printed, up)

    (answer,) = blocks("README.md", "json")
    request = re.search(r"^curl .*$", printed, re.MULTILINE)
    assert request
    assert shape(json.loads(fresh.run("sh", "-c", f"{request[0]} -sS").stdout)) == shape(json.loads(answer))
    assert '"predictions"' in fresh.run("make", "predict").stdout

    own, versions = blocks("README.md", "sh")
    fresh.config(budget="5")  # what follows is about versions, and not about how good they are
    fresh.run("sh", "-c", own)
    assert set(fresh.outputs()) >= {"url", "token", "certificate", "store", "version"}
    trained = fresh.outputs()["version"]
    first = min(path.name for path in (fresh.home / "store/models/model/versions").iterdir())
    # An alias is for people at a shell, and so is the pointer's version.
    aliased = re.sub(r"^ml ", ".venv/bin/python -m function_code ", versions, flags=re.MULTILINE)
    fresh.run("sh", "-euc", aliased.replace("VERSION", first))
    assert json.loads((fresh.home / "store/models/model/serving.json").read_text())["stable"] == trained
    fresh.run("make", "up", "DATASET=", "TARGET=", "ID=")
    fresh.run("make", "down")


def test_the_files_it_names_are_there() -> None:
    text = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    for name in re.findall(r"\]\(((?!http)[^)#]+)\)", text):
        assert Path(__file__).parents[2].joinpath(name).is_file(), name


def agrees(printed: str, documented: str) -> None:
    """Each line shown begins like a line printed, in the same order; where numbers and paths begin, they may differ."""
    place = 0
    for line in documented.splitlines()[1:]:
        start = re.split(r"[\d/(]|https|\.\.\.", line.strip())[0].strip()
        if start and start != "...":
            start_index = printed.find(start, place)
            assert start_index >= 0, f"{start!r} is shown, but not printed here:\n{printed[place:]}"
            place = start_index + len(start)


def shape(value: object) -> object:
    """The names and types of an answer."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value)
