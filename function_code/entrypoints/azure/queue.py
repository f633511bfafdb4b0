"""A client of storage queues by their REST API, with the identity of whatever runs here.

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

VERSION = "2023-11-03"
AUDIENCE = "https://storage.azure.com"
REQUEST_TIMEOUT_SECONDS = 30


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
        answer = self._call("GET", "/messages", visibilitytimeout=seconds)
        element = ET.fromstring(answer).find("QueueMessage")  # noqa: S314 - Azure's own
        if element is None:
            return None
        fields = {child.tag: child.text or "" for child in element}
        text = b64decode(fields["MessageText"]).decode("utf-8", "replace")
        return Message(fields["MessageId"], fields["PopReceipt"], int(fields["DequeueCount"]), text)

    def put(self, text: str) -> None:
        """Adds a message."""
        self._call("POST", "/messages", message_body(text))

    def hide(self, message: Message, seconds: int) -> None:
        """Makes a message that was taken come again after so many seconds."""
        self._call("PUT", f"/messages/{message.id}", popreceipt=message.receipt, visibilitytimeout=seconds)

    def delete(self, message: Message) -> None:
        """Deletes a message that was taken."""
        self._call("DELETE", f"/messages/{message.id}", popreceipt=message.receipt)

    def _call(self, method: str, path: str, body: bytes | None = None, **query: str | int) -> bytes:
        headers = {"authorization": f"Bearer {_token()}", "x-ms-version": VERSION}
        if body is not None:
            headers["content-type"] = "application/xml"
        url = f"{self._url}{path}?{urllib.parse.urlencode(query)}".rstrip("?")
        return _send(method, url, headers, body)


def message_body(text: str) -> bytes:
    """A message as it is put into a queue: in base64, as a Queue takes it."""
    encoded = b64encode(text.encode()).decode()
    return f"<QueueMessage><MessageText>{encoded}</MessageText></QueueMessage>".encode()


def _token() -> str:
    """An access token, valid for some hours; the server that gives it caches it."""
    query = {"api-version": "2019-08-01", "resource": AUDIENCE, "client_id": os.environ["AZURE_CLIENT_ID"]}
    url = f"{os.environ['IDENTITY_ENDPOINT']}?{urllib.parse.urlencode(query)}"
    answer = _send("GET", url, {"x-identity-header": os.environ["IDENTITY_HEADER"]})
    return str(json.loads(answer)["access_token"])


def _send(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 - the stack's
    address = url.partition("?")[0]
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        text = " ".join(error.read().decode(errors="replace").split())[:200]
        raise Unreachable(f"{address} answers {error.code}: {text}") from None
    except OSError as error:
        raise Unreachable(f"{address} does not answer: {error}") from None
