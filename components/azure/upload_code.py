"""The code of a function app, published by One Deploy: the way that Azure's own tools take.

The app itself puts the package into its container, by its identity. So no key is needed, and nobody who deploys needs
a role on the container.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.azure.deploy_requests import Outcome, Response, retry, send, with_hook
from components.azure.deployer import MANAGEMENT

# As One Deploy has it: in these alone a deployment ends. The latter of those cancelled gave way to another one.
SUCCEEDED, FAILED, PARTLY, CANCELLED = 4, 3, 6, (-1, 5)
MAX_POLLS, POLL_SECONDS = 120, 5  # of a deployment's state
# As long as the app's own site for deployments is not there, or deploys something else.
RETRYABLE_STATUSES = (0, 403, 404, 409, 429, 500, 502, 503, 504)
# The package is there, but the host did not say what functions are in it: as it starts, or because it never will.
SYNC_ERROR, MAX_SYNC_TRIES = re.compile(r"triggers? sync|sync\w*( \w+)? triggers?", re.IGNORECASE), 4
ZIP = {"content-type": "application/zip"}


def publish_code(
    name: str,
    host: pulumi.Input[str],
    package: Path,
    triggers: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> pulumi.Stash:
    """Publishes a package to the app at `host`; again for another app, or when a value of `triggers` changes.

    Triggers are the package's digest, and all else after whose change the app needs its code again.
    """

    async def publish(resource: pulumi.ResourceHookArgs) -> None:
        inputs: Mapping[str, Any] = (resource.new_inputs or {})["input"]
        site, _, rest = str(inputs["host"]).partition(".")
        await retry(
            name, "published", MANAGEMENT, lambda bearer: _publish(f"https://{site}.scm.{rest}", bearer, package)
        )

    return pulumi.Stash(name, input={"host": host, **triggers}, opts=with_hook(name, publish, opts))


async def _publish(site: str, bearer: str, package: Path) -> Outcome:
    sent = await asyncio.to_thread(send, "POST", f"{site}/api/publish?RemoteBuild=false", bearer, ZIP, package)
    if sent.status not in (200, 202):
        return Outcome(str(sent), sent.status in RETRYABLE_STATUSES or _forbidden(sent.text))
    deployment = sent.text.strip().strip('"')
    response = sent
    for _ in range(MAX_POLLS):
        response = await asyncio.to_thread(send, "GET", f"{site}/api/deployments/{deployment}", bearer, {})
        outcome = _outcome(response)
        if outcome:
            return outcome
        await asyncio.sleep(POLL_SECONDS)
    return Outcome(f"it does not come to an end: {response}")


def _outcome(response: Response) -> Outcome | None:
    """The outcome of a deployment; None as long as it has not ended."""
    state = _state(response)
    status, text = state.get("status"), str(state.get("status_text") or state.get("message") or "it does not say why")
    if status == SUCCEEDED:
        return Outcome()
    if status in CANCELLED:
        return Outcome(f"cancelled: {text}", retryable=True)
    if status == PARTLY:
        return Outcome(f"only in part: {text}")
    if status != FAILED:
        return None
    if SYNC_ERROR.search(text):
        return Outcome(text, retryable=True, max_tries=MAX_SYNC_TRIES)
    return Outcome(text, _forbidden(text))


def _state(response: Response) -> dict[str, Any]:
    try:
        state = json.loads(response.text)
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def _forbidden(text: str) -> bool:
    """Tells whether the app may not write to its container, yet."""
    return "BlobUploadFailed" in text or ("403" in text and "storage" in text.lower())
