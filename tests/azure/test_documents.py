"""Examples of docs/azure.md in a shell and in Python, with an endpoint that checks keys and tokens, and Azurite."""

import json
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from components.azure.deployment_retries import MAX_TRIES, pause_seconds
from components.azure.roles import BLOBS, NO_BLOB_ACTION, ROLES
from components.azure.upload_code import MAX_SYNC_TRIES
from function_code.registry import Registry
from tests.support import factories
from tests.support.documents import blocks
from tests.support.fault_proxy import POLL_SECONDS
from tests.support.paths import ROOT
from tests.support.programs import program, shell

KEY, TOKEN = "the-key-of-the-app==", "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk"
SHELL = blocks("docs/azure.md", "sh")
BY_KEY, BY_TOKEN = (block for block in SHELL if "curl -K -" in block)
(PYTHON,) = blocks("docs/azure.md", "python")
(RIGHTS,) = (block for block in SHELL if "grant()" in block)
(DEPLOYER,) = (block for block in SHELL if "assignee DEPLOYER" in block)
(VERSIONS,) = (block for block in SHELL if "ml rollback" in block)
HEADER = "the header of this instance"
REQUEST = {"instances": [{"user_status": "active", "age_days": 593}]}


class Endpoint(BaseHTTPRequestHandler):
    """Answers with the request if it has the key or the token. Gives tokens to identities, too, as Azure does."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {"api-version": ["2019-08-01"], "resource": ["api://the-app"]}
        good = (url.path, parse_qs(url.query), self.headers["x-identity-header"]) == ("/msi/token", query, HEADER)
        token = {"access_token": TOKEN, "expires_on": "4102444800", "resource": "api://the-app", "token_type": "Bearer"}
        self._answer(200 if good else 400, token if good else {"path": self.path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        good = self.headers["x-functions-key"] == KEY or self.headers["authorization"] == f"Bearer {TOKEN}"
        self._answer(200 if good else 401, {"path": self.path, "asked": json.loads(body)})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        answer = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("block", "arguments", "shown"),
    [
        (BY_KEY, "functionapp keys list -g GROUP -n APP --query functionKeys.default --output tsv", KEY),
        (BY_TOKEN, "account get-access-token --resource api://the-app --query accessToken --output tsv", TOKEN),
    ],
    ids=["key", "token"],
)
def test_curl_is_let_in(endpoint: str, tmp_path: Path, block: str, arguments: str, shown: str) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl on PATH")
    program(tmp_path / "tools/pulumi", f'[ "$*" = "stack output url" ] && echo {endpoint}')
    program(tmp_path / "az", f'[ "$*" = "{arguments}" ] && echo {shown}')
    command = block.replace("| curl", "| curl -sS --fail-with-body")
    answer = json.loads(shell(command, tmp_path, app="the-app", url=endpoint, request=json.dumps(REQUEST)))
    assert answer == {"path": "/predict", "asked": REQUEST}


def test_retries_last_as_long_as_the_page_says() -> None:
    page = " ".join((ROOT / "docs/azure.md").read_text().split())
    for tries, minutes, duration in ((MAX_TRIES, 12, "for some twelve minutes"), (MAX_SYNC_TRIES, 1, "for one minute")):
        assert sum(pause_seconds(each) for each in range(1, tries)) // 60 == minutes
        assert duration in page


def test_python_is_let_in(endpoint: str, tmp_path: Path) -> None:
    variables = f"url, body, client_id = {endpoint!r}, {json.dumps(REQUEST)!r}, 'the-app'"
    (tmp_path / "call.py").write_text(f"{variables}\n{PYTHON}")
    printed = shell(
        f"{sys.executable} call.py", tmp_path, IDENTITY_ENDPOINT=f"{endpoint}/msi/token", IDENTITY_HEADER=HEADER
    )
    answer = {"path": "/predict", "asked": REQUEST}
    assert printed == f"{answer}\n"


def test_the_deployer_may_give_and_take_the_stacks_own_roles_and_no_other(tmp_path: Path) -> None:
    program(tmp_path / "az", f'for argument; do echo "$argument" >> {tmp_path}/arguments; done')
    shell(DEPLOYER, tmp_path, ARM_SUBSCRIPTION_ID="the-subscription")
    condition = " ".join((tmp_path / "arguments").read_text().split()).partition("--condition ")[2]
    listed = re.compile(r"\{([0-9a-f, -]+)\}")
    for roles in listed.findall(condition):
        assert sorted(roles.split(", ")) == sorted(ROLES.values())
    kind = "Microsoft.Authorization/roleAssignments"
    assert listed.sub("THESE", condition) == " AND ".join(
        f"((!(ActionMatches{{'{kind}/{action}'}})) OR "
        f"(@{attributes}[{kind}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals THESE))"
        for action, attributes in (("write", "Request"), ("delete", "Resource"))
    )


def test_those_who_bring_files_to_score_have_grants_on_these_alone(tmp_path: Path) -> None:
    lines = (
        'case "$1" in storage) echo /the/account;;',
        f'*) for argument; do echo "$argument" >> {tmp_path}/arguments; done;; esac',
    )
    program(tmp_path / "az", "\n".join(lines))
    shell(RIGHTS, tmp_path, account="mystore1234")
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.count("/the/account/blobServices/default/containers/store\n") == 2
    for role, path in (("Contributor", "batch/MODEL/in/"), ("Reader", "batch/MODEL/out/")):
        condition = f"(({NO_BLOB_ACTION}) OR (@Resource[{BLOBS}:path] StringStartsWith '{path}'))"
        assert f"Storage Blob Data {role}\n--condition-version\n2.0\n--condition\n{condition}\n" in arguments


def test_versions_are_listed_and_rolled_back(
    registry: Registry, surroundings: dict[str, str], url: str, tmp_path: Path
) -> None:
    first, second = factories.publish(registry), factories.publish(registry, slope=0.2)
    for version in (first, second):
        registry.promote(version)
    program(tmp_path / "tools/pulumi", f'[ "$*" = "stack output store" ] && echo {url}')
    program(tmp_path / ".venv/bin/python", f'exec {sys.executable} "$@"')
    lines = re.sub(r"^ml ", ".venv/bin/python -m function_code ", VERSIONS, flags=re.MULTILINE)
    assert first in shell(lines.replace("VERSION", second), tmp_path, **surroundings)
    pointer = registry.pointer()
    assert pointer is not None
    assert (pointer.stable, pointer.canary) == (first, (second, 0.1))
