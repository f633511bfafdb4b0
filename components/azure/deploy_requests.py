"""Requests of the deployer's, to what Pulumi's provider has no resources for: code, blobs, messages, tokens."""

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
from components.azure.retries import TRIES, pause

SECONDS = 600  # for an answer, which a large package takes minutes to get


@dataclass(frozen=True)
class Answer:
    """`status` is 0 if there was none; `text` then says why."""

    status: int
    text: str
    etag: str = ""

    def __str__(self) -> str:
        return f"{self.status or 'no answer'}: {' '.join(self.text.split())[:200]}".rstrip(": ")


@dataclass(frozen=True)
class Outcome:
    """What went wrong, if anything did, and whether that may pass, by so many `tries`; or else what was `found`."""

    problem: str = ""
    passing: bool = False
    found: str = ""
    tries: int = TRIES


async def patiently(name: str, done: str, audience: str, attempt: Callable[[str], Awaitable[Outcome]]) -> str:
    """Attempts something, with a token, until it is done; what it found. Raises RuntimeError if that fails."""
    for tries in itertools.count(1):
        outcome = await attempt(await token(audience))
        if not outcome.problem:
            break
        if not outcome.passing or tries >= outcome.tries:
            raise RuntimeError(f"{name} was not {done}: {outcome.problem}")
        wait = pause(tries)
        pulumi.log.info(f"{name}: Azure is not ready yet ({outcome.problem}); once more in {wait} s")
        await asyncio.sleep(wait)
    return outcome.found


def send(method: str, url: str, bearer: str, headers: Mapping[str, str], body: Path | bytes | None = None) -> Answer:
    """The answer to a request, whose body may be a file, with a token if there is one. Waits for it."""
    given = {**({"authorization": f"Bearer {bearer}"} if bearer else {}), **headers}
    try:
        if not isinstance(body, Path):
            return _asked(method, url, given, body)
        with body.open("rb") as file:
            return _asked(method, url, {**given, "content-length": str(body.stat().st_size)}, file)
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.read().decode(errors="replace"))
    except OSError as error:
        return Answer(0, str(error))


class _Staying(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else: a token is for whom it was asked for."""

    def redirect_request(self, *_: object) -> None:
        """The answer itself is the answer."""


def _asked(method: str, url: str, headers: Mapping[str, str], body: BinaryIO | bytes | None) -> Answer:
    request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - they begin with https://
    with urllib.request.build_opener(_Staying).open(request, timeout=SECONDS) as answer:
        return Answer(answer.status, answer.read().decode(errors="replace"), answer.headers.get("etag", ""))


def hooked(name: str, hook: pulumi.ResourceHookFunction, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """The options of a resource that stands for what the hook does: it is made and changed if that succeeds."""
    found = pulumi.ResourceHook(name, hook)
    doing = pulumi.ResourceHookBinding(before_create=[found], before_update=[found])
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=doing))
