"""Requests by the deployer's identity, for what Pulumi's provider has no resources: code, blobs, messages, tokens."""

import asyncio
import itertools
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pulumi

from components.azure.deployer import token
from components.azure.deployment_retries import MAX_TRIES, pause_seconds

RESPONSE_TIMEOUT_SECONDS = 600  # a large package takes minutes


@dataclass(frozen=True)
class Response:
    """The response to a request; `status` is 0 if there was none, and `text` says why."""

    status: int
    text: str
    etag: str = ""

    def __str__(self) -> str:
        return f"{self.status or 'no answer'}: {' '.join(self.text.split())[:200]}".rstrip(": ")


@dataclass(frozen=True)
class Outcome:
    """The result of an attempt: its `value`; or a `problem`, and whether it is retryable, up to `max_tries`."""

    problem: str = ""
    retryable: bool = False
    value: str = ""
    max_tries: int = MAX_TRIES


async def retry(name: str, done: str, audience: str, attempt: Callable[[str], Awaitable[Outcome]]) -> str:
    """Attempts something, with a token, until it is `done`; returns its value. Raises RuntimeError if that fails."""
    for tries in itertools.count(1):
        outcome = await attempt(await token(audience))
        if not outcome.problem:
            break
        if not outcome.retryable or tries >= outcome.max_tries:
            raise RuntimeError(f"{name} was not {done}: {outcome.problem}")
        pause = pause_seconds(tries)
        pulumi.log.info(f"{name}: Azure is not ready yet ({outcome.problem}); once more in {pause} s")
        await asyncio.sleep(pause)
    return outcome.value


def send(method: str, url: str, bearer: str, headers: Mapping[str, str], body: Path | bytes | None = None) -> Response:
    """Sends a request, whose body may be a file, with a token if there is one; waits for the response."""
    sent_headers = {**({"authorization": f"Bearer {bearer}"} if bearer else {}), **headers}
    try:
        if not isinstance(body, Path):
            return _open(method, url, sent_headers, body)
        with body.open("rb") as file:
            return _open(method, url, {**sent_headers, "content-length": str(body.stat().st_size)}, file)
    except urllib.error.HTTPError as refused:
        return Response(refused.code, refused.read().decode(errors="replace"))
    except OSError as error:
        return Response(0, str(error))


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a token is for the one server that it was issued for."""

    def redirect_request(self, *_: object) -> None:
        """Makes no request: the redirect is the response."""


def _open(method: str, url: str, headers: Mapping[str, str], body: BinaryIO | bytes | None) -> Response:
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - they begin with https://
    with urllib.request.build_opener(_NoRedirects).open(request, timeout=RESPONSE_TIMEOUT_SECONDS) as response:
        return Response(response.status, response.read().decode(errors="replace"), response.headers.get("etag", ""))


def with_hook(name: str, function: pulumi.ResourceHookFunction, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """The options of a resource that stands for the work of a hook: it is created and updated if that succeeds."""
    hook = pulumi.ResourceHook(name, function)
    binding = pulumi.ResourceHookBinding(before_create=[hook], before_update=[hook])
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=binding))
