"""What a message of a storage queue asks a training on Azure for.

A message is one of

    the event BlobCreated of Blob Storage, as Event Grid sends it    trains on that dataset, or scores that file
    {"retrain": true}                                                trains on the newest dataset
    {"dataset": "datasets/<model>/<file>"}                           trains on this one
    {"score": "batch/<model>/in/<file>"}                             scores this file
    {"pull": true}                                                   pulls from the source

The one of a dataset may say with which "etag" it is in the store, as the event does: both are then one reason to train.
"""

import json
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from function_code.entrypoints.jobs import Ended, Order, arrived, as_stored, decoded, ordered
from function_code.errors import Refused
from function_code.registry import Registry

CONTAINERS = "/blobServices/default/containers/"


class Asked:
    """A message by its text; `message_id` is the same if it comes again."""

    def __init__(self, text: str, message_id: str) -> None:
        self._asked: Any
        try:
            self._asked = decoded(text)
        except Refused:
            self._asked = text
        self.cause = message_id
        """The same if the same thing is asked for again."""
        match self._asked:
            # Event Grid may tell of a blob twice, and whoever uploads it may tell of it, too; an ETag is there once.
            case {"eventType": "Microsoft.Storage.BlobCreated", "subject": str(subject), "data": {"eTag": str(etag)}}:
                self.cause = _cause(_place(subject)[1], etag)
            case {"dataset": str(key), "etag": str(etag)}:
                self.cause = _cause(key, etag)

    def order(self, registry: Registry) -> Order:
        """What is asked for. Raises Ended, or Refused if that is nothing."""
        match self._asked:
            case {"eventType": "Microsoft.Storage.BlobCreated", "subject": str(subject), "data": {"url": str(url)}}:
                container, key = _place(subject)
                place = f"https://{urlsplit(url).netloc}/{container}"
                return arrived(place, as_stored(key, unquote(key), registry.store), registry)
            case str(text):
                decoded(text)
        return ordered(self._asked, registry)

    def bury(self, _: Registry) -> NoReturn:
        """Raises Ended: there is no other try."""
        raise Ended(f"it failed again and again: {json.dumps(self._asked)}", "dead")


def _place(subject: str) -> tuple[str, str]:
    """The container and the key, which may be encoded, of an event's subject."""
    container, _, key = subject.removeprefix(CONTAINERS).partition("/blobs/")
    return container, key


def _cause(key: str, etag: str) -> str:
    quoted = etag.strip('"')  # in headers it always is, in events not everywhere
    return f"{key}#{quoted}"
