"""Damage to a stack behind Pulumi's back, which a plain `up` mends."""

import datetime as dt
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import Project


def kill_the_server(project: Project) -> None:
    (pid,) = project.servers()
    os.kill(pid, signal.SIGKILL)
    while project.servers():
        time.sleep(0.02)


def remove(*names: str) -> Callable[[Project], None]:
    def do(project: Project) -> None:
        for name in names:
            path = project.home / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    return do


def open_to_all(name: str) -> Callable[[Project], None]:
    return lambda project: (project.home / name).chmod(0o644)


def remove_the_home(project: Project) -> None:
    shutil.rmtree(project.home.parent)


def tamper_with_the_dataset(project: Project) -> None:
    (dataset,) = project.home.glob("store/datasets/*/*")
    dataset.write_text("something,else\n1,2\n")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(kill_the_server, id="killed server"),
        pytest.param(remove("ca.pem"), id="no authority"),
        pytest.param(remove("tls/server.pem"), id="no certificate"),
        pytest.param(remove("ca.pem", "tls"), id="no certificates at all"),
        pytest.param(open_to_all("tls/authority.pem"), id="private key that others could read"),
        pytest.param(remove("token"), id="no token"),
        pytest.param(open_to_all("token"), id="token that others could read"),
        pytest.param(remove("request.json"), id="no sample request"),
        pytest.param(remove("store"), id="no store"),
        pytest.param(remove("store/models/model/serving.json"), id="no pointer"),
        pytest.param(remove("store/models/model/versions"), id="no versions"),
        pytest.param(tamper_with_the_dataset, id="another dataset"),
        pytest.param(remove_the_home, id="nothing at all"),
    ],
)
def test_a_plain_up_cures(project: Project, damage: Callable[[Project], None]) -> None:
    damage(project)
    project.up()
    project.wait_for_version(project.outputs()["version"])
    project.predict()
    assert len(project.servers()) == 1
    assert project.is_settled()


def test_the_sample_request_is_for_the_version_that_serves(project: Project) -> None:
    """Found in use: after a rollback it was for another version, which answered 422."""
    model = project.home / "store/models/model"
    trained = project.outputs()["version"]
    shutil.copytree(model / "versions" / trained, model / "versions" / "earlier")
    manifest = json.loads((model / "versions/earlier/manifest.json").read_text())
    manifest["schema"]["features"][0]["example"] = -4
    (model / "versions/earlier/manifest.json").write_text(json.dumps(manifest))
    pointer = (model / "serving.json").read_text()
    (model / "serving.json").write_text(pointer.replace(trained, "earlier"))

    project.up()

    assert -4 in json.loads((project.home / "request.json").read_text())["instances"][0].values()
    assert project.outputs()["version"] == trained
    assert project.is_settled()
    (model / "serving.json").write_text(pointer)
    project.up()
    project.predict()


def test_a_new_token_ends_the_old_one(project: Project) -> None:
    old = (project.home / "token").read_text()
    (project.home / "token").unlink()
    project.up()
    new = (project.home / "token").read_text()
    assert new != old
    (project.home / "token").write_text(old)
    assert project.ask("GET", "/readyz")[0] == 401
    (project.home / "token").write_text(new)
    assert project.ask("GET", "/readyz")[0] == 200


def test_the_copies_of_the_authority_that_callers_have_stay_good(project: Project) -> None:
    before = (project.home / "ca.pem").read_bytes()
    (project.home / "tls" / "server.pem").unlink()
    project.up()
    assert (project.home / "ca.pem").read_bytes() == before


def test_a_refresh_notices_what_is_gone(project: Project) -> None:
    kill_the_server(project)
    shown = project.pulumi("refresh", "--yes", "--skip-preview").stdout
    assert "1 deleted" in shown
    project.up()
    project.predict()
    assert project.is_settled()


def test_a_certificate_is_renewed_before_it_expires(project: Project, tmp_path: Path) -> None:
    authority = (project.home / "ca.pem").read_bytes()
    exported = tmp_path / "state.json"
    project.pulumi("stack", "export", "--file", str(exported))
    content = json.loads(exported.read_text())
    (certificate,) = [one for one in content["deployment"]["resources"] if one["type"].endswith(":Certificate")]
    certificate["outputs"]["expires"] = (dt.datetime.now(dt.UTC) + dt.timedelta(days=29)).isoformat()
    exported.write_text(json.dumps(content))
    before = (project.home / "tls" / "server.pem").read_bytes()
    project.pulumi("stack", "import", "--file", str(exported))

    project.up()

    assert (project.home / "tls" / "server.pem").read_bytes() != before
    assert (project.home / "ca.pem").read_bytes() == authority
    project.predict()
    assert project.is_settled()
