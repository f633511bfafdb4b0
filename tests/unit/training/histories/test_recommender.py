"""A training on events, from the file to a version that serves, and what keeps it from serving."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.histories import search, similarity
from function_code.training.publish import PublishedVersion
from function_code.training.run import train
from function_code.training.settings import Settings
from tests.support.client import ask
from tests.support.orders import orders, orders_csv
from tests.support.tables import csv_bytes

NAMES = {"user": "customer", "item": "product", "when": "date", "budget": 0.5}


def trained(registry: Registry, data: bytes, log: list[str] | None = None, **more: Any) -> PublishedVersion:
    lines: list[str] = [] if log is None else log
    return train(data, "orders.csv", Settings(**{**NAMES, **more}), registry, lines.append)


def test_what_follows_from_a_history_is_found(registry: Registry) -> None:
    log: list[str] = []
    outcome = trained(registry, orders_csv(), log)
    assert (outcome.promoted, outcome.reasons) == (True, [])
    manifest = outcome.manifest
    assert (manifest["task"], manifest["target"]) == ("recommendation", "product")
    assert manifest["metrics"]["ndcg_at_5"] > 1.5 * manifest["baseline"]["ndcg_at_5"]
    assert manifest["metrics"]["hit_rate_at_5"] > 0.5
    assert manifest["dataset"]["events"] == len({tuple(row[:3]) for row in orders()})
    assert {gate["gate"]: gate["passed"] for gate in manifest["gates"]} == dict.fromkeys(
        ("parity", "baseline", "serving"), True
    )
    report = registry.artifact(outcome.version, "report.html", manifest).decode()
    assert "New users, without a history, get what is popular" in report
    assert any("validation NDCG@5" in line for line in log)


def test_a_history_that_means_nothing_does_not_serve(registry: Registry) -> None:
    rows = orders()
    chance = random.Random(0)
    for row in rows:
        row[1] = f"p{chance.randrange(40)}"
    outcome = trained(registry, orders_csv(rows))
    better = outcome.manifest["metrics"]["ndcg_at_5"] > outcome.manifest["baseline"]["ndcg_at_5"]
    assert outcome.promoted is better
    assert better is False or any("may well be chance" in each for each in outcome.manifest["warnings"])


def test_the_latest_products_are_recommended(registry: Registry) -> None:
    """An item of the held-out time alone is learned by what serves."""
    rows = orders()
    last = max(str(row[2]) for row in rows)
    rows += [[f"u{number}", "brand new", last, 1] for number in range(60)]
    outcome = trained(registry, orders_csv(rows))
    assert "brand new" in outcome.manifest["schema"]["classes"]
    document = json.loads(registry.artifact(outcome.version, "model.json", outcome.manifest))
    assert document["model"]["kind"] == "neighbours"


def test_the_same_again_serves_and_a_worse_one_does_not(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained(registry, orders_csv())
    second = trained(registry, orders_csv())
    assert second.promoted
    assert f"that of the serving version {first.version}" in second.against.detail
    monkeypatch.setattr("function_code.training.histories.search.PENALTIES", {"cosine": (1e6,)})
    monkeypatch.setattr("function_code.training.histories.search.HISTORY_STEPS", (None,))
    monkeypatch.setattr("function_code.training.histories.search.PAIR_STEPS", (None,))
    third = trained(registry, orders_csv())
    assert third.promoted is False
    pointer = registry.pointer()
    assert pointer is not None
    assert pointer.stable == second.version


def test_tables_that_go_silently_wrong_do_not_serve(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = similarity.Similarity.cut

    def other(self: similarity.Similarity, count: int) -> similarity.Similarity:
        right = cut(self, count)
        return similarity.Similarity(
            right.weights + 0.3 * right.unit * (right.weights != 0), right.popularity, right.half_life
        )

    monkeypatch.setattr(similarity.Similarity, "cut", other)
    outcome = trained(registry, orders_csv())
    assert not outcome.promoted
    assert "largest difference from the trained model" in outcome.reasons[0]


def test_another_model_is_no_obstacle(registry: Registry) -> None:
    rows = orders()
    trained(registry, orders_csv(rows))
    header = orders_csv(rows).replace(b"customer,product", b"client,article")
    outcome = trained(registry, header, user="client", item="article")
    assert outcome.promoted
    assert "does recommendation of 'product', not recommendation of 'article'" in outcome.against.detail
    assert outcome.against.uncompared


PRODUCTS: dict[str, Callable[[int], Any]] = {
    "binary": lambda number: "yes" if number > 50 else "no",
    "multiclass": lambda number: "abc"[number // 34],
    "regression": lambda number: number * 0.37,
}


@pytest.mark.parametrize("task", PRODUCTS)
@pytest.mark.parametrize("recommends_first", [False, True])
def test_another_task_under_the_same_name(registry: Registry, task: str, recommends_first: bool) -> None:
    rows = [[number % 101, PRODUCTS[task](number % 101)] for number in range(120)]
    row_settings = Settings("product", budget=0.2)
    trainings: list[Callable[[], PublishedVersion]] = [
        lambda: train(csv_bytes(["number", "product"], rows), "rows.csv", row_settings, registry, lambda line: None),
        lambda: trained(registry, orders_csv()),
    ]
    first, second = (each() for each in (reversed(trainings) if recommends_first else trainings))
    assert first.promoted
    assert second.against.uncompared
    assert any(warning.startswith("not compared with what serves") for warning in second.manifest["warnings"])
    assert second.promoted
    models = ModelCache(registry)
    models.refresh()
    assert ask(App(models, "model"), "GET", "/v1/models/model").content["schema"]["task"] == (
        task if recommends_first else "recommendation"
    )


def test_a_serving_version_that_cannot_be_read_is_no_obstacle(registry: Registry) -> None:
    version = trained(registry, orders_csv()).version
    key = f"models/model/versions/{version}/manifest.json"
    registry.store.put(key, registry.store.get(key).replace(b'"candidates"', b'"attempts"'))
    outcome = trained(registry, orders_csv())
    assert outcome.against.uncompared
    assert outcome.promoted


def test_what_the_budget_is_too_short_for_is_named(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {**search.SECONDS_OF_1000, search.SHALLOW: (1e6, 0)}
    monkeypatch.setattr(search, "SECONDS_OF_1000", seconds)
    manifest = trained(registry, orders_csv()).manifest
    assert manifest["warnings"] == ["shallow was not tried: it takes about 1000000 s of the budget's 0.5"]
    settings = [each["setting"] for each in manifest["candidates"] if each["name"] == search.COSINE]
    assert {setting["pair_steps"] for setting in settings} == {None}  # a second one would have left no time


def test_too_few_users(registry: Registry) -> None:
    with pytest.raises(
        Refused,
        match=r"at least 20 users are needed .* has \d, and 57 of its 60 users have events at more than one time",
    ):
        trained(registry, orders_csv(orders(users=60)))
    assert registry.versions() == []
