"""The parts of Azure that the program itself calls, behind a proxy: sites that take packages, storage, registries."""

import hashlib
import json
import re
import threading
import uuid
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tests.support.fake_cloud import azure
from tests.support.fault_proxy import POLL_SECONDS
from tests.support.proxy import Played, Proxy

SITE, BLOBS, QUEUES = ".scm.azurewebsites.net", ".blob.core.windows.net", ".queue.core.windows.net"
REGISTRY = ".azurecr.io"
ETAG = "0x8DC0FFEE"  # of whatever is uploaded
MAX_KEPT_BYTES = 1000


class Request(NamedTuple):
    """A request; `body` is the sha256 of its content, and `text` the content itself if it is short."""

    method: str
    url: str
    token: str
    body: str
    text: str


class _Azure(Played):
    server: "Sites"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(
            self.command,
            f"https://{self.host}{self.path}",
            self.headers.get("authorization", "").removeprefix("Bearer "),
            hashlib.sha256(body).hexdigest() if body else "",
            body.decode() if len(body) < MAX_KEPT_BYTES else "",
        )
        status, text = self.server.answer(request)
        self.send_response_only(status)
        self.send_header("content-length", str(len(text.encode())))
        self.send_header("etag", f'"{ETAG}"')
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the server's names


class Sites(Proxy):
    """Accepts every request, unless `refusals` has an answer for a URL that holds a text; each is used once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(_Azure, (SITE, BLOBS, QUEUES, REGISTRY), folder)
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self.refusals: list[tuple[str, int, str]] = []

    def answer(self, request: Request) -> tuple[int, str]:
        with self._lock:
            self.requests.append(request)
            for refusal in self.refusals:
                if refusal[0] in f"{request.method} {request.url}":
                    self.refusals.remove(refusal)
                    return refusal[1:]
        if REGISTRY in request.url:
            return 200, json.dumps(_registry_tokens(request))
        if request.url.endswith("/api/publish?RemoteBuild=false"):
            return 202, '"17"'
        return (200, json.dumps({"status": 4})) if "/api/deployments/17" in request.url else (201, "")

    def sent(self) -> list[str]:
        """The URLs of packages and uploads, sorted."""
        return sorted(
            request.url.removeprefix("https://") for request in self.requests if request.body and _put(request)
        )

    def messages(self) -> list[tuple[str, Any]]:
        """The messages put into queues, each with the URL of its queue."""
        put = [request for request in self.requests if _message(request)]
        texts = [
            re.findall("<QueueMessage><MessageText>(.*)</MessageText></QueueMessage>", request.text) for request in put
        ]
        return [(request.url, json.loads(b64decode(text))) for request, (text,) in zip(put, texts, strict=True)]


def _message(request: Request) -> bool:
    return QUEUES in request.url


def _put(request: Request) -> bool:
    return SITE in request.url or BLOBS in request.url


def _registry_tokens(request: Request) -> dict[str, str]:
    """The tokens of a registry, for a token of Entra ID, and for actions in a repository."""
    form = dict(parse_qsl(request.text))
    if request.url.endswith("/oauth2/exchange"):
        assert form["access_token"] == azure.TOKEN
        return {"refresh_token": f"registry-{uuid.uuid4().hex}"}
    _, name, actions = form["scope"].split(":")
    claims = {"access": [{"type": "repository", "name": name, "actions": actions.split(",")}]}
    return {"access_token": azure.token_of(claims)}


@contextmanager
def serving(folder: Path) -> Iterator[Sites]:
    """The sites, for as long as the context lasts."""
    with Sites(folder) as sites:
        threading.Thread(target=sites.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        try:
            yield sites
        finally:
            sites.shutdown()
