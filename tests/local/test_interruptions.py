"""Updates that are ended from outside in the middle of a training: nothing is half done, and nobody works on unseen."""

import json
import signal
import time
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no
from tests.support.updates import UP, brought_back, configured, interrupted


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that takes long enough to train on."""
    path = tmp_path_factory.mktemp("data") / "big.csv"
    path.write_bytes(csv_bytes(YES_NO, rows(6_000, yes_no, seed=2)))
    return path


def assert_all_whole(project: Project) -> None:
    """Each version is complete, and the pointer names one of them."""
    model = project.home / "store" / "models" / "model"
    versions = list((model / "versions").iterdir())
    for version in versions:
        artifacts = json.loads((version / "manifest.json").read_bytes())["artifacts"]
        assert artifacts
        for name, artifact in artifacts.items():
            assert sha256((version / name).read_bytes()).hexdigest() == artifact["sha256"]
    assert json.loads((model / "serving.json").read_bytes())["stable"] in {version.name for version in versions}


@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param(["make", "up"], signal.SIGINT, id="Ctrl-C"),
        pytest.param(UP, signal.SIGTERM, id="terminated"),
    ],
)
def test_an_interrupted_training_leaves_nothing_pending(
    project: Project, big: Path, command: list[str], number: signal.Signals
) -> None:
    versions = set(project.home.glob("store/models/model/versions/*"))
    serving = project.predict()["model_version"]
    with brought_back(project), configured(project, dataset=str(big), budget="60"):
        printed, code, seconds = interrupted(project, command, number, when="comparing 4 candidates")
        assert code != 0
        assert seconds < 15
        assert "training was interrupted; nothing was published" in printed
        assert "Traceback" not in printed
        assert not project.state().get("pending_operations")
        assert set(project.home.glob("store/models/model/versions/*")) == versions
        assert_all_whole(project)
        assert project.predict()["model_version"] == serving


def test_an_update_that_was_killed_does_not_train_on_unseen(project: Project, big: Path) -> None:
    versions = set(project.home.glob("store/models/model/versions/*"))
    serving, (server,) = project.predict()["model_version"], project.servers()
    with brought_back(project) as printed, configured(project, dataset=str(big), budget="60"):
        _, code, _ = interrupted(project, UP, signal.SIGKILL, when="comparing 4 candidates")
        assert code == -signal.SIGKILL
        deadline = time.monotonic() + 15
        while left := [words for pid, words in project.processes().items() if is_ours(words) and pid != server]:
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
        assert set(project.home.glob("store/models/model/versions/*")) == versions
        assert project.predict()["model_version"] == serving
    assert "releasing its lock" in printed[0]


def is_ours(words: str) -> bool:
    return "components.local.provider" in words or "function_code" in words
