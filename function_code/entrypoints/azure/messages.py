"""Messages of a storage queue as jobs of the function that trains on Azure.

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

from function_code.entrypoints.jobs import Job, JobDropped, job_of_upload, parse_job, parse_json, stored_key
from function_code.errors import Refused
from function_code.registry import Registry

CONTAINERS = "/blobServices/default/containers/"


class QueueMessage:
    """A message by its text; `message_id` is the same if it comes again."""

    def __init__(self, text: str, message_id: str) -> None:
        self._content: Any
        try:
            self._content = parse_json(text)
        except Refused:
            self._content = text
        self.idempotency_key = message_id
        """An id that is the same if the same job comes again."""
        match self._content:
            # Event Grid may tell of a blob twice, and whoever uploads it may tell of it, too; an ETag is there once.
            case {"eventType": "Microsoft.Storage.BlobCreated", "subject": str(subject), "data": {"eTag": str(etag)}}:
                self.idempotency_key = _idempotency_key(_container_and_key(subject)[1], etag)
            case {"dataset": str(key), "etag": str(etag)}:
                self.idempotency_key = _idempotency_key(key, etag)

    def job(self, registry: Registry) -> Job:
        """The job that the message asks for. Raises JobDropped, or Refused if it asks for none."""
        match self._content:
            case {"eventType": "Microsoft.Storage.BlobCreated", "subject": str(subject), "data": {"url": str(url)}}:
                container, key = _container_and_key(subject)
                container_url = f"https://{urlsplit(url).netloc}/{container}"
                return job_of_upload(container_url, stored_key(key, unquote(key), registry.store), registry)
            case str(text):
                parse_json(text)
        return parse_job(self._content, registry)

    def bury(self, _: Registry) -> NoReturn:
        """Raises JobDropped: there is no other try."""
        raise JobDropped(f"it failed again and again: {json.dumps(self._content)}", "dead")


def _container_and_key(subject: str) -> tuple[str, str]:
    """The container and the key, which may be encoded, of an event's subject."""
    container, _, key = subject.removeprefix(CONTAINERS).partition("/blobs/")
    return container, key


def _idempotency_key(key: str, etag: str) -> str:
    unquoted = etag.strip('"')  # in headers it always has quotes, in events not everywhere
    return f"{key}#{unquoted}"
