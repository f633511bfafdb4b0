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
from tests.support import orders
from tests.support.customers import table
from tests.support.runtimes import Answer, OpenRuntime

Ask = Callable[[str, str, str], Answer]
HEADERS = {"content-type": "application/json", "x-request-id": "the-same"}
ROWS = [dict(zip(("customer", "visits", "plan"), line.split(",")[:3], strict=True)) for line in
        table(7, 120).decode().splitlines()[1:]]  # fmt: skip
INSTANCES = [{**row, "visits": float(row["visits"])} for row in ROWS]
REQUESTS = [
    ("model", "POST", "/predict", json.dumps({"instances": INSTANCES})),
    ("model", "POST", "/v1/models/model:predict?top=1", json.dumps({"instances": INSTANCES[:7]})),
    ("model", "POST", "/explain", json.dumps({"instances": INSTANCES})),
    ("model", "POST", "/predict", json.dumps({"instances": [{}, {"visit": 1}]})),
    ("model", "POST", "/predict", "not JSON"),
    ("model", "GET", "/v1/models/model", ""),
    ("model", "GET", "/openapi.json", ""),
    ("model", "GET", "/", ""),
    ("recommender", "POST", "/predict", orders.REQUEST),
    ("recommender", "POST", "/v1/models/recommender:predict?top=3&because=true&unseen=true", orders.REQUEST),
    ("recommender", "POST", "/predict", json.dumps({"instances": [{"history": "p1"}]})),
    ("recommender", "GET", "/openapi.json", ""),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A folder that every entry point can read, with a model of rows and one of events."""
    folder = Store(str(tmp_path_factory.mktemp("store")))
    settings = Settings("bought", id=("customer",), budget=3)
    assert run.train(table(rows=1000), "customers.csv", settings, Registry(folder, "model"), print).promoted
    events, of_events = orders.orders_csv(), Settings.of(orders.SETTINGS)
    assert run.train(events, "orders.csv", of_events, Registry(folder, "recommender"), print).promoted
    return folder


@pytest.fixture(scope="module")
def entry_points(
    store: Store, open_runtime: OpenRuntime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, Ask]]]:
    """Functions that send a request, by model and by entry point."""
    home = tmp_path_factory.mktemp("functions")

    def local(model: str) -> Ask:
        models = ModelCache(Registry(store, model))
        models.refresh()
        app = App(models, model)

        def ask(method: str, path: str, body: str) -> Answer:
            plain, _, query = path.partition("?")
            answer = app.handle(Request(method, plain, query, HEADERS, body.encode()))
            return Answer(answer.status, answer.headers, answer.body)

        return ask

    def cloud(name: str, model: str) -> Ask:
        environment = {"STORE": store.url, "MODEL": model}
        endpoint = stack.enter_context(open_runtime(name).endpoint(home / f"{name}-{model}", environment))
        return lambda method, path, body: endpoint.request(method, path, body, HEADERS)

    with ExitStack() as stack:
        yield {
            model: {"local": local(model), **{name: cloud(name, model) for name in ("aws", "gcp", "azure")}}
            for model in ("model", "recommender")
        }


@pytest.mark.parametrize("request_parts", REQUESTS, ids=lambda parts: f"{' '.join(parts[:3])} {len(parts[3])}")
def test_every_entry_point_answers_the_same(
    entry_points: dict[str, dict[str, Ask]], request_parts: tuple[str, str, str, str]
) -> None:
    model, *parts = request_parts
    answers = {name: ask(*parts) for name, ask in entry_points[model].items()}
    assert answers["local"].status in (200, 400, 422)
    assert answers["local"].body
    assert {(answer.status, answer.body) for answer in answers.values()} == {
        (answers["local"].status, answers["local"].body)
    }


def test_every_cloud_is_asked(entry_points: dict[str, dict[str, Ask]]) -> None:
    clouds = {path.parent.name for path in Path(run.__file__).parents[2].glob("components/*/endpoint.py")}
    assert entry_points["model"].keys() == entry_points["recommender"].keys() == clouds
