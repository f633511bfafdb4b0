"""Nothing but an archive and a Python trains, reports and predicts; and the archives fit into the functions."""

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from components.packaging.archive import make_archive
from components.packaging.platforms import LAMBDA, LAMBDA_PYTHON, Platform, this_machine
from tests.support import orders
from tests.support.airtable.customers import customers
from tests.support.airtable.server import TOKEN
from tests.support.airtable.server import serving as airtable_server
from tests.support.pythons import python_of

pytestmark = pytest.mark.timeout(900)  # the first time, hundreds of megabytes are downloaded
ONLY = "import sys; sys.path.insert(0, sys.argv.pop(1)); "
COMMAND = ONLY + "from function_code.cli import main; sys.exit(main(sys.argv[1:]))"
PREDICTION = (
    ONLY
    + """
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

models = ModelCache(Registry(Store(sys.argv[1]), "model"))
models.refresh()
headers = {"content-type": "application/json"}
answer = App(models, "model").handle(Request("POST", "/predict", headers=headers, body=sys.argv[2].encode()))
sys.stdout.write(answer.body.decode())
"""
)


@dataclass
class Alone:
    """A folder with an archive's contents, and a Python without any other library."""

    python: str
    folder: Path

    def run(self, code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-I", "-S", "-B", "-c", code, str(self.folder), *map(str, arguments)]
        # A function's home can't be written to; its temporary folder can.
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/proc/none", "TMPDIR": str(self.folder.parent)}
        done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=300)
        assert not done.returncode, done.stderr
        return done


@pytest.fixture(scope="module")
def here() -> tuple[str, Platform]:
    """A Python like the functions' with their platform, or else this Python with its own."""
    if sys.platform != "linux":
        pytest.skip("archives are for Linux, and this is another system")
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    python = python_of(LAMBDA_PYTHON)
    return (python, LAMBDA[machine]) if python and machine in LAMBDA else (sys.executable, this_machine())


def unpacked(here: tuple[str, Platform], folder: Path, *packages: str) -> Alone:
    for package in packages:
        with ZipFile(make_archive(package, here[1], print).path) as file:
            file.extractall(folder / "archive")
    return Alone(here[0], folder / "archive")


@pytest.fixture(scope="module")
def training(here: tuple[str, Platform], tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return unpacked(here, tmp_path_factory.mktemp("archive"), "training_code", "training_libraries")


@pytest.fixture(scope="module")
def serving(here: tuple[str, Platform], tmp_path_factory: pytest.TempPathFactory) -> Alone:
    return unpacked(here, tmp_path_factory.mktemp("archive"), "serving")


def trained_and_predicted(
    training: Alone, serving: Alone, data: Path, store: Path, *settings: str
) -> tuple[dict[str, Any], str]:
    """The answer to the example of what was trained, and the report."""
    outcome = json.loads(training.run(COMMAND, "train", data, "--store", store, "--json", *settings).stdout)
    training.run(COMMAND, "promote", outcome["version"], "--store", store)
    answer = json.loads(serving.run(PREDICTION, store, json.dumps({"instances": [outcome["example"]]})).stdout)
    assert answer["model_version"] == outcome["version"]
    assert len(answer["predictions"]) == 1
    report = store / "models/model/versions" / outcome["version"] / "report.html"
    return answer, report.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["purchase_intent", "recommendation", "spend_total"])
def test_one_archive_trains_and_reports_and_the_other_predicts(
    training: Alone, serving: Alone, tmp_path: Path, target: str
) -> None:
    data = tmp_path / "sample.csv"
    training.run(COMMAND, "sample", "--rows", "600", "--out", data)
    settings = ("--target", target, "--id", "user_id", "--budget", "3")
    _, report = trained_and_predicted(training, serving, data, tmp_path / "store", *settings)
    assert "<svg" in report


def test_one_archive_learns_from_events_and_the_other_recommends(
    training: Alone, serving: Alone, tmp_path: Path
) -> None:
    data = tmp_path / "orders.csv"
    data.write_bytes(orders.orders_csv())
    columns = [text for name, value in orders.COLUMNS.items() for text in (f"--{name}", value)]
    answer, report = trained_and_predicted(training, serving, data, tmp_path / "store", *columns, "--budget", "1")
    assert len(answer["predictions"][0]["items"]) == 10
    assert "product" in report


def test_the_archive_that_trains_reads_airtable(training: Alone, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with airtable_server([customers(30)]) as server:
        airtable = json.dumps({**server.settings, "token": str(tmp_path / "token")})
        options = ("--target", "Renewed", "--store", tmp_path / "store", "--airtable", airtable, "--json")
        assert json.loads(training.run(COMMAND, "pull", *options).stdout)["records"] == 30


@pytest.mark.parametrize("architecture", LAMBDA)
def test_the_archives_are_small_enough_for_a_function(architecture: str) -> None:
    platform = LAMBDA[architecture]
    assert platform.limit == 262_144_000
    for package in ("serving", "training_code"):
        archive = make_archive(package, platform, print)
        assert archive.unpacked < 20_000_000
        assert archive.packed < 10_000_000
