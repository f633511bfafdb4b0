"""Intent learned from a file of events: by time, beside recency alone, and served as it was evaluated."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from function_code.training.histories import intent
from function_code.training.histories.intent import UserSnapshots
from function_code.training.publish import PublishedVersion
from function_code.training.run import fit, train
from function_code.training.settings import Settings
from tests.support.batch_folders import scored
from tests.support.client import predict
from tests.support.orders import HEADER, orders
from tests.support.snapshot_files import SMALL, WITH_AMOUNTS, written
from tests.support.tables import csv_bytes
from tests.support.typed_files import workbook
from tests.support.visits import visits

EVENTS: dict[str, Any] = {"user": "customer", "item": "product", "when": "date", "budget": 1.0}
SETTINGS = Settings(**EVENTS, amount="quantity", horizon="30d")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, PublishedVersion]:
    """A version that was learned from `visits`, and where it is."""
    registry = Registry(Store(str(tmp_path_factory.mktemp("store"))), "model")
    return registry, train(csv_bytes(HEADER, visits()), "orders.csv", SETTINGS, registry, lambda line: None)


def test_it_is_evaluated_by_time_beside_recency(learned: tuple[Registry, PublishedVersion]) -> None:
    _, outcome = learned
    manifest = outcome.manifest
    assert (manifest["task"], manifest["target"]) == ("binary", "bought")
    assert manifest["split"]["by"] == "time (at)"
    assert manifest["dataset"]["rows"] == len(visits()) >= manifest["dataset"]["events"]
    assert manifest["dataset"]["moments"][-1] == "2025-07-29"
    assert manifest["metrics"]["roc_auc"] > 0.8
    assert "recency alone's" in manifest["gates"][1]["detail"]
    assert 0.4 < manifest["baseline"]["log_loss"] < 0.69  # recency says much
    names = [column["name"] for column in manifest["schema"]["features"]]
    assert "days_since_last" in names
    assert not {"at", "bought", "spent", "customer"} & {*names}


def test_the_endpoint_whole_files_and_snapshots_are_equal_to_the_bit(
    learned: tuple[Registry, PublishedVersion], tmp_path: Path
) -> None:
    registry, outcome = learned
    registry.promote(outcome.version)
    models = ModelCache(registry)
    models.refresh()
    app, rows, at = App(models, "model"), visits(), "2025-08-28"
    written(tmp_path, rows, "30d", WITH_AMOUNTS)
    like = tmp_path / "like.csv"
    (tmp_path / "snapshots.csv").rename(like)
    written(tmp_path, rows, "30d", WITH_AMOUNTS, at=at, like=str(like))
    of_events = scored(registry, csv_bytes(HEADER, rows), "events.csv")
    of_features = scored(registry, (tmp_path / "snapshots.csv").read_bytes(), "features.csv")
    assert of_events.summary["at"].startswith(at)
    by_user = {row["customer"]: row["probability_yes"] for row in of_features.scores}
    assert {row["customer"]: row["probability_yes"] for row in of_events.scores} == by_user
    assert len(by_user) == len({row[0] for row in rows})
    for user in list(by_user)[::10]:
        own = [row for row in rows if row[0] == user]
        history = [{"item": item, "when": str(day), "amount": amount} for _, item, day, amount in own]
        (answer,) = predict(app, [json.loads(json.dumps({"history": history, "at": at}))]).content["predictions"]
        assert repr(answer["probabilities"]["yes"]) == by_user[user]


def test_what_serves_is_compared_by_its_own_features(learned: tuple[Registry, PublishedVersion]) -> None:
    """The frequent items have changed since, so that the features are others."""
    registry, outcome = learned
    registry.promote(outcome.version)
    rows = [[user, f"new {item}", day, amount] for user, item, day, amount in visits()]
    later = train(csv_bytes(HEADER, rows), "orders.csv", SETTINGS, registry, lambda line: None)
    assert not later.against.uncompared
    assert "on the same rows" in later.against.detail
    assert later.manifest["schema"]["history"]["features"] != outcome.manifest["schema"]["history"]["features"]


def test_a_model_that_recommends_lies_beside(registry: Registry) -> None:
    settings = Settings(**EVENTS, amount="quantity", horizon="14d")
    train(csv_bytes(HEADER, orders()), "orders.csv", settings, registry, lambda line: None)
    (version,), (of_items,) = registry.versions(), registry.items.versions()
    manifest = registry.items.manifest(of_items)
    assert (manifest["model"], manifest["task"]) == ("model/items", "recommendation")
    assert manifest["dataset"]["sha256"] == registry.manifest(version)["dataset"]["sha256"]
    pointer = registry.items.pointer()
    assert pointer is not None
    assert pointer.stable == of_items


def test_what_cannot_be_recommended_is_said_and_no_reason_to_refuse(registry: Registry) -> None:
    """Calls of one kind alone: there is nothing new to recommend to anybody."""
    rows: list[list[object]] = [[user, "call", day, amount] for user, _, day, amount in visits()]
    log: list[str] = []
    train(csv_bytes(HEADER, rows), "calls.csv", SETTINGS, registry, log.append)
    assert registry.versions()
    assert not registry.items.versions()
    (note,) = [line for line in log if "nothing is recommended beside it" in line]
    assert "at least 20 users are needed" in note


def test_a_user_is_enough_where_histories_are_kept(registry: Registry) -> None:
    rows = visits()
    most = max(sum(row[0] == user for row in rows) for user in {row[0] for row in rows})
    with pytest.raises(Refused, match=rf"a user has {most:,} events in orders.csv; .* KEEP_EVENTS={most} keeps all"):
        fit(csv_bytes(HEADER, rows), "orders.csv", Settings(**EVENTS, horizon="30d", keep_events=most - 1), print)
    settings = Settings(**EVENTS, amount="quantity", horizon="30d", keep_events=most)
    registry.promote(train(csv_bytes(HEADER, rows), "orders.csv", settings, registry, lambda line: None).version)
    models = ModelCache(registry)
    models.refresh()
    app, at = App(models, "model"), "2025-08-28"
    history = [{"item": item, "when": str(day), "amount": amount} for user, item, day, amount in rows if user == "u7"]
    by_history, by_user = (
        predict(app, [instance]).content["predictions"]
        for instance in ({"customer": "u7", "history": history, "at": at}, {"customer": "u7", "at": at})
    )
    assert by_user == by_history
    answer = predict(app, [{"customer": "nobody", "at": at}])
    assert answer.content["errors"][0]["problem"].startswith("a list of events is wanted")
    row = {
        column["name"]: column["example"] for column in registry.manifest(registry.versions()[-1])["schema"]["features"]
    }
    assert predict(app, [{"customer": "u7", **row}]).content["predictions"] == [
        {"customer": "u7", **predict(app, [row]).content["predictions"][0]}
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"horizon": "7d"}, "predicts 'bought' (no, yes) within 30d, not 'bought' (no, yes) within 7d"),
        ({"amount": ""}, "wants other columns (it has sums of amounts)"),
    ],
)
def test_what_serves_is_not_compared_where_it_answers_something_else(
    learned: tuple[Registry, PublishedVersion], more: dict[str, Any], words: str
) -> None:
    registry, outcome = learned
    trained = fit(csv_bytes(HEADER, visits()), "orders.csv", replace(SETTINGS, **more), lambda line: None)
    comparison = trained.against_serving(registry, outcome.version)
    assert comparison.uncompared
    assert words in comparison.detail


def test_an_event_of_the_future_moves_no_moment() -> None:
    rows = [*visits(), ["u1", "3", "2952-12-01", 1]]
    trained = fit(csv_bytes(HEADER, rows), "orders.csv", SETTINGS, lambda line: None)
    assert trained.manifest["dataset"]["moments"][-1] == "2025-07-29"
    (note,) = [line for line in trained.manifest["warnings"] if "future" in line]
    assert (
        note
        == f"events of the future are left out: 1 of {trained.manifest['dataset']['events'] + 1:,}, until 2952-12-01"
    )


def test_the_settings_of_a_horizon_fit_the_header_of_events() -> None:
    replace(SETTINGS, target="spent").check(HEADER, "orders.csv")
    with pytest.raises(Refused, match="target is for files with a target in each row, and taken back by TARGET="):
        Settings.of({**EVENTS, "target": "spent"})


def test_how_much_is_spent() -> None:
    settings = Settings(**EVENTS, amount="quantity", horizon="30d", target="spent")
    trained = fit(csv_bytes(HEADER, visits()), "orders.csv", settings, lambda line: None)
    assert (trained.manifest["task"], trained.manifest["target"]) == ("regression", "spent")
    assert {gate.gate: gate.passed for gate in trained.gates}["parity"]
    assert trained.manifest["metrics"]["r2"] > 0


def test_one_item_is_bought() -> None:
    """A customer of tea takes it again; the item of the target is counted, however rare it is."""
    rows = [[user, "tea" if int(str(user)[1:]) % 5 == 0 else item, day, 1] for user, item, day, _ in visits()]
    settings = Settings(**EVENTS, horizon="30d", target="bought_tea")
    trained = fit(csv_bytes(HEADER, rows), "orders.csv", settings, lambda line: None)
    assert (trained.manifest["task"], trained.manifest["target"]) == ("binary", "bought_tea")
    assert all(gate.passed for gate in trained.gates)
    assert trained.manifest["metrics"]["roc_auc"] > 0.95
    assert trained.schema.history is not None
    assert trained.schema.history["features"]["items"][0] == "tea"
    with pytest.raises(Refused, match=r"'bought_jug', and orders\.csv has no event of an item 'jug'"):
        fit(csv_bytes(HEADER, rows), "orders.csv", Settings(**EVENTS, horizon="30d", target="bought_jug"), print)


def test_one_moment_holds_out_users() -> None:
    trained = fit(csv_bytes(HEADER, visits()), "orders.csv", Settings(**EVENTS, horizon="100d"), lambda line: None)
    assert trained.manifest["split"]["by"] != "time (at)"
    assert [line for line in trained.manifest["warnings"] if "one moment alone" in line and "HORIZON=79d" in line]


def test_of_a_workbook_the_sheet_that_was_learned_from_is_scored(registry: Registry) -> None:
    book = workbook({"orders": [HEADER, *visits()], "notes": [["whom to ask"], ["me"]]})
    outcome = train(book, "orders.xlsx", replace(SETTINGS, sheet="orders"), registry, lambda line: None)
    registry.promote(outcome.version)
    assert scored(registry, book, "orders.xlsx").summary["users"] == len({row[0] for row in visits()})


def test_of_many_users_some_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intent, "MAX_ROWS", 400)
    trained = fit(csv_bytes(HEADER, visits()), "orders.csv", SETTINGS, lambda line: None)
    assert sum(trained.manifest["split"][part] for part in ("learned", "held_out")) < 600
    (note,) = [line for line in trained.manifest["warnings"] if "users take part" in line]
    assert "drawn by their names" in note
    assert trained.manifest["dataset"]["users"] == len({row[0] for row in visits()})


def test_the_latest_moment_is_tested_on_whoever_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user of the last event is not drawn; the horizon of all others is over all the same."""
    rows = visits(users=60)
    last = max(str(row[2]) for row in rows)
    rows.append(["latest", "1", f"{last}T23:59:59", 1])
    monkeypatch.setattr(intent, "MAX_ROWS", 100)
    users, table = UserSnapshots.of(pd.DataFrame(rows, columns=HEADER).astype(str), SETTINGS, "orders.csv")
    assert "latest" not in {*users.events["user"]}
    assert not (table["bought"] == "").any()


