"""What of Azure the program itself asks, sites that take packages, storage and registries, where a proxy leads to."""

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
SHORT = 1000  # bytes


class Asked(NamedTuple):
    """A request; `body` is the sha256 of what was sent, which is kept of what is short."""

    method: str
    url: str
    token: str
    body: str
    text: str


class _Azure(Played):
    server: "Sites"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = Asked(
            self.command,
            f"https://{self.host}{self.path}",
            self.headers.get("authorization", "").removeprefix("Bearer "),
            hashlib.sha256(body).hexdigest() if body else "",
            body.decode() if len(body) < SHORT else "",
        )
        status, text = self.server.answer(asked)
        self.send_response_only(status)
        self.send_header("content-length", str(len(text.encode())))
        self.send_header("etag", f'"{ETAG}"')
        self.end_headers()
        self.wfile.write(text.encode())
        self.wfile.flush()

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the server's names


class Sites(Proxy):
    """Takes whatever comes, unless `refusals` has an answer for a URL that holds a text; each is given once."""

    def __init__(self, folder: Path) -> None:
        super().__init__(_Azure, (SITE, BLOBS, QUEUES, REGISTRY), folder)
        self._lock = threading.Lock()
        self.seen: list[Asked] = []
        self.refusals: list[tuple[str, int, str]] = []

    def answer(self, asked: Asked) -> tuple[int, str]:
        with self._lock:
            self.seen.append(asked)
            for refusal in self.refusals:
                if refusal[0] in f"{asked.method} {asked.url}":
                    self.refusals.remove(refusal)
                    return refusal[1:]
        if REGISTRY in asked.url:
            return 200, json.dumps(_opened(asked))
        if asked.url.endswith("/api/publish?RemoteBuild=false"):
            return 202, '"17"'
        return (200, json.dumps({"status": 4})) if "/api/deployments/17" in asked.url else (201, "")

    def sent(self) -> list[str]:
        """What was published and uploaded, by the place."""
        return sorted(asked.url.removeprefix("https://") for asked in self.seen if asked.body and _put(asked))

    def messages(self) -> list[tuple[str, Any]]:
        """What was put into queues: into which, and what."""
        put = [asked for asked in self.seen if _message(asked)]
        texts = [
            re.findall("<QueueMessage><MessageText>(.*)</MessageText></QueueMessage>", asked.text) for asked in put
        ]
        return [(asked.url, json.loads(b64decode(text))) for asked, (text,) in zip(put, texts, strict=True)]


def _message(asked: Asked) -> bool:
    return QUEUES in asked.url


def _put(asked: Asked) -> bool:
    return SITE in asked.url or BLOBS in asked.url


def _opened(asked: Asked) -> dict[str, str]:
    """The tokens of a registry, for a token of Entra ID, and for what may be done in a repository."""
    form = dict(parse_qsl(asked.text))
    if asked.url.endswith("/oauth2/exchange"):
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
