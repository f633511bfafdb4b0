"""AWS's runtime client as one of the runtimes in which the same tests ask an endpoint."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.aws import archives, events
from tests.support.aws.bucket import EXPIRED, SIGNED
from tests.support.aws.runtime import PREDICT, Function
from tests.support.fault_proxy import fronting
from tests.support.libraries import install
from tests.support.runtimes import Answer, Endpoint, RuntimeStore
from tests.support.s3_server import serving

HEADERS = {"authorization": "Bearer a-callers-own"}


class AwsEndpoint:
    """A Lambda function, asked by events of API Gateway."""

    def __init__(self, function: Function) -> None:
        self._function = function

    def request(self, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Answer:
        lowered = {name.lower(): value for name, value in (headers or {}).items()}  # as API Gateway has them
        answer = self._function.request(events.api_request(method, path, body or "", lowered))
        return Answer(answer.status, answer.headers, answer.body.encode())

    def requests(
        self, times: int, method: str, path: str, body: bytes | str = b"", headers: dict[str, str] | None = None
    ) -> list[Answer]:
        """One after the other, as Lambda sends them to an instance."""
        return [self.request(method, path, body, headers) for _ in range(times)]

    def failure(self) -> str:
        kind, content = self._function.invoke({})
        assert kind == "error"
        return json.dumps(content)

    def log(self) -> str:
        return self._function.log()

    def events(self, event: str) -> list[dict[str, Any]]:
        return self._function.events(event)


class AwsRuntime:
    """The runtime client, and a server of the S3 protocol with a bucket for each store."""

    caller_headers = HEADERS
    request_id = "JKJaXmPLvHcESHA="
    refusal = "ExpiredToken: The provided token has expired."

    def __init__(self, libraries: Path, package: Path, environment: dict[str, str]) -> None:
        self._libraries, self._package, self._environment = libraries, package, environment
        self._numbers = count()

    @contextmanager
    def new_store(self) -> Iterator[RuntimeStore]:
        server = self._environment["AWS_ENDPOINT_URL"].removeprefix("http://")
        with fronting(server, (400, EXPIRED)) as front:
            bucket = f"store-{next(self._numbers)}"
            front.ask("PUT", f"/{bucket}", SIGNED)
            address = f"http://127.0.0.1:{front.server_port}"
            yield RuntimeStore(f"s3://{bucket}", {**self._environment, "AWS_ENDPOINT_URL": address}, front)

    @contextmanager
    def endpoint(self, home: Path, environment: dict[str, str]) -> Iterator[Endpoint]:
        with Function(PREDICT, self._package, self._libraries, home, environment) as function:
            yield AwsEndpoint(function)


@contextmanager
def open_runtime(folder: Path) -> Iterator[AwsRuntime]:
    """The runtime, with what it needs in `folder`, for as long as the context lasts."""
    (folder / "empty").mkdir()
    with serving(folder / "empty") as environment:
        libraries = install(folder / "libraries", archives.RUNTIME)
        yield AwsRuntime(libraries, archives.serving(folder / "package"), environment)
