"""Examples of docs/gcp.md in a shell and in Python, with an endpoint that checks identity tokens as Google does."""

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.documents import blocks
from tests.support.fault_proxy import POLL_SECONDS
from tests.support.programs import program, shell

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDB9.c2lnbmVk"  # until 2100
ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/"
(CALL,) = (block for block in blocks("docs/gcp.md", "sh") if "curl -K -" in block)
(PYTHON,) = blocks("docs/gcp.md", "python")


class Google(BaseHTTPRequestHandler):
    """A service that answers requests with the token, and the metadata server that gives it to service accounts."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == ACCOUNT:
            self._answer(200, b'{"email": "app@my-project.iam.gserviceaccount.com"}', "application/json")
        else:
            identity = address.path == f"{ACCOUNT}identity"
            good = not identity or parse_qs(address.query)["audience"] == [f"http://{self.headers['host']}"]
            self._answer(200 if good else 404, TOKEN.encode(), "application/text")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        good = self.headers["authorization"] == f"Bearer {TOKEN}" and self.headers["content-type"] == "application/json"
        content = json.dumps({"path": self.path, "asked": json.loads(body)}).encode()
        self._answer(200 if good else 403, content, "application/json")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("metadata-flavor", "Google")
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Google) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_curl_is_let_in(url: str, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl on PATH")
    program(tmp_path / "tools/pulumi", f'[ "$*" = "stack output url" ] && echo {url}')
    program(tmp_path / "gcloud", f'[ "$*" = "auth print-identity-token" ] && echo {TOKEN}')
    answer = json.loads(shell(CALL.replace("| curl", "| curl -sS --fail-with-body"), tmp_path))
    assert answer == {"path": "/predict", "asked": {"instances": [{"user_status": "active", "age_days": 593}]}}


def test_python_is_let_in(url: str, tmp_path: Path) -> None:
    (tmp_path / "call.py").write_text(f"url, body = {url!r}, {json.dumps({'instances': [{}]})!r}\n{PYTHON}")
    metadata = url.removeprefix("http://")
    printed = shell(
        f"{sys.executable} call.py", tmp_path, GCE_METADATA_HOST=metadata, GCE_METADATA_IP=metadata, NO_GCE_CHECK="true"
    )
    assert printed == "{'path': '/predict', 'asked': {'instances': [{}]}}\n"
