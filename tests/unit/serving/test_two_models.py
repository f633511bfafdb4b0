"""Two models behind one endpoint: one of intent, and below it one that recommends, each with its own pointer."""

import json

import pytest

from function_code.entrypoints.json_log import Log
from function_code.entrypoints.model_refresh import ModelRefresher
from function_code.errors import Unreachable
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories
from tests.support.client import ask, predict

HISTORY = [{"history": [{"item": "tea", "when": "2025-01-01"}], "at": "2025-01-11"}]
TEA = [{"history": ["tea"]}]


@pytest.fixture
def models(registry: Registry) -> ModelCache:
    """The versions of a model of intent, and of one that recommends beside it."""
    registry.promote(factories.publish(registry, factories.INTENT))
    registry.items.promote(factories.publish(registry.items, factories.SHOP, report=b"<p>items</p>"))
    cache = ModelCache(registry, refresh_seconds=0.0)
    cache.refresh()
    return cache


@pytest.fixture
def app(models: ModelCache) -> App:
    return App(models, "model")


def test_each_answers_by_its_name(app: App, registry: Registry) -> None:
    intent = predict(app, HISTORY, "/v1/models/model:predict")
    assert intent.content["predictions"][0]["probabilities"]["yes"] == factories.logistic(1.0)
    assert predict(app, HISTORY).content["predictions"] == intent.content["predictions"]
    items = predict(app, TEA, "/v1/models/model/items:predict?top=1")
    assert items.content["predictions"][0]["items"][0]["item"] == "7"
    assert (items.content["model"], items.content["model_version"]) == ("model/items", registry.items.versions()[-1])
    assert (intent.content["model"], intent.content["model_version"]) == ("model", registry.versions()[-1])


def test_what_is_read_of_each(app: App) -> None:
    assert ask(app, "GET", "/v1/models/model").content["items"] == "model/items"
    assert ask(app, "GET", "/v1/models/model/items").content["task"] == "recommendation"
    assert ask(app, "GET", "/v1/models/model/items/report").body == b"<p>items</p>"
    assert ask(app, "GET", "/v1/models/model/report").status == 404
    assert ask(app, "POST", "/v1/models/model/items").status == 405
    paths = ask(app, "GET", "/v1/models/model/items/openapi.json").content["paths"]
    assert "/v1/models/model/items:predict" in paths
    assert all(path.startswith("/v1/models/model/items") for path in paths)
    assert "/v1/models/model/openapi.json" in ask(app, "GET", "/openapi.json").content["paths"]


def test_each_follows_its_own_pointer(app: App, models: ModelCache, registry: Registry) -> None:
    first = registry.items.versions()[-1]
    assert predict(app, TEA, "/v1/models/model/items:predict").content["model_version"] == first
    second = factories.publish(registry.items, factories.SHOP, slope=0.2)
    registry.items.promote(second)
    models.refresh()
    assert predict(app, TEA, "/v1/models/model/items:predict").content["model_version"] == second
    registry.items.rollback()
    models.refresh()
    assert predict(app, TEA, "/v1/models/model/items:predict").content["model_version"] == first
    assert predict(app, HISTORY).content["model_version"] == registry.versions()[-1]


def test_one_that_has_not_been_asked_for_is_not_read(models: ModelCache, app: App) -> None:
    predict(app, HISTORY)
    assert [cache.name for cache in models.caches()] == ["model"]
    predict(app, TEA, "/v1/models/model/items:predict")
    assert [cache.name for cache in models.caches()] == ["model", "model/items"]


def test_it_recommends_although_nothing_else_serves(registry: Registry) -> None:
    registry.items.promote(factories.publish(registry.items, factories.SHOP))
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    assert predict(app, HISTORY).status == 503
    assert predict(app, TEA, "/v1/models/model/items:predict").status == 200


@pytest.mark.parametrize(
    "path", ["/v1/models/model/items:predict", "/v1/models/model/items", "/v1/models/model/items/items"]
)
def test_without_one_there_is_no_such_path(registry: Registry, path: str) -> None:
    registry.promote(factories.publish(registry))
    models = ModelCache(registry)
    models.refresh()
    answer = predict(App(models, "model"), TEA, path)
    assert answer.status == 404
    assert "this endpoint knows POST /predict" in answer.content["detail"]


def test_no_path_leads_deeper(app: App) -> None:
    for path in ("/items/items", "/items/items/items:predict", "/itemsx"):
        assert ask(app, "GET", f"/v1/models/model{path}").status == 404


def test_a_store_that_is_away_is_said(registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    registry.promote(factories.publish(registry, factories.INTENT))
    models = ModelCache(registry, refresh_seconds=0.0)
    lines: list[dict[str, object]] = []
    log = Log()
    monkeypatch.setattr(log, "write", lines.append)
    refresher = ModelRefresher(models, log)
    refresher.refresh()

    def away(*_: object) -> None:
        raise Unreachable("the store is away")

    monkeypatch.setattr(Registry, "pointer", away)
    answer = predict(App(models, "model"), TEA, "/v1/models/model/items:predict")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "the store is away" not in json.dumps(answer.content)
    refresher.refresh()
    assert {"event": "refresh", "model": "model/items", "problem": "the store is away"} in lines
