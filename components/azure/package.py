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

from components.azure.deploy_requests import Answer, Outcome, hooked, patiently, send
from components.azure.deployer import MANAGEMENT

# As One Deploy has it: in these alone a deployment ends. The latter of those cancelled gave way to another one.
SUCCEEDED, FAILED, PARTLY, CANCELLED = 4, 3, 6, (-1, 5)
POLLS, POLL = 120, 5  # how often to ask how it goes, and the seconds between
# As long as the app's own site for deployments is not there, or deploys something else.
STARTING = (0, 403, 404, 409, 429, 500, 502, 503, 504)
# The package is there, but the host did not say what functions are in it: as it starts, or because it never will.
SYNC, SYNC_TRIES = re.compile(r"triggers? sync|sync\w*( \w+)? triggers?", re.IGNORECASE), 4
ZIP = {"content-type": "application/zip"}


def published(
    name: str,
    host: pulumi.Input[str],
    package: Path,
    told: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> pulumi.Stash:
    """A package, published to the app that answers under `host`; anew to another app, or if what is `told` changes.

    Told is the package's digest, and all else after whose change the app needs its code again.
    """

    async def publish(about: pulumi.ResourceHookArgs) -> None:
        inputs: Mapping[str, Any] = (about.new_inputs or {})["input"]
        site, _, rest = str(inputs["host"]).partition(".")
        await patiently(
            name, "published", MANAGEMENT, lambda bearer: _publish(f"https://{site}.scm.{rest}", bearer, package)
        )

    return pulumi.Stash(name, input={"host": host, **told}, opts=hooked(name, publish, opts))


async def _publish(site: str, bearer: str, package: Path) -> Outcome:
    sent = await asyncio.to_thread(send, "POST", f"{site}/api/publish?RemoteBuild=false", bearer, ZIP, package)
    if sent.status not in (200, 202):
        return Outcome(str(sent), sent.status in STARTING or _forbidden(sent.text))
    deployment = sent.text.strip().strip('"')
    asked = sent
    for _ in range(POLLS):
        asked = await asyncio.to_thread(send, "GET", f"{site}/api/deployments/{deployment}", bearer, {})
        outcome = _outcome(asked)
        if outcome:
            return outcome
        await asyncio.sleep(POLL)
    return Outcome(f"it does not come to an end: {asked}")


def _outcome(asked: Answer) -> Outcome | None:
    """How a deployment ended; None as long as it has not."""
    state = _state(asked)
    status, text = state.get("status"), str(state.get("status_text") or state.get("message") or "it does not say why")
    if status == SUCCEEDED:
        return Outcome()
    if status in CANCELLED:
        return Outcome(f"cancelled: {text}", passing=True)
    if status == PARTLY:
        return Outcome(f"only in part: {text}")
    if status != FAILED:
        return None
    if SYNC.search(text):
        return Outcome(text, passing=True, tries=SYNC_TRIES)
    return Outcome(text, _forbidden(text))


def _state(asked: Answer) -> dict[str, Any]:
    try:
        found = json.loads(asked.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _forbidden(text: str) -> bool:
    """Whether the app may not write to its container, yet."""
    return "BlobUploadFailed" in text or ("403" in text and "storage" in text.lower())
