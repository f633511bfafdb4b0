"""Waiting until what Azure has made or granted is known everywhere in Azure, which takes minutes at times."""

import asyncio
import functools
import re
from typing import Any

import pulumi

# What is said in the meantime. Whatever else fails, fails.
NOT_YET = re.compile(
    r"PrincipalNotFound|does not exist in the directory|AnotherOperationInProgress|another operation is in progress"
    r"|unable to pull image using Managed identity|egmsivalidation"
)
# Seconds to wait each time; some twelve minutes together: what somebody was granted may not be known to all for ten.
LONGEST, TRIES = 60, 16
GRANTED_AFTER = 180  # seconds after which most grants are known, the rest by the tries


def child(parent: pulumi.Resource, *after: pulumi.Resource, **hooks: Any) -> pulumi.ResourceOptions:
    """The options of a component's part, made after others; it is tried again as long as Azure is not ready."""
    binding = pulumi.ResourceHookBinding(on_error=[_not_yet()], **hooks)
    return pulumi.ResourceOptions(parent=parent, depends_on=list(after), hooks=binding)


async def wait_for_grants(made: pulumi.ResourceHookArgs) -> None:
    """What Azure refuses for want of a grant it may have made before; that is then in the way of the next try."""
    pulumi.log.info(f"{made.name}: it takes Azure a while to know what was granted; waiting {GRANTED_AFTER} s for that")
    await asyncio.sleep(GRANTED_AFTER)


def pause(tries: int) -> int:
    """Seconds to wait after so many tries."""
    return min(10 * tries, LONGEST)


@functools.cache
def _not_yet() -> pulumi.ErrorHook:
    return pulumi.ErrorHook("not-yet", _try_again)


async def _try_again(failed: pulumi.ErrorHookArgs) -> bool:
    newest, tries = failed.errors[0], len(failed.errors)
    if tries >= TRIES or not NOT_YET.search(newest):
        return False
    wait = pause(tries)
    pulumi.log.info(f"{failed.name}: Azure is not ready yet; once more in {wait} s")
    await asyncio.sleep(wait)
    return True