def test_nobody_who_was_there_early_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The year of one event is wrong: nobody else was there by any moment."""
    rows = [[f"u{user}", "tea", f"2025-03-{1 + user % 28:02}", 1] for user in range(200)]
    monkeypatch.setattr(intent, "MAX_ROWS", 60)
    with pytest.raises(Refused, match="at least 20 rows with a 'bought' are needed"):
        fit(csv_bytes(HEADER, [*rows, ["old", "tea", "1970-01-01", 1]]), "orders.csv", SETTINGS, lambda line: None)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"horizon": "month"}, "horizon: 'month' is no number of hours, days or weeks, such as 12h, 30d or 4w"),
        ({"item": "", "user": "", "when": "", "target": "x"}, "horizon is for events, which take user, item and when"),
        ({"target": "product"}, "target, with a horizon, is 'product'; it can be one of bought, spent, bought_ITEM"),
        ({"target": "spent"}, "target is 'spent', the sum of amounts; name their column by amount"),
        ({"group": "customer"}, "horizon is set, so users' intent is learned from events; group is for files with"),
    ],
)
def test_settings_that_do_not_fit(more: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        Settings.of({**EVENTS, "horizon": "30d", **more})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "more", "words"),
    [
        (visits(), {"horizon": "26w"}, "at most 119d fits"),
        (SMALL, {"horizon": "10d"}, "are needed to train and test; the snapshots of orders.csv has"),
        (visits(), {"horizon": "12h"}, "horizon is 12h, and the events of orders.csv have no time of day"),
        ([[1, "a", f"{day + 4000}-01-01", 1] for day in range(40)], {}, "all events of orders.csv lie in the future"),
        (visits(), {"user": "client"}, "user names the column 'client', which orders.csv does not have"),
        (visits(), {"drop": ("last_item",)}, "drop names the column 'last_item', which orders.csv does not have"),
    ],
)
def test_files_that_do_not_fit(rows: list[list[object]], more: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused) as caught:
        fit(csv_bytes(HEADER, rows), "orders.csv", Settings(**{**EVENTS, "horizon": "30d", **more}), print)
    assert words in str(caught.value)
