"""This machine's server as one of the runtimes in which the same tests ask an endpoint."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.local_server import TOKEN, Server
from tests.support.runtimes import Answer, Endpoint, RuntimeStore

AT_ONCE = 16
HEADERS = {"authorization": f"Bearer {TOKEN}"}


class LocalEndpoint:
    """A server, asked through a connection for each request."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def request(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        with self._server.wait_until_ready().client() as client:
            reply = client.ask(method, path, content, {"content-type": "application/json", **(headers or {})})
            return Answer(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.body)

    def requests(
        self, times: int, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None
    ) -> list[Answer]:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda _: self.request(method, path, body, headers), range(times)))

    def failure(self) -> str:
        assert self._server.process is not None
        assert self._server.process.wait(20) != 0
        return self.log()

    def log(self) -> str:
        return self._server.log()

    def events(self, event: str) -> list[dict[str, Any]]:
        return self._server.events(event)


class LocalRuntime:
    """The server's program, and a folder for each store."""

    caller_headers = HEADERS
    request_id = ""
    refusal = ""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count()

    @contextmanager
    def new_store(self) -> Iterator[RuntimeStore]:
        folder = self._folder / f"store-{next(self._numbers)}"
        folder.mkdir()
        yield RuntimeStore(str(folder), {})

    @contextmanager
    def endpoint(self, home: Path, environment: dict[str, str]) -> Iterator[Endpoint]:
        home.mkdir()
        server = Server(home)
        server.settings["store"] = environment["STORE"]
        server.process = server.launch()
        try:
            yield LocalEndpoint(server)
        finally:
            server.stop(signal.SIGKILL)


@contextmanager
def open_runtime(folder: Path) -> Iterator[LocalRuntime]:
    """The runtime, with its stores in `folder`."""
    yield LocalRuntime(folder)
