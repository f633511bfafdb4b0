"""Retries until what Google has enabled or granted is known everywhere in Google, which takes minutes at times."""

import asyncio
import functools
import re
from collections.abc import Callable
from itertools import count
from typing import Any

import pulumi

# The errors in the meantime. Any other is final.
RETRYABLE_ERRORS = re.compile(
    r"has not been used in project"  # an API, enabled a moment ago
    r"|Permission denied while using the Eventarc Service Agent"
    r"|does not have permission to publish messages"  # Cloud Storage's agent, to the topic of its events
    r"|[Ss]ervice account \S+ (does not exist|was not found)"
    r"|Permission \S+ denied on .*(may not exist|could not be validated)"
)
# Final, though they hold such words, too: what failed while the provider waited for it is there by its name, and
# gcloud's own project is asked for where a person's credentials name none.
FINAL_ERRORS = re.compile(r"Error waiting (to|for) |has not been used in project 764086051850\b")
MAX_PAUSE_SECONDS = 60  # before each retry; some five minutes together
MAX_TRIES = 8
GRANT_DELAY_SECONDS = 90  # https://cloud.google.com/iam/docs/access-change-propagation


def child(parent: pulumi.Resource, *depends_on: pulumi.Resource, **hooks: Any) -> pulumi.ResourceOptions:
    """The options of a component's part, made after others; it is tried again as long as Google is not ready."""
    binding = pulumi.ResourceHookBinding(on_error=[_retry_hook()], **hooks)
    return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), hooks=binding)


async def retry_call(name: str, call: Callable[[], object]) -> None:
    """Calls until Google is ready to answer. Raises any other error; the SDK has no narrower kind for these."""
    for tries in count(1):
        try:
            call()
        except Exception as problem:
            if not await _pause_before_retry(name, str(problem), tries):
                raise
        else:
            return


async def wait_for_grants(resource: pulumi.ResourceHookArgs) -> None:
    """Waits before a build: one that is refused leaves a failed function, whose name the next try would find taken."""
    await _wait(f"{resource.name}: it takes Google a while to know who may build")


async def wait_for_readers(resource: pulumi.ResourceHookArgs) -> None:
    """Waits until Google knows who may read a secret, before anything that has it as a file is deployed."""
    await _wait(f"{resource.name}: it takes Google a while to know who may read a secret")


async def _wait(why: str) -> None:
    pulumi.log.info(f"{why}; waiting {GRANT_DELAY_SECONDS} s for that")
    await asyncio.sleep(GRANT_DELAY_SECONDS)


@functools.cache
def _retry_hook() -> pulumi.ErrorHook:
    async def retry(failed: pulumi.ErrorHookArgs) -> bool:
        return await _pause_before_retry(failed.name, failed.errors[0], len(failed.errors))

    return pulumi.ErrorHook("retry", retry)


async def _pause_before_retry(name: str, problem: str, tries: int) -> bool:
    """Tells whether to retry, after the pause for it."""
    if tries >= MAX_TRIES or FINAL_ERRORS.search(problem) or not RETRYABLE_ERRORS.search(problem):
        return False
    pause = min(10 * tries, MAX_PAUSE_SECONDS)
    pulumi.log.info(f"{name}: Google is not ready yet; once more in {pause} s")
    await asyncio.sleep(pause)
    return True
