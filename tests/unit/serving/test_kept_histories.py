"""Histories that the store keeps, for requests that name a user and have none."""

import json
from pathlib import Path
from typing import Any

import pytest

from function_code import cli
from function_code.errors import Refused, Unreachable
from function_code.registry import Registry
from function_code.scoring import kept_histories
from function_code.scoring.kept_histories import INDEX, SHARDS
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from function_code.training.histories import keep as keep_module
from tests.support import factories
from tests.support.client import ask, predict

EVENTS = [
    ("u1", "cup", "2025-01-01"),
    ("u1", "tea", "2025-01-02T10:30:00.000001Z"),
    ("007", "tea", "2025-01-01"),
    ("7", "cup", "2025-01-01"),
    ("Zoë", "pot", "2025-01-01"),
    ('a "b"\\', "tea", "2025-01-01"),
]


@pytest.fixture
def app(registry: Registry) -> App:
    """Tea says 0.1 for 7, that for cup, that for pot, that for tea; the popularity is 0.04, 0.03, 0.02 and 0.01."""
    return served(registry, EVENTS)


def served(registry: Registry, events: list[tuple[str, str, str]]) -> App:
    registry.promote(factories.publish(registry, factories.SHOP, kept=factories.histories(*events)))
    return app_of(registry)


def app_of(registry: Registry) -> App:
    models = ModelCache(registry)
    models.refresh()
    assert models.last_error is None
    return App(models, "model")


def one(app: App, **instance: Any) -> Any:
    (answer,) = predict(app, [instance]).content["predictions"]
    return answer


def best(app: App, user: Any) -> tuple[str, str]:
    answer = one(app, customer=user)
    assert answer["customer"] == user
    return answer["history"], answer["items"][0]["item"]


def test_it_is_as_if_the_request_had_the_history(app: App) -> None:
    history = [{"item": item, "when": when} for user, item, when in EVENTS if user == "u1"]
    by_request, by_user = one(app, customer="u1", history=history), one(app, customer="u1")
    assert (by_request.pop("history"), by_user.pop("history")) == ("request", "kept")
    assert by_user == by_request
    assert [each["item"] for each in by_user["items"]] == ["7", "pot"]
    assert [each["item"] for each in one(app, customer="u1", exclude=["7"])["items"]] == ["pot"]


def test_reasons_are_of_the_kept_history(app: App) -> None:
    (answer,) = predict(app, [{"customer": "u1"}], "/predict?because=true&top=1").content["predictions"]
    assert [(each["item"], each["because"]) for each in answer["items"]] == [("7", "tea")]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("007", ("kept", "7")),
        ("7", ("kept", "pot")),
        (7, ("kept", "pot")),
        (7.0, ("kept", "pot")),
        (" 7 ", ("kept", "pot")),
        ("Zoë", ("kept", "tea")),
        ("Zoe\u0308", ("kept", "tea")),
        ('a "b"\\', ("kept", "7")),
        ("u", ("none", "tea")),
        ("u1\n", ("kept", "7")),
        ('u1",', ("none", "tea")),
        ("", ("none", "tea")),
        (None, ("none", "tea")),
        (True, ("none", "tea")),
        (1e300, ("none", "tea")),
        (2**70, ("none", "tea")),
    ],
)
def test_users_are_named_as_in_the_file(app: App, user: Any, expected: tuple[str, str]) -> None:
    assert best(app, user) == expected


def test_a_number_beyond_all_is_refused(app: App) -> None:
    body = b'{"instances": [{"customer": 1e999}]}'
    answer = ask(app, "POST", "/predict", body, {"content-type": "application/json"})
    assert answer.problem(422)["errors"] == [{"instance": 0, "field": "customer", "problem": "the number is too large"}]


@pytest.mark.parametrize(
    ("instance", "source", "item"),
    [
        ({"customer": "u1", "history": []}, "request", "tea"),
        ({"customer": "u1", "history": None}, "kept", "7"),
        ({"customer": "u1", "history": ["pot"]}, "request", "tea"),
        ({}, "none", "tea"),
    ],
)
def test_a_history_of_the_request_goes_before(app: App, instance: Any, source: str, item: str) -> None:
    answer = one(app, **instance)
    assert (answer["history"], answer["items"][0]["item"]) == (source, item)


@pytest.mark.parametrize("instance", ["u1", {"customer": {}}, {"customer": ["u1"]}, {"customer": "u1", "histroy": []}])
def test_what_is_wrong_is_said_as_ever(app: App, instance: Any) -> None:
    predict(app, [{"customer": "u1"}, instance]).problem(422)


def test_instances_of_all_sorts_keep_their_order(app: App) -> None:
    instances = [{"customer": user} for user in ("7", "nobody", "u1", "007", "u1")] + [{"history": ["cup"]}]
    answers = predict(app, instances).content["predictions"]
    assert [each["items"][0]["item"] for each in answers] == ["pot", "tea", "7", "7", "7", "pot"]
    assert [each["history"] for each in answers] == ["kept", "none", "kept", "kept", "kept", "request"]


