"""Functions as Google runs them, and the bucket they share."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest

from components.source_archive import ENTRY_POINTS
from function_code.registry import Registry
from function_code.store import Store
from tests.functions.front import Front, fronting
from tests.gcp import unpacked
from tests.gcp.cloud_storage import BUCKET, refusal, serving
from tests.gcp.google_runtime import Function

URL = f"gs://{BUCKET}"
# As Cloud Storage answers to somebody who may not, or not any more.
DENIED = 403, refusal("AccessDenied", "Access denied.")

Start = Callable[..., Function]

if sys.platform != "linux":
    collect_ignore_glob = ["test_*"]  # it is on Linux alone that Google's framework has its production server


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """By entry point, what Google's builder makes of the archives."""
    home = tmp_path_factory.mktemp("built")
    return {ENTRY_POINTS[half]: unpacked.built(half, home / half) for half in ENTRY_POINTS}


def environment_of(front: Front) -> dict[str, str]:
    """By which a client finds the bucket, and shows nobody's credentials."""
    key = {
        "gcs_base_url": f"http://127.0.0.1:{front.server_port}",
        "disable_oauth": True,
        "client_email": "",
        "private_key": "",
        "private_key_id": "",
    }
    return {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(key), "GOOGLE_ALLOW_HTTP": "true"}


@pytest.fixture
def front() -> Iterator[Front]:
    with serving() as address, fronting(address, DENIED) as made:
        yield made


@pytest.fixture
def registry(front: Front) -> Registry:
    """The registry in the bucket, as somebody at a desk sees it."""
    with patch.dict(os.environ, environment_of(front)):
        return Registry(Store(URL), "model")


@pytest.fixture
def start(front: Front, built: dict[str, tuple[Path, Path]], tmp_path: Path) -> Iterator[Start]:
    """Starts a function: `start(entry_point)`, with more of an environment if need be."""
    numbers = count()
    with ExitStack() as stack:

        def begin(entry_point: str, **more: str) -> Function:
            environment = {**environment_of(front), "STORE": URL, "MODEL": "model", **more}
            home = tmp_path / f"function-{next(numbers)}"
            return stack.enter_context(Function(entry_point, *built[entry_point], home, environment))

        yield begin
