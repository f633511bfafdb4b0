"""Places of the token; no failure to read it shows anything of one."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from function_code.airtable import token
from function_code.airtable.token import read_token
from function_code.errors import Refused, Unreachable
from tests.support.airtable.server import TOKEN
from tests.support.fault_proxy import POLL_SECONDS

VAULT = "https://mine.vault.azure.net/secrets/airtable"


def test_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_token(str(tmp_path / "token")) == TOKEN


@pytest.mark.parametrize("content", [b"", b"two words", "pat\u00e9".encode(), b"pat\xff"])
def test_what_is_no_token_is_not_shown(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(Refused) as refused:
        read_token(str(tmp_path / "token"))
    assert str(tmp_path / "token") in str(refused.value)
    assert "pat\u00e9" not in str(refused.value)
    assert "two words" not in str(refused.value)


def test_nowhere(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cannot be read from .*/none: No such file or directory"):
        read_token(str(tmp_path / "none"))
    with pytest.raises(Refused, match=r"airtable.token is not set"):
        read_token("")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-central-1")


def test_secrets_manager(aws: Any) -> None:
    arn = aws.create_secret(Name="airtable", SecretString=TOKEN)["ARN"]
    assert read_token(arn) == TOKEN
    with pytest.raises(Unreachable, match=r"cannot be read from arn:aws:.*: ResourceNotFoundException"):
        read_token(arn.replace("airtable", "other"))


class _Azure(BaseHTTPRequestHandler):
    """The managed identity of a function and, at another path, the vault."""

    server: "AzureServer"

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        status, content = self.server.answers[len(self.server.requests) - 1]
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


class AzureServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Azure)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: list[tuple[int, Any]] = []


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureServer]:
    with AzureServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "shibboleth")
        monkeypatch.setenv("AZURE_CLIENT_ID", "me")
        fetch = token._answer
        # Everything but the name of the host is as it would be: the vault's certificate can't be had here.
        monkeypatch.setattr(
            token, "_answer", lambda address, *more: fetch(address.replace("https://mine.vault.azure.net", url), *more)
        )
        yield server
        server.shutdown()
        thread.join()


def test_key_vault(azure: AzureServer) -> None:
    azure.answers = [(200, {"access_token": "access"}), (200, {"value": TOKEN})]
    assert read_token(VAULT) == TOKEN
    (identity, identity_headers), (secret, vault_headers) = azure.requests
    assert identity == "/msi/token?resource=https%3A%2F%2Fvault.azure.net&api-version=2019-08-01&client_id=me"
    assert {name.lower(): value for name, value in identity_headers.items()}["x-identity-header"] == "shibboleth"
    assert secret == "/secrets/airtable?api-version=7.4"
    assert {name.lower(): value for name, value in vault_headers.items()}["authorization"] == "Bearer access"


def test_a_vault_that_refuses(azure: AzureServer, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.answers = [(200, {"access_token": "access"}), (403, {})]
    with pytest.raises(Unreachable, match=rf"the token of Airtable: {VAULT} answers 403"):
        read_token(VAULT)
    monkeypatch.delenv("IDENTITY_ENDPOINT")
    with pytest.raises(Refused, match="but this is no function with a managed identity"):
        read_token(VAULT)
