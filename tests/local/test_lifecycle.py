"""A stack from its first update to its last: what answers, what is private, what is mended, and what is left."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.damages import dataset, kill_the_server, mended, remove, tamper_with_the_dataset
from tests.support.project import Project, command_line, is_alive

pytestmark = pytest.mark.smoke


class First(NamedTuple):
    """The first update: the paths that were there before it, and what it printed."""

    before: set[Path]
    printed: str


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("lifecycle"))
    try:
        yield project
    finally:
        project.close()


@pytest.fixture(scope="module")
def first(checkout: Project, table: Path) -> First:
    before = paths(checkout)
    done = checkout.run("make", "up", f"DATASET={table}", "TARGET=target", "BUDGET=1")
    return First(before, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def project(checkout: Project, first: First) -> Project:
    """The checkout with its stack up, until the last test."""
    return checkout


def paths(project: Project) -> set[Path]:
    return {path for path in project.root.rglob("*") if "__pycache__" not in path.parts}


def test_no_secret_is_where_others_look(project: Project, first: First) -> None:
    project.predict()
    token = (project.home / "token").read_text()
    keys = [path.read_text() for path in (project.home / "tls").iterdir()]
    secrets = [token, *(line for key in keys for line in private_lines(key))]
    assert len(secrets) > 4
    texts = {
        "state": json.dumps(project.state()),
        "output of make up": first.printed,
        "server.log": (project.home / "server.log").read_text(),
        **{str(path): path.read_text(errors="replace") for path in project.root.glob(".state/**/*") if path.is_file()},
        **{f"arguments of {pid}": command_line(pid) for pid in project.servers()},
    }
    assert len(texts) > 5
    for source, text in texts.items():
        assert not [secret for secret in secrets if secret in text], source


def private_lines(pem: str) -> list[str]:
    """The lines of a private key, but for a last one that is too short to be told from other text."""
    start = pem.index("PRIVATE KEY-----\n") + len("PRIVATE KEY-----\n")
    return [line for line in pem[start : pem.index("-----END", start)].split() if len(line) > 16]


@pytest.fixture(scope="module")
def second(project: Project) -> str:
    """The print of a second `make up`, which must leave the server alone."""
    servers = project.servers()
    printed = project.run("make", "up").stdout
    assert project.servers() == servers
    return printed


def test_a_second_up_changes_nothing(project: Project, second: str) -> None:
    assert "11 unchanged" in second
    servers = project.servers()
    assert project.is_settled()
    assert project.servers() == servers


def test_the_printed_curl_works(project: Project, second: str) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    (line,) = [line for line in second.splitlines() if line.startswith("curl ")]
    project.wait_for_version(project.outputs()["version"])
    answer = subprocess.run([*shlex.split(line), "-sS", "--fail-with-body"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["predictions"][0]["label"] in ("no", "yes")


def test_the_outputs_are_something_to_copy(project: Project, second: str) -> None:
    outputs = project.outputs()
    for name in ("url", "token", "certificate", "curl", "version"):
        assert outputs[name] in second
    assert subprocess.check_output(shlex.split(outputs["token"]), text=True) == (project.home / "token").read_text()
    assert Path(outputs["certificate"]).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    assert set(outputs["metrics"]) >= {"roc_auc", "log_loss", "accuracy"}


def test_make_predict_prints_request_and_answer(project: Project) -> None:
    done = project.run("make", "predict")
    assert "POST https://localhost:" in done.stdout
    assert "200 OK" in done.stdout
    assert '"label"' in done.stdout


def test_a_plain_up_mends_what_is_lost(project: Project) -> None:
    """Damages of resources that mend themselves independently; each gives its own reason, so none hides another."""
    version, (server,), data = project.outputs()["version"], project.servers(), dataset(project).read_bytes()
    kill_the_server(project)
    remove("request.json")(project)
    tamper_with_the_dataset(project)

    reasons = mended(project.up())

    assert reasons == {"endpoint-server": "~instance", "trainer-run": "~request", "trainer-dataset": "~sha256"}
    assert project.outputs()["version"] == version
    assert dataset(project).read_bytes() == data
    assert len(project.servers()) == 1
    assert project.servers() != [server]
    project.wait_for_version(version)
    project.predict()
    assert project.is_settled()


def test_nothing_is_left_when_the_last_stack_is_down(project: Project, first: First) -> None:
    (pid,) = project.servers()
    settings = project.root / "stacks" / "Pulumi.local.yaml"

    assert "your settings" in project.run("make", "down").stdout

    assert not is_alive(pid)
    assert paths(project) == {*first.before, settings}
    assert "encryptionsalt" not in settings.read_text()
    assert "nothing to destroy" in project.run("make", "down").stderr
