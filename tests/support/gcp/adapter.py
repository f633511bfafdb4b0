"""Google's functions-framework as one of the runtimes in which the same tests ask an endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.fault_proxy import fronting
from tests.support.gcp import archives
from tests.support.gcp.cloud_storage import DENIED, serving
from tests.support.gcp.runtime import URL, Function, environment_of
from tests.support.runtimes import Endpoint, RuntimeStore

TRACE = "105445aa7843bc8bf206b12000100000"
# What Cloud Run adds to a caller's own.
HEADERS = {
    "x-cloud-trace-context": f"{TRACE}/1;o=1",
    "traceparent": f"00-{TRACE}-0000000000000001-01",
    "x-forwarded-for": "205.255.255.176",
    "x-forwarded-proto": "https",
    "forwarded": 'for="205.255.255.176";proto=https',
    "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.SIGNATURE_REMOVED_BY_GOOGLE",
}


class GcpRuntime:
    """The framework, and a server of Cloud Storage for each store."""

    caller_headers = HEADERS
    request_id = TRACE
    refusal = "AccessDenied: Access denied."

    def __init__(self, source: Path, libraries: Path) -> None:
        self._source, self._libraries = source, libraries

    @contextmanager
    def new_store(self) -> Iterator[RuntimeStore]:
        with serving() as address, fronting(address, DENIED) as front:
            yield RuntimeStore(URL, environment_of(front), front)

    @contextmanager
    def endpoint(self, home: Path, environment: dict[str, str]) -> Iterator[Endpoint]:
        with Function("predict", self._source, self._libraries, home, environment) as function:
            yield function


@contextmanager
def open_runtime(folder: Path) -> Iterator[GcpRuntime]:
    """The runtime, with what it needs in `folder`."""
    yield GcpRuntime(*archives.built("serving", folder / "built"))
