"""Runtimes in which the same tests ask an endpoint: one for each cloud, and this machine's server."""

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from unittest.mock import patch

from function_code.registry import Registry
from function_code.store import Store
from tests.support.fault_proxy import Front

TIMEOUT_SECONDS = 10.0


class Answer(NamedTuple):
    """An answer to a request, as the cloud would send it on."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Endpoint(Protocol):
    """An endpoint in its own process."""

    def request(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send a request; return its answer."""

    def requests(
        self, times: int, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None
    ) -> Sequence[Answer]:
        """Send as many equal requests at once; return their answers."""

    def failure(self) -> str:
        """Return the reason for which it did not start."""

    def log(self) -> str:
        """Return the log so far."""

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return the log's lines of one kind so far."""


@dataclass(frozen=True)
class RuntimeStore:
    """An empty store; `environment` leads clients to it, through `front` where it lies behind a network."""

    url: str
    environment: dict[str, str]
    front: Front | None = None

    @property
    def registry(self) -> Registry:
        """The registry in it, as somebody at a desk sees it."""
        with patch.dict(os.environ, self.environment):
            return Registry(Store(self.url), "model")


class Runtime(Protocol):
    """A runtime, with the code that serves unpacked for it."""

    caller_headers: dict[str, str]
    """Headers that the cloud adds to a caller's own; of their last one's value the log must be free."""
    request_id: str
    """The cloud's own id of each request; empty where each has another one."""
    refusal: str
    """The text by which the store refuses credentials whose time is up."""

    def new_store(self) -> AbstractContextManager[RuntimeStore]:
        """Make an empty store, for as long as the context lasts."""

    def endpoint(self, home: Path, environment: dict[str, str]) -> AbstractContextManager[Endpoint]:
        """Start an endpoint with a folder of its own and this environment."""


OpenRuntime = Callable[[str], Runtime]
Start = Callable[..., Endpoint]


def wait_until(condition: Callable[[], bool]) -> None:
    """Check a condition until it holds. Raises AssertionError if it does not in time."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
