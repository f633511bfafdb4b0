"""The commands `pull` and `write-back`, as a script sees them."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from function_code.airtable.settings import AirtableSettings
from tests.support.airtable.base import Table
from tests.support.airtable.server import FakeAirtable
from tests.support.paths import ROOT


def run(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "function_code", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended


@pytest.fixture
def options(airtable: AirtableSettings, tmp_path: Path) -> list[object]:
    settings = tmp_path / "airtable.json"
    settings.write_text(json.dumps(asdict(airtable)))
    return ["--store", tmp_path / "store", "--airtable", settings]


def test_pull_train_and_write_back(server: FakeAirtable, table: Table, options: list[object]) -> None:
    store, read = options[:2], ["--target", "Renewed", "--id", "Customer"]
    looked = json.loads(run("pull", *options, *read, "--look", "--json").stdout)
    pulled = json.loads(run("pull", *options, *read, "--json").stdout)
    again = json.loads(run("pull", *options, *read, "--look", "--json").stdout)
    assert (looked, pulled["records"], pulled["new"], again) == ({"differs": True}, 240, True, {"differs": False})

    # A kind that is given is worth more than Airtable's.
    trained = run(
        "train", pulled["dataset"], *store, *read, "--budget", "1", "--json", "--kinds", "Member=category"
    ).stdout
    example = json.loads(trained)["example"]
    assert example["Member"] in ("true", "false")
    assert isinstance(example["Spend"], float)

    sent = run("write-back", *options)
    assert sent.stdout == f"written 240, version {json.loads(trained)['version']}\n"
    assert "writing 240 predictions into 'Customers': 24 requests" in sent.stderr
    assert all(record.fields["Prediction"] for record in table.records.values())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("nowhere.json", "error: nowhere.json cannot be read: No such file or directory"),
        ("{", "error: the settings of Airtable in { are not JSON"),
        ('{"base": "x"}', "error: airtable.table is not set"),
    ],
)
def test_settings_that_cannot_be(tmp_path: Path, settings: str, words: str) -> None:
    ended = run("pull", "--store", tmp_path, "--target", "y", "--airtable", settings, code=3)
    assert ended.stderr.startswith(words)
    assert ended.stderr.count("\n") == 1
