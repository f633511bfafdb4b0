"""Waiting until what Google has enabled or granted is known everywhere in Google, which takes minutes at times."""

import asyncio
import functools
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pulumi

# What is said in the meantime. Whatever else fails, fails.
NOT_YET = re.compile(
    r"has not been used in project"  # an API, enabled a moment ago
    r"|Permission denied while using the Eventarc Service Agent"
    r"|does not have permission to publish messages"  # Cloud Storage's agent, to the topic of its news
    r"|[Ss]ervice account \S+ (does not exist|was not found)"
    r"|Permission \S+ denied on .*(may not exist|could not be validated)"
)
# What holds such words, too, and won't come right: what failed while the provider waited for it is there by its name,
# and gcloud's own project is asked for where a person's credentials name none.
NEVER = re.compile(r"Error waiting (to|for) |has not been used in project 764086051850\b")
LONGEST, TRIES = 60, 8  # seconds to wait each time; some five minutes together
GRANTED_AFTER = 90  # seconds; https://cloud.google.com/iam/docs/access-change-propagation


def child(parent: pulumi.Resource, *after: pulumi.Resource, **hooks: Any) -> pulumi.ResourceOptions:
    """The options of a component's part, made after others; it is tried again as long as Google is not ready."""
    binding = pulumi.ResourceHookBinding(on_error=[_not_yet()], **hooks)
    return pulumi.ResourceOptions(parent=parent, depends_on=list(after), hooks=binding)


async def until_answered(what: str, ask: Callable[[], object]) -> None:
    """Asks until Google is ready to answer. Raises whatever else it says, of which the SDK has no narrower kind."""
    for tries in count(1):
        try:
            ask()
        except Exception as problem:
            if not await _waited(what, str(problem), tries):
                raise
        else:
            return


async def wait_for_grants(made: pulumi.ResourceHookArgs) -> None:
    """A build that is refused leaves a function that failed, whose name the next try would find taken."""
    await _wait(f"{made.name}: it takes Google a while to know who may build")


async def wait_for_readers(made: pulumi.ResourceHookArgs) -> None:
    """What is to find a secret as a file is not deployed before Google knows that it may read it."""
    await _wait(f"{made.name}: it takes Google a while to know who may read a secret")


async def _wait(why: str) -> None:
    pulumi.log.info(f"{why}; waiting {GRANTED_AFTER} s for that")
    await asyncio.sleep(GRANTED_AFTER)


@functools.cache
def _not_yet() -> pulumi.ErrorHook:
    async def try_again(failed: pulumi.ErrorHookArgs) -> bool:
        return await _waited(failed.name, failed.errors[0], len(failed.errors))

    return pulumi.ErrorHook("not-yet", try_again)


async def _waited(what: str, problem: str, tries: int) -> bool:
    """Whether to try again, when it is time to."""
    if tries >= TRIES or NEVER.search(problem) or not NOT_YET.search(problem):
        return False
    wait = min(10 * tries, LONGEST)
    pulumi.log.info(f"{what}: Google is not ready yet; once more in {wait} s")
    await asyncio.sleep(wait)
    return True
