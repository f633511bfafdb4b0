"""A dataset in the store, put there by whoever deploys, and the training on it, asked for in the same breath.

Pulumi's own resource for a blob wants the account's key, and the account has none. The news of what arrives may be lost
as long as Azure does not know everywhere what the news may be brought by; so the first training does not wait for it.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pulumi

from components.azure.deploy_requests import Outcome, hooked, patiently, send
from function_code.entrypoints.azure.queue import message_body

AUDIENCE = "https://storage.azure.com/"
CREATED = 201
STARTING = (0, 403, 500, 503)
VERSION = {"x-ms-version": "2023-11-03"}
BLOB = {**VERSION, "x-ms-blob-type": "BlockBlob", "content-type": "text/csv"}
MESSAGE = {**VERSION, "content-type": "application/xml"}


class Upload(NamedTuple):
    """What is put where, and who is told."""

    file: Path
    store: pulumi.Input[str]
    """The URL of the container."""
    key: pulumi.Input[str]
    queue: pulumi.Input[str]
    """The URL of the queue of trainings."""


def upload(
    name: str, given: Upload, told: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> pulumi.Stash:
    """A dataset, uploaded and trained on; anew if what is `told` of it is another thing, such as a digest."""

    async def put(about: pulumi.ResourceHookArgs) -> None:
        inputs: Mapping[str, Any] = (about.new_inputs or {})["input"]
        url = f"{inputs['store']}/{quote(inputs['key'])}"
        etag = await patiently(name, "uploaded", AUDIENCE, lambda bearer: _put(url, bearer, given.file))
        # With the ETag, by which the training knows the news of the same upload, and is not done twice.
        message = json.dumps({"dataset": inputs["key"], "etag": etag.strip('"')})
        await patiently(name, "trained on", AUDIENCE, lambda bearer: _ask(inputs["queue"], bearer, message))

    inputs = {"store": given.store, "key": given.key, "queue": given.queue, **told}
    return pulumi.Stash(name, input=inputs, opts=hooked(name, put, opts))


async def _put(url: str, bearer: str, file: Path) -> Outcome:
    answer = await asyncio.to_thread(send, "PUT", url, bearer, BLOB, file)
    if answer.status == CREATED:
        return Outcome(found=answer.etag)
    return Outcome(str(answer), answer.status in STARTING)


async def _ask(queue: str, bearer: str, message: str) -> Outcome:
    answer = await asyncio.to_thread(send, "POST", f"{queue}/messages", bearer, MESSAGE, message_body(message))
    return Outcome() if answer.status == CREATED else Outcome(str(answer), answer.status in STARTING)
