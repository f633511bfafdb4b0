"""Upload of a dataset to the store by the deployer's identity, and the message that starts the training on it.

Pulumi's own resource for a blob wants the account's key, and the account has none. The event of an upload may be lost
as long as Azure does not know everywhere which identity may deliver it; so the first training does not wait for it.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pulumi

from components.azure.deploy_requests import Outcome, retry, send, with_hook
from function_code.entrypoints.azure.queue import message_body

AUDIENCE = "https://storage.azure.com/"
CREATED = 201
RETRYABLE_STATUSES = (0, 403, 500, 503)
VERSION = {"x-ms-version": "2023-11-03"}
BLOB = {**VERSION, "x-ms-blob-type": "BlockBlob", "content-type": "text/csv"}
MESSAGE = {**VERSION, "content-type": "application/xml"}


class Upload(NamedTuple):
    """A file, its place in the store, and the queue that gets the message."""

    file: Path
    store: pulumi.Input[str]
    """The URL of the container."""
    key: pulumi.Input[str]
    queue: pulumi.Input[str]
    """The URL of the queue of trainings."""


def upload_dataset(
    name: str, upload: Upload, triggers: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> pulumi.Stash:
    """Uploads a dataset and starts a training on it; again when a value of `triggers`, such as a digest, changes."""

    async def put(resource: pulumi.ResourceHookArgs) -> None:
        inputs: Mapping[str, Any] = (resource.new_inputs or {})["input"]
        url = f"{inputs['store']}/{quote(inputs['key'])}"
        etag = await retry(name, "uploaded", AUDIENCE, lambda bearer: _put(url, bearer, upload.file))
        # With the ETag, by which the training knows the event of the same upload, and is not done twice.
        message = json.dumps({"dataset": inputs["key"], "etag": etag.strip('"')})
        await retry(name, "trained on", AUDIENCE, lambda bearer: _enqueue(inputs["queue"], bearer, message))

    inputs = {"store": upload.store, "key": upload.key, "queue": upload.queue, **triggers}
    return pulumi.Stash(name, input=inputs, opts=with_hook(name, put, opts))


async def _put(url: str, bearer: str, file: Path) -> Outcome:
    response = await asyncio.to_thread(send, "PUT", url, bearer, BLOB, file)
    if response.status == CREATED:
        return Outcome(value=response.etag)
    return Outcome(str(response), response.status in RETRYABLE_STATUSES)


async def _enqueue(queue: str, bearer: str, message: str) -> Outcome:
    response = await asyncio.to_thread(send, "POST", f"{queue}/messages", bearer, MESSAGE, message_body(message))
    return Outcome() if response.status == CREATED else Outcome(str(response), response.status in RETRYABLE_STATUSES)
