"""A storage queue, asked by its REST API, as the identity of whatever runs here.

The environment says where identities get their tokens (IDENTITY_ENDPOINT, IDENTITY_HEADER), as Container Apps has it,
and which one it is (AZURE_CLIENT_ID).
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64decode, b64encode
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from function_code.errors import Unreachable

TRIES = 3  # to train on a message, before it is poison
PAUSE = 300  # seconds between two of them
VERSION = "2023-11-03"
AUDIENCE = "https://storage.azure.com"
PATIENCE = 30  # seconds, for each request


@dataclass(frozen=True)
class Message:
    """A message that was taken; `receipt` is what it is deleted by, `tries` counts this one, too."""

    id: str
    receipt: str
    tries: int
    text: str


class Queue:
    """A queue by its URL, with messages in base64, in which Event Grid writes. Everything here raises Unreachable."""

    def __init__(self, url: str) -> None:
        self._url = url

    def take(self, seconds: int) -> Message | None:
        """The next message, hidden from others for so long; None if there is none."""
        answer = self._ask("GET", "/messages", visibilitytimeout=seconds)
        found = ET.fromstring(answer).find("QueueMessage")  # noqa: S314 - Azure's own
        if found is None:
            return None
        told = {part.tag: part.text or "" for part in found}
        text = b64decode(told["MessageText"]).decode("utf-8", "replace")
        return Message(told["MessageId"], told["PopReceipt"], int(told["DequeueCount"]), text)

    def put(self, text: str) -> None:
        """One more message."""
        self._ask("POST", "/messages", message_body(text))

    def hide(self, message: Message, seconds: int) -> None:
        """A message that was taken comes again after so many seconds."""
        self._ask("PUT", f"/messages/{message.id}", popreceipt=message.receipt, visibilitytimeout=seconds)

    def delete(self, message: Message) -> None:
        """A message that was taken comes no more."""
        self._ask("DELETE", f"/messages/{message.id}", popreceipt=message.receipt)

    def _ask(self, method: str, path: str, body: bytes | None = None, **query: str | int) -> bytes:
        headers = {"authorization": f"Bearer {_token()}", "x-ms-version": VERSION}
        if body is not None:
            headers["content-type"] = "application/xml"
        url = f"{self._url}{path}?{urllib.parse.urlencode(query)}".rstrip("?")
        return _answer(method, url, headers, body)


def message_body(text: str) -> bytes:
    """A message as it is put into a queue: in base64, as a Queue takes it."""
    encoded = b64encode(text.encode()).decode()
    return f"<QueueMessage><MessageText>{encoded}</MessageText></QueueMessage>".encode()


def _token() -> str:
    """For some hours; kept by whoever gives it."""
    asked = {"api-version": "2019-08-01", "resource": AUDIENCE, "client_id": os.environ["AZURE_CLIENT_ID"]}
    url = f"{os.environ['IDENTITY_ENDPOINT']}?{urllib.parse.urlencode(asked)}"
    found = _answer("GET", url, {"x-identity-header": os.environ["IDENTITY_HEADER"]})
    return str(json.loads(found)["access_token"])


def _answer(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    wanted = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - the stack's
    place = url.partition("?")[0]
    try:
        with urllib.request.urlopen(wanted, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            return bytes(answer.read())
    except urllib.error.HTTPError as refused:
        said = " ".join(refused.read().decode(errors="replace").split())[:200]
        raise Unreachable(f"{place} answers {refused.code}: {said}") from None
    except OSError as error:
        raise Unreachable(f"{place} does not answer: {error}") from None
