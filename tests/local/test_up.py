"""The first update, the second one, and what they leave to be seen."""

import json
import shlex
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.project import Project, command_line


def test_the_printed_curl_works(project: Project) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl here")
    printed = project.run("make", "up").stdout
    (line,) = [line for line in printed.splitlines() if line.startswith("curl ")]
    project.wait_for_version(project.outputs()["version"])
    answer = subprocess.run([*shlex.split(line), "-sS", "--fail-with-body"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["predictions"][0]["label"] in ("no", "yes")


def test_the_outputs_are_something_to_copy(project: Project) -> None:
    outputs, printed = project.outputs(), project.run("make", "up").stdout
    for name in ("url", "token", "certificate", "curl", "version"):
        assert outputs[name] in printed
    assert subprocess.check_output(shlex.split(outputs["token"]), text=True) == (project.home / "token").read_text()
    assert Path(outputs["certificate"]).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    assert set(outputs["metrics"]) >= {"roc_auc", "log_loss", "accuracy"}


def test_make_predict_prints_request_and_answer(project: Project) -> None:
    done = project.run("make", "predict")
    assert "POST https://localhost:" in done.stdout
    assert "200 OK" in done.stdout
    assert '"label"' in done.stdout


def test_a_second_up_changes_nothing(project: Project) -> None:
    before = project.servers()
    assert "11 unchanged" in project.run("make", "up").stdout
    assert project.is_settled()
    assert project.servers() == before


def test_a_refresh_finds_everything_as_it_was(project: Project) -> None:
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")


def test_a_preview_makes_nothing(fresh: Project) -> None:
    fresh.run("tools/pulumi", "stack", "init", "local")
    shown = fresh.pulumi("preview").stdout
    assert "11 to create" in shown
    assert not fresh.home.exists()


def test_a_synthetic_sample_says_that_it_is_one(fresh: Project) -> None:
    done = fresh.run("make", "up", "STACK=try", "BUDGET=1")
    fresh.stack = "try"
    assert "making a synthetic sample" in done.stdout
    assert "trained on a synthetic sample" in done.stdout
    fresh.wait_for_version(fresh.outputs()["version"])
    fresh.predict()
    assert fresh.ask("GET", "/v1/models/model")[1]["dataset"]["synthetic"] is True
    assert "synthetic" in fresh.run("make", "predict", "STACK=try").stdout
    fresh.run("make", "down", "STACK=try")


def test_everything_in_the_home_is_private(project: Project) -> None:
    for path in (project.home, *project.home.iterdir()):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_the_server_inherits_no_secret(project: Project) -> None:
    (pid,) = project.servers()
    inherited = Path(f"/proc/{pid}/environ")
    if not inherited.exists():
        pytest.skip("only Linux shows a process's environment as a file")
    names = {entry.partition("=")[0] for entry in inherited.read_text().split("\0")}
    assert "PATH" in names
    assert not [name for name in names if name.startswith(("PULUMI", "AWS", "GOOGLE", "AZURE"))]


def test_no_secret_is_where_others_look(fresh: Project, table: Path) -> None:
    done = fresh.run("make", "up", f"DATASET={table}", "TARGET=target", "BUDGET=1")
    fresh.predict()
    token = (fresh.home / "token").read_text()
    keys = [path.read_text() for path in (fresh.home / "tls").iterdir()]
    secrets = [token, *(line for key in keys for line in private_lines(key))]
    assert len(secrets) > 4
    texts = {
        "state": json.dumps(fresh.state()),
        "output of make up": done.stdout + done.stderr,
        "server.log": (fresh.home / "server.log").read_text(),
        **{str(path): path.read_text(errors="replace") for path in fresh.root.glob(".state/**/*") if path.is_file()},
        **{f"arguments of {pid}": command_line(pid) for pid in fresh.servers()},
    }
    assert len(texts) > 5
    for source, text in texts.items():
        assert not [secret for secret in secrets if secret in text], source


def private_lines(pem: str) -> list[str]:
    """The lines of a private key, but for a last one that is too short to be told from other text."""
    start = pem.index("PRIVATE KEY-----\n") + len("PRIVATE KEY-----\n")
    return [line for line in pem[start : pem.index("-----END", start)].split() if len(line) > 16]
