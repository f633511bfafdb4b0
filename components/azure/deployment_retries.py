"""Retries until what Azure has made or granted is known everywhere in Azure, which takes minutes at times."""

import asyncio
import functools
import re
from typing import Any

import pulumi

# The errors in the meantime. Any other is final.
RETRYABLE_ERRORS = re.compile(
    r"PrincipalNotFound|does not exist in the directory|AnotherOperationInProgress|another operation is in progress"
    r"|unable to pull image using Managed identity|egmsivalidation"
)
# Before each retry; some twelve minutes together: a grant may not be known everywhere for ten.
MAX_PAUSE_SECONDS = 60
MAX_TRIES = 16
GRANT_DELAY_SECONDS = 180  # after which most grants are known; retries wait for the rest


def child(parent: pulumi.Resource, *depends_on: pulumi.Resource, **hooks: Any) -> pulumi.ResourceOptions:
    """The options of a component's part, made after others; it is tried again as long as Azure is not ready."""
    binding = pulumi.ResourceHookBinding(on_error=[_retry_hook()], **hooks)
    return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), hooks=binding)


async def wait_for_grants(resource: pulumi.ResourceHookArgs) -> None:
    """Waits before a create that Azure would refuse for want of a grant, and yet leave in the way of the next try."""
    seconds = GRANT_DELAY_SECONDS
    pulumi.log.info(f"{resource.name}: it takes Azure a while to know what was granted; waiting {seconds} s for that")
    await asyncio.sleep(seconds)


def pause_seconds(tries: int) -> int:
    """The pause after so many tries."""
    return min(10 * tries, MAX_PAUSE_SECONDS)


@functools.cache
def _retry_hook() -> pulumi.ErrorHook:
    return pulumi.ErrorHook("retry", _retry)


async def _retry(failed: pulumi.ErrorHookArgs) -> bool:
    newest, tries = failed.errors[0], len(failed.errors)
    if tries >= MAX_TRIES or not RETRYABLE_ERRORS.search(newest):
        return False
    pause = pause_seconds(tries)
    pulumi.log.info(f"{failed.name}: Azure is not ready yet; once more in {pause} s")
    await asyncio.sleep(pause)
    return True
