"""The same rows, the same answers, byte by byte: this machine's endpoint and every cloud's entry point."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from function_code.training import run
from function_code.training.settings import Settings
from tests.support.aws import archives, events
from tests.support.aws.runtime import Function as LambdaFunction
from tests.support.azure import archives as for_azure
from tests.support.azure.runtime import App as AzureApp
from tests.support.customers import table
from tests.support.gcp.archives import built
from tests.support.gcp.runtime import Function as GoogleFunction
from tests.support.libraries import install

if sys.platform != "linux":
    pytest.skip("the clouds' own runtimes are for Linux alone", allow_module_level=True)

Ask = Callable[[str, str, str], tuple[int, bytes]]
HEADERS = {"content-type": "application/json", "x-request-id": "the-same"}
ROWS = [dict(zip(("customer", "visits", "plan"), line.split(",")[:3], strict=True)) for line in
        table(7, 120).decode().splitlines()[1:]]  # fmt: skip
INSTANCES = [{**row, "visits": float(row["visits"])} for row in ROWS]
ASKED = [
    ("POST", "/predict", json.dumps({"instances": INSTANCES})),
    ("POST", "/v1/models/model:predict?top=1", json.dumps({"instances": INSTANCES[:7]})),
    ("POST", "/explain", json.dumps({"instances": INSTANCES})),
    ("POST", "/predict", json.dumps({"instances": [{}, {"visit": 1}]})),
    ("POST", "/predict", "not JSON"),
    ("GET", "/v1/models/model", ""),
    ("GET", "/openapi.json", ""),
    ("GET", "/", ""),
]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A model that was trained, in a folder that every entry point can read."""
    found = Registry(Store(str(tmp_path_factory.mktemp("store"))), "model")
    settings = Settings("bought", ids=("customer",), budget=3)
    assert run.train(table(rows=1000), "customers.csv", settings, found, print).promoted
    return found


@pytest.fixture(scope="module")
def places(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ask]]:
    """How to ask each."""
    home = tmp_path_factory.mktemp("functions")
    environment = {"STORE": registry.store.url, "MODEL": "model"}
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")

    def local(method: str, path: str, body: str) -> tuple[int, bytes]:
        plain, _, query = path.partition("?")
        answer = app.handle(Request(method, plain, query, HEADERS, body.encode()))
        return answer.status, answer.body

    with ExitStack() as stack:
        handler, runtime = "function_code.entrypoints.aws.predict.predict", install(home / "runtime", archives.RUNTIME)
        package = archives.serving(home / "package")
        on_aws = stack.enter_context(LambdaFunction(handler, package, runtime, home / "aws", environment))
        on_google = stack.enter_context(
            GoogleFunction("predict", *built("serving", home / "built"), home / "gcp", environment)
        )

        on_azure = stack.enter_context(
            AzureApp(
                for_azure.python(),
                for_azure.unpack_package("serving", home / "azure-package"),
                for_azure.library(home / "azure-library"),
                home / "azure",
                environment,
            )
        )

        def aws(method: str, path: str, body: str) -> tuple[int, bytes]:
            answer = on_aws.request(events.api_request(method, path, body, HEADERS))
            return answer.status, answer.body.encode()

        def gcp(method: str, path: str, body: str) -> tuple[int, bytes]:
            answer = on_google.request(method, path, body, HEADERS)
            return answer.status, answer.body

        def azure(method: str, path: str, body: str) -> tuple[int, bytes]:
            answer = on_azure.request(method, path, body, HEADERS)
            return answer.status, answer.body

        yield {"local": local, "aws": aws, "gcp": gcp, "azure": azure}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]} {len(asked[2])}")
def test_every_entry_point_answers_the_same(places: dict[str, Ask], asked: tuple[str, str, str]) -> None:
    answers = {place: ask(*asked) for place, ask in places.items()}
    assert answers["local"][0] in (200, 400, 422)
    assert answers["local"][1]
    assert answers["aws"] == answers["local"]
    assert answers["gcp"] == answers["local"]
    assert answers["azure"] == answers["local"]


def test_every_cloud_is_asked(places: dict[str, Ask]) -> None:
    clouds = {path.parent.name for path in Path(run.__file__).parents[2].glob("components/*/endpoint.py")}
    assert places.keys() == clouds
