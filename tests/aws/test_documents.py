"""Examples of docs/aws.md in a shell and in Python, against an endpoint that checks signatures as AWS does."""

import json
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from function_code.registry import Registry
from function_code.store import Store
from tests.support import factories
from tests.support.documents import blocks
from tests.support.paths import ROOT
from tests.support.programs import program, shell

KEY_ID = "AWS_ACCESS_KEY_ID"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "very/secret", "AWS_SESSION_TOKEN": "a+token=="}
SHELL = blocks("docs/aws.md", "sh")
CALL, VERSIONS = (next(block for block in SHELL if words in block) for words in ("curl -K -", "ml rollback"))
DEPLOYER = next(block for block in SHELL if "aws-deployer.json" in block)
(PYTHON,) = blocks("docs/aws.md", "python")


class Signed(BaseHTTPRequestHandler):
    """Answers with the request if its signature is that of the keys, and with 403 if not."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        authorization = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=(\S+?), ?SignedHeaders=(\S+?), ?Signature=(\w+)",
            self.headers["authorization"],
        )
        assert authorization
        url = f"http://{self.headers['host']}{self.path}"
        request = AWSRequest("POST", url, data=body, headers={n: self.headers[n] for n in authorization[2].split(";")})
        keys = Credentials(*KEYS.values())
        service = SigV4Auth(keys, "execute-api", "eu-west-1")
        request.context["timestamp"] = self.headers["x-amz-date"]
        signature = service.signature(service.string_to_sign(request, service.canonical_request(request)), request)
        good = authorization[3] == signature and self.headers["x-amz-security-token"] == KEYS["AWS_SESSION_TOKEN"]
        answer = json.dumps({"path": self.path, "asked": json.loads(body), "signed": authorization[2]}).encode()
        self.send_response(200 if good else 403)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the server's name for it
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Signed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_curl_is_let_in(url: str, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl on PATH")
    program(tmp_path / "tools/pulumi", f'[ "$*" = "stack output url --stack aws-dev" ] && echo {url}')
    answer = json.loads(shell(CALL.replace("| curl", "| curl -sS --fail-with-body"), tmp_path, **KEYS))
    assert answer["path"] == "/predict"
    assert answer["asked"] == {"instances": [{"user_status": "active", "age_days": 593}]}
    assert "host" in answer["signed"]


def test_python_is_let_in(url: str, tmp_path: Path) -> None:
    before = f"url, body = {url!r}, {json.dumps({'instances': [{}]})!r}\n"
    (tmp_path / "call.py").write_text(before + PYTHON)
    printed = shell(f"{sys.executable} call.py", tmp_path, **KEYS)
    assert "'path': '/predict'" in printed


def test_versions_are_chosen(tmp_path: Path) -> None:
    registry = Registry(Store(str(tmp_path / "store")), "model")
    first, second = (factories.publish(registry, slope=slope) for slope in (0.1, 0.2))
    registry.promote(first)
    registry.promote(second)
    program(tmp_path / "tools/pulumi", f'[ "$*" = "stack output store --stack aws-dev" ] && echo {tmp_path}/store')
    program(tmp_path / "aws", f"echo 'export {KEY_ID}=of-the-profile'")
    seen = tmp_path / "seen"
    program(tmp_path / ".venv/bin/python", f'echo "${KEY_ID} $AWS_REGION" >{seen}; exec {sys.executable} "$@"')
    lines = re.sub(r"^ml ", ".venv/bin/python -m function_code ", VERSIONS, flags=re.MULTILINE)
    assert lines.count("function_code") == 4
    shell(lines.replace("VERSION", second), tmp_path)
    pointer = registry.pointer()
    assert pointer
    assert (pointer.stable, pointer.canary) == (first, (second, 0.1))
    assert seen.read_text() == "of-the-profile eu-west-1\n"  # the store client reads nothing else


def test_the_deployers_policy_is_filled_in(tmp_path: Path) -> None:
    program(tmp_path / "aws", 'printf "%s\\n" "$@"')
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    arguments = shell(DEPLOYER.replace("/tmp", str(tmp_path)), tmp_path).split()  # noqa: S108 - as the document has it
    assert arguments[:2] == ["iam", "put-role-policy"]
    assert arguments[-1] == f"file://{tmp_path}/deployer.json"
    filled = (tmp_path / "deployer.json").read_text()
    assert json.loads(filled)
    assert not re.search("ACCOUNT|REGION|ZONE|KEY", filled)
