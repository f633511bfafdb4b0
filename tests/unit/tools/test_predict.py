"""`make predict`: the sample request, to an endpoint on this machine or through the stack's own curl command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import factories
from tests.support.checkout import Checkout
from tests.support.local_server import TOKEN, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = Server(folder)
    server.registry.promote(factories.publish(server.registry))
    (folder / "authorization").write_text(f"authorization: Bearer {TOKEN}\n")
    yield server.start()
    server.stop()


@pytest.fixture
def curl(server: Server) -> str:
    """The output `curl` of a stack in a cloud, as far as this machine can have one."""
    if not shutil.which("curl"):
        pytest.skip("there is no curl on PATH")
    url = f"https://localhost:{server.settings['port']}"
    options = f"--cacert '{server.home}/ca.pem' -H '@{server.home}/authorization'"
    return f"printf ignored | curl {options} {url}/v1/models/model"


def outputs(checkout: Checkout, **exported: str) -> None:
    checkout.pretend_pulumi({"stack output": (0, json.dumps(exported), "")})


def test_a_stack_in_a_cloud_is_asked_by_its_own_command(checkout: Checkout, curl: str, server: Server) -> None:
    outputs(checkout, curl=curl, url=f"https://localhost:{server.settings['port']}")
    done = checkout.run("make", "predict")
    assert done.returncode == 0, done.stdout + done.stderr
    request, answer = done.stdout.split("\n\n")
    assert request.startswith(f"POST https://localhost:{server.settings['port']}/predict\n")
    assert json.loads(request.partition("\n")[2])["instances"]
    assert json.loads(answer)["predictions"]


def test_what_the_endpoint_refuses_is_shown(checkout: Checkout, curl: str, server: Server) -> None:
    (server.home / "authorization").write_text("authorization: Bearer another\n")
    outputs(checkout, curl=curl, url=f"https://localhost:{server.settings['port']}")
    done = checkout.run("make", "predict")
    assert done.returncode != 0
    assert '"status": 401' in done.stdout
    assert "Traceback" not in done.stderr


def test_without_an_endpoint_it_says_how_to_get_one(checkout: Checkout) -> None:
    done = checkout.run("make", "predict")
    assert done.returncode != 0
    assert "has no endpoint yet: `make up` makes one" in done.stderr
