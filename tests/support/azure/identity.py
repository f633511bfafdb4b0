"""The identity of what runs, and storage that lets in nobody else: what keys that are off come to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.support.azure.azurite import ACCOUNT, Azurite
from tests.support.fault_proxy import POLL_SECONDS

CLIENT, SECRET, TOKEN, VAULT_TOKEN = "the-client", "the header of this instance", "the token", "the token for vaults"
TOKENS = {"https://storage.azure.com": TOKEN, "https://vault.azure.net": VAULT_TOKEN}  # by what they are for
UNTIL = "4102444800"  # the year 2100
QUEUES = "/queues"  # where those are, beside the containers


class _Handler(BaseHTTPRequestHandler):
    server: "Identities"

    def _pass_on(self) -> None:
        url, body = urlsplit(self.path), self.rfile.read(int(self.headers.get("content-length", 0)))
        if url.path == "/msi/token":
            query = parse_qs(url.query)
            token = TOKENS.get(query.pop("resource", [""])[0])
            expected = {"api-version": ["2019-08-01"], "client_id": [CLIENT]}
            is_right = token and self.headers["x-identity-header"] == SECRET and query == expected
            content = {"access_token": token, "expires_on": UNTIL, "token_type": "Bearer", "client_id": CLIENT}
            self._answer(200 if is_right else 400, {"Content-Type": "application/json"}, json.dumps(content).encode())
        elif self.headers["authorization"] != f"Bearer {TOKEN}":
            self._answer(403, {}, b"")
        else:
            azurite = self.server.azurite
            queues = self.path.startswith(QUEUES)
            service, path = (azurite.queues if queues else azurite.blobs), self.path.removeprefix(QUEUES)
            self._answer(*azurite.answer(service, self.command, path.removeprefix(f"/{ACCOUNT}"), body))

    do_GET = do_DELETE = do_POST = do_PUT = _pass_on  # noqa: N815 - the server's names

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "keep-alive"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Identities(ThreadingHTTPServer):
    """Gives tokens, and what is in Azurite to those who show one."""

    daemon_threads = True

    def __init__(self, azurite: Azurite) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.azurite = azurite


@contextmanager
def serving(azurite: Azurite) -> Iterator[dict[str, str]]:
    """The environment of an app that has an identity, and no keys."""
    with Identities(azurite) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {
                "AZURE_ALLOW_HTTP": "true",
                "AZURE_CLIENT_ID": CLIENT,
                "AZURE_ENDPOINT": f"{here}/{ACCOUNT}",
                "AZURE_STORAGE_USE_EMULATOR": "",
                "AZURITE_BLOB_STORAGE_URL": "",
                "IDENTITY_ENDPOINT": f"{here}/msi/token",
                "IDENTITY_HEADER": SECRET,
                "QUEUES": f"{here}{QUEUES}",
            }
        finally:
            server.shutdown()
