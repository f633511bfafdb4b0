"""Damage to a stack behind Pulumi's back, which a plain `up` mends."""

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.damages import dataset, kill_the_server, mended, open_to_all, remove, remove_the_home
from tests.support.project import Project

# Where one update repairs two damages, each resource gives its own reason, so none hides another. test_lifecycle.py has
# three more.
STORE = {"store-directory": "~url", "trainer-dataset": "~sha256", "trainer-scores": "~scored"}
AUTHORITY, TOKEN = {"endpoint-certificate": "~authority"}, {"endpoint-token": "~sha256"}


@pytest.mark.parametrize(
    ("damages", "reasons"),
    [
        pytest.param(
            [remove("ca.pem"), open_to_all("token")],
            {**AUTHORITY, **TOKEN, "endpoint-server": "~certificate,token"},
            id="no authority, token that others could read",
        ),
        pytest.param(
            [remove("ca.pem", "tls")],
            {"endpoint-certificate": "~authority,server", "endpoint-server": "~certificate"},
            id="no certificates at all",
        ),
        pytest.param(
            [open_to_all("tls/authority.pem")],
            {**AUTHORITY, "endpoint-server": "~certificate"},
            id="private key that others could read",
        ),
        pytest.param([remove("store")], {**STORE, "trainer-run": "~promoted,request,version"}, id="no store"),
        pytest.param([remove("store/models/model/serving.json")], {"trainer-run": "~promoted"}, id="no pointer"),
        pytest.param([remove("store/models/model/versions")], {"trainer-run": "~request,version"}, id="no versions"),
        pytest.param(
            [remove_the_home],
            {
                **STORE,
                "trainer-run": "~promoted,request,version",
                "endpoint-certificate": "~authority,server",
                **TOKEN,
                "endpoint-server": "~certificate,instance,token",
            },
            id="nothing at all",
        ),
    ],
)
def test_a_plain_up_cures(project: Project, damages: list[Callable[[Project], None]], reasons: dict[str, str]) -> None:
    version, data = project.outputs()["version"], dataset(project).read_bytes()
    for damage in damages:
        damage(project)
    assert mended(project.up()) == reasons
    outputs = project.outputs()
    assert (outputs["version"] != version) == ("trainer-run" in reasons)
    project.wait_for_version(outputs["version"])
    project.predict()
    assert len(project.servers()) == 1
    assert dataset(project).read_bytes() == data
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
    assert mended(project.up()) == {**TOKEN, "endpoint-server": "~token"}
    new = (project.home / "token").read_text()
    assert new != old
    (project.home / "token").write_text(old)
    assert project.ask("GET", "/readyz")[0] == 401
    (project.home / "token").write_text(new)
    assert project.ask("GET", "/readyz")[0] == 200
    project.predict()
    assert len(project.servers()) == 1
    assert project.is_settled()


def test_the_copies_of_the_authority_that_callers_have_stay_good(project: Project) -> None:
    before = (project.home / "ca.pem").read_bytes()
    (project.home / "tls" / "server.pem").unlink()
    assert mended(project.up()) == {"endpoint-certificate": "~server", "endpoint-server": "~certificate"}
    assert (project.home / "ca.pem").read_bytes() == before
    project.predict()
    assert len(project.servers()) == 1
    assert project.is_settled()


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
