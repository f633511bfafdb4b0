"""The same rows, the same answers, byte by byte: this machine's endpoint and every cloud's entry point."""

import json
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
from tests.support.customers import table
from tests.support.runtimes import Answer, OpenRuntime

Ask = Callable[[str, str, str], Answer]
HEADERS = {"content-type": "application/json", "x-request-id": "the-same"}
ROWS = [dict(zip(("customer", "visits", "plan"), line.split(",")[:3], strict=True)) for line in
        table(7, 120).decode().splitlines()[1:]]  # fmt: skip
INSTANCES = [{**row, "visits": float(row["visits"])} for row in ROWS]
REQUESTS = [
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
    local_registry = Registry(Store(str(tmp_path_factory.mktemp("store"))), "model")
    settings = Settings("bought", id=("customer",), budget=3)
    assert run.train(table(rows=1000), "customers.csv", settings, local_registry, print).promoted
    return local_registry


@pytest.fixture(scope="module")
def entry_points(
    registry: Registry, open_runtime: OpenRuntime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Ask]]:
    """Functions that send a request, by entry point."""
    home = tmp_path_factory.mktemp("functions")
    environment = {"STORE": registry.store.url, "MODEL": "model"}
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")

    def local(method: str, path: str, body: str) -> Answer:
        plain, _, query = path.partition("?")
        answer = app.handle(Request(method, plain, query, HEADERS, body.encode()))
        return Answer(answer.status, answer.headers, answer.body)

    def cloud(name: str) -> Ask:
        endpoint = stack.enter_context(open_runtime(name).endpoint(home / name, environment))
        return lambda method, path, body: endpoint.request(method, path, body, HEADERS)

    with ExitStack() as stack:
        yield {"local": local, **{name: cloud(name) for name in ("aws", "gcp", "azure")}}


@pytest.mark.parametrize("request_parts", REQUESTS, ids=lambda parts: f"{parts[0]} {parts[1]} {len(parts[2])}")
def test_every_entry_point_answers_the_same(entry_points: dict[str, Ask], request_parts: tuple[str, str, str]) -> None:
    answers = {name: ask(*request_parts) for name, ask in entry_points.items()}
    assert answers["local"].status in (200, 400, 422)
    assert answers["local"].body
    assert {(answer.status, answer.body) for answer in answers.values()} == {
        (answers["local"].status, answers["local"].body)
    }


def test_every_cloud_is_asked(entry_points: dict[str, Ask]) -> None:
    clouds = {path.parent.name for path in Path(run.__file__).parents[2].glob("components/*/endpoint.py")}
    assert entry_points.keys() == clouds