def test_a_request_reads_the_shards_of_its_users_once(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_module, "SHARD_BYTES", 300)
    monkeypatch.setattr(kept_histories, "MAX_CACHED_SHARDS", 8)
    monkeypatch.setattr(kept_histories, "SHARDS_AT_ONCE", 4)
    users = [f"u{number}" for number in range(200)]
    app = served(registry, [(user, "tea" if user[-1] == "0" else "cup", "2025-01-01") for user in users])
    index = json.loads(registry.store.get(f"models/model/versions/{registry.versions()[0]}/{INDEX}"))
    assert len(index["ends"]) > 20
    read: list[list[tuple[int, int]]] = []
    pieces = Store.pieces

    def counted(store: Store, key: str, bounds: list[tuple[int, int]]) -> list[bytes]:
        read.append(bounds)
        return pieces(store, key, bounds)

    monkeypatch.setattr(Store, "pieces", counted)
    assert best(app, "u10") == ("kept", "7")
    assert best(app, "u10") == ("kept", "7")
    assert [len(bounds) for bounds in read] == [1]
    answers = predict(app, [{"customer": user} for user in users]).content["predictions"]
    assert [each["items"][0]["item"] for each in answers] == ["7" if user[-1] == "0" else "pot" for user in users]
    assert {each["history"] for each in answers} == {"kept"}
    assert max(len(bounds) for bounds in read) == 4
    assert sum(len(bounds) for bounds in read) <= len(index["ends"]) + 1
    models = app._models
    loaded = models.active.stable
    assert loaded is not None
    histories = loaded._histories
    assert histories is not None
    assert len(histories._cache) <= 8


def damage(registry: Registry, name: str, change: Any) -> None:
    (version,) = registry.versions()
    path = Path(registry.store.url.removeprefix("file://")) / f"models/model/versions/{version}/{name}"
    data = change(path.read_bytes())
    path.unlink()
    if data is not None:
        path.write_bytes(data)


def flipped(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


@pytest.mark.parametrize("name", [SHARDS, INDEX])
@pytest.mark.parametrize("change", [flipped, lambda data: data[: len(data) // 2]])
def test_a_damaged_store_is_no_answer(registry: Registry, name: str, change: Any) -> None:
    app = served(registry, EVENTS)
    damage(registry, name, change)
    with pytest.raises(Refused, match="histories"):
        predict(app, [{"customer": "u1"}])
    assert one(app, customer="u1", history=["tea"])["items"][0]["item"] == "7"


@pytest.mark.parametrize("name", [SHARDS, INDEX])
def test_histories_that_are_gone_are_no_popularity(registry: Registry, name: str) -> None:
    app = served(registry, EVENTS)
    damage(registry, name, lambda _: None)
    predict(app, [{"customer": "u1"}]).problem(503, "are gone: send the history with the request, or [] for a new user")
    assert one(app, customer="u1", history=[])["items"][0]["item"] == "tea"


def test_histories_of_earlier_versions_can_be_deleted(registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    kept = [factories.histories(("u1", item, "2025-01-01")) for item in ("tea", "7", "cup", "pot")]
    first, canary, stable, newer = (factories.publish(registry, factories.SHOP, kept=each) for each in kept)
    arguments = ["forget", "--store", registry.store.url]
    assert cli.main(arguments) == 0
    registry.promote(first)
    registry.promote(stable)
    registry.promote(canary, canary=0.5)
    registry.rollback()
    registry.promote(canary, canary=0.5)
    assert cli.main([*arguments, "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["deleted the histories that 0 earlier versions of model model kept", json.dumps([first])]
    keys = registry.store.list("models/model/versions")
    assert {key.split("/")[3] for key in keys if key.endswith((SHARDS, INDEX))} == {canary, stable, newer}
    assert {key.split("/")[3] for key in keys if key.endswith("model.json")} == {first, canary, stable, newer}
    registry.promote(first)
    predict(app_of(registry), [{"customer": "u1"}]).problem(503, first)


def test_a_store_that_is_away_is_waited_for_once(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def away(*arguments: Any, **_: Any) -> Any:
        calls.append(arguments[1])
        raise OSError("no route")

    with monkeypatch.context() as patched:
        patched.setattr("obstore.get", away)
        for _ in range(2):
            with pytest.raises(Unreachable, match="no route"):
                predict(app, [{"customer": "u1"}])
        assert len(calls) == 1  # until a look at the pointer finds the store
    with pytest.raises(Unreachable):
        predict(app, [{"customer": "u1"}])
    app._models.refresh()
    assert best(app, "u1") == ("kept", "7")


def test_each_version_has_histories_of_its_own(registry: Registry) -> None:
    owned = ("tea", "pot")
    first, second = (
        factories.publish(registry, factories.SHOP, slope, kept=factories.histories(("u1", item, "2025-01-01")))
        for slope, item in zip((0.1, 0.2), owned, strict=True)
    )
    registry.promote(first)
    registry.promote(second, canary=0.5)
    app = app_of(registry)
    answers = [predict(app, [{"customer": "u1"}]).content for _ in range(64)]
    best_of = {each["model_version"]: each["predictions"][0]["items"][0]["item"] for each in answers}
    assert best_of == {first: "7", second: "tea"}
    registry.promote(second)
    assert best(app_of(registry), "u1") == ("kept", "tea")
    registry.rollback()
    assert best(app_of(registry), "u1") == ("kept", "7")


def test_what_the_endpoint_tells_of_itself(app: App) -> None:
    assert ask(app, "GET", "/v1/models/model").content["histories"] == {"user": "customer", "users": 5, "events": 100}
    schemas = ask(app, "GET", "/openapi.json").content["components"]["schemas"]
    assert "what is kept of 'customer'" in schemas["Instance"]["properties"]["history"]["description"]
    assert schemas["Instance"]["properties"]["history"]["type"] == ["array", "null"]
    assert schemas["Prediction"]["properties"]["history"]["enum"] == ["request", "kept", "none"]


def test_without_kept_histories_nothing_changes(registry: Registry) -> None:
    registry.promote(factories.publish(registry, factories.SHOP))
    app = app_of(registry)
    assert set(one(app, customer="u1")) == {"customer", "items"}
    assert "histories" not in ask(app, "GET", "/v1/models/model").content
    schemas = ask(app, "GET", "/openapi.json").content["components"]["schemas"]
    assert schemas["Instance"]["properties"]["history"]["type"] == "array"
    assert "history" not in schemas["Prediction"]["properties"]
