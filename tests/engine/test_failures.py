"""Updates that fail: what serves goes on serving, nothing is left pending, and the reason is one line."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.project import Project, errors
from tests.training.tables import YES_NO, csv_bytes, rows, yes_no


@contextmanager
def dataset(project: Project, path: Path, table: Path) -> Iterator[None]:
    """Another dataset for a while."""
    project.config(dataset=str(path))
    try:
        yield
    finally:
        project.config(dataset=str(table))
        project.up()
        assert project.is_settled()


def test_a_training_that_fails_changes_nothing_that_serves(project: Project, table: Path, tmp_path: Path) -> None:
    before = project.predict()
    constant = tmp_path / "constant.csv"
    constant.write_bytes(csv_bytes(["number", "target"], [[number, "yes"] for number in range(100)]))
    with dataset(project, constant, table):
        done = project.pulumi("up", "--yes", "--skip-preview", code=None)
        assert done.returncode != 0
        printed = done.stdout + done.stderr
        (error,) = errors(printed)
        assert error == (
            "training failed: the target 'target' of constant.csv is 'yes' in every row; there is nothing to predict"
        )
        assert "Traceback" not in printed
        assert project.predict()["predictions"] == before["predictions"]
        assert not project.state().get("pending_operations")


def test_a_version_that_does_not_pass_is_kept_but_does_not_serve(project: Project, table: Path, tmp_path: Path) -> None:
    before = project.predict()["model_version"]
    noise = tmp_path / "noise.csv"
    noise.write_bytes(
        csv_bytes(["number", "target"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], 3))
    )
    with dataset(project, noise, table):
        printed = project.up()
        assert "is kept, but it does not serve" in printed
        assert project.outputs()["promoted"] is False
        assert project.outputs()["version"] != before
        assert project.predict()["model_version"] == before


def test_broken_serving_code_leaves_the_old_server(project: Project) -> None:
    code = project.root / "function_code" / "serving" / "app.py"
    whole = code.read_text()
    before = project.servers()
    code.write_text(whole + "\nraise ValueError('broken on purpose')\n")
    try:
        (error,) = errors(project.up(code=None))
        assert error.startswith("the endpoint did not start: ValueError: broken on purpose")
        assert project.servers() == before
        project.predict()
    finally:
        code.write_text(whole)
    project.up()
    assert project.is_settled()


def test_new_serving_code_takes_over_without_a_failed_request(project: Project) -> None:
    code = project.root / "function_code" / "serving" / "app.py"
    code.write_text(code.read_text() + "\n# another version\n")
    (old,) = project.servers()
    url = project.outputs()["url"]
    stopped, answers = threading.Event(), list[int]()

    def keep_asking() -> None:
        while not stopped.is_set():
            answers.append(project.ask("GET", "/readyz")[0])

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        project.up()
    finally:
        stopped.set()
        thread.join()
    (new,) = project.servers()
    assert new != old
    assert project.outputs()["url"] == url
    assert len(answers) > 20
    assert set(answers) == {200}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_leaves_nothing_pending(
    project: Project, table: Path, tmp_path: Path, number: signal.Signals
) -> None:
    big = tmp_path / "big.csv"
    big.write_bytes(csv_bytes(YES_NO, rows(30_000, yes_no, seed=2)))
    versions = set(project.home.glob("store/models/model/versions/*"))
    serving = project.predict()["model_version"]
    with dataset(project, big, table):
        printed, seconds = interrupted_up(project, number, when="candidate trees")
        assert seconds < 15
        assert "training was interrupted; nothing was published" in printed
        assert not project.state().get("pending_operations")
        assert set(project.home.glob("store/models/model/versions/*")) == versions
        assert project.predict()["model_version"] == serving


def interrupted_up(project: Project, number: signal.Signals, when: str) -> tuple[str, float]:
    """An update whose whole process group gets a signal, as by Ctrl-C, when it says certain words.

    What it printed, and how many seconds it then took to end.
    """
    command = ["tools/pulumi", "up", "--yes", "--skip-preview", "--stack", project.stack]
    with subprocess.Popen(
        command, cwd=project.root, env=project.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as update:
        assert update.stdout
        printed, sent = "", 0.0
        for line in update.stdout:
            printed += line
            if when in line and not sent:
                os.killpg(update.pid, number)
                sent = time.monotonic()
        assert update.wait(30) != 0
        assert sent, printed
        return printed, time.monotonic() - sent
