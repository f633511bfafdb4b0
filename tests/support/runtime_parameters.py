"""The runtimes as parameters of tests."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support import local_adapter
from tests.support.aws import adapter as aws_adapter
from tests.support.azure import adapter as azure_adapter
from tests.support.gcp import adapter as gcp_adapter
from tests.support.runtimes import Runtime

OPENERS: dict[str, Callable[[Path], AbstractContextManager[Runtime]]] = {
    "aws": aws_adapter.open_runtime,
    "gcp": gcp_adapter.open_runtime,
    "azure": azure_adapter.open_runtime,
    "local": local_adapter.open_runtime,
}
# A runtime's tests share what they set up, and run beside the other runtimes'.
RUNTIMES = [pytest.param(name, marks=pytest.mark.xdist_group(f"contract-{name}")) for name in OPENERS]
IN_CLOUDS = pytest.mark.parametrize("runtime", RUNTIMES[:-1], indirect=True)
AT_ONCE = pytest.mark.parametrize("runtime", RUNTIMES[1:], indirect=True)
"""Lambda gives an instance one request at a time."""
