"""A Key Vault with one secret, for whoever shows the token of the identity."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.azure.identity import VAULT_TOKEN
from tests.support.fault_proxy import POLL_SECONDS
from tests.support.proxy import Played, Proxy

HOST = "trainervault1234567.vault.azure.net"
URL = f"https://{HOST}/secrets/airtable"


class _Handler(Played):
    server: "Vault"

    def _answer(self) -> None:
        let_in = self.server.knows_roles and self.headers["authorization"] == f"Bearer {VAULT_TOKEN}"
        there = (self.host, self.path) == (HOST, "/secrets/airtable?api-version=7.4")
        status = (200 if there else 404) if let_in else 403
        content = json.dumps({"id": URL, "value": self.server.value} if status == 200 else {"error": {}}).encode()
        self.send_response_only(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    do_GET = _answer  # noqa: N815 - the server's name


class Vault(Proxy):
    """The vault; it may not know yet who may read its secret, of which the newest version is `value`."""

    def __init__(self, value: str, folder: Path) -> None:
        super().__init__(_Handler, (".vault.azure.net",), folder)
        self.value, self.knows_roles = value, True


@contextmanager
def serving(value: str, folder: Path) -> Iterator[Vault]:
    """The vault, for as long as the context lasts."""
    with Vault(value, folder) as vault:
        threading.Thread(target=vault.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        try:
            yield vault
        finally:
            vault.shutdown()
