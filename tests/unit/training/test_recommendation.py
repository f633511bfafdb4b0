"""Recommendation: what is owned already is never recommended, and the metrics know it."""

import json
import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.already_owned import excluded
from function_code.training.dataset import prepare
from function_code.training.evaluate import measure
from function_code.training.publish import PublishedVersion
from function_code.training.run import train
from function_code.training.settings import Settings
from function_code.training.split import split
from function_code.training.table import read_table
from tests.support.client import predict
from tests.support.tables import csv_bytes

PRODUCTS = ["P1", "P2", "P3", "P4", "P5", "P6"]
HEADER = ["user", "taste", "has", "next"]
SETTINGS = Settings("next", id=("user",), owned="has", budget=0.5)


def quiet(line: str) -> None:
    """Says nothing."""


def shop(count: int = 400) -> list[list[Any]]:
    """Customers whose taste says what they buy next, mostly something that they don't own."""
    chance = random.Random(1)
    table = []
    for number in range(count):
        has = chance.sample(PRODUCTS, chance.randint(0, 4))
        taste = chance.randrange(len(PRODUCTS))
        nearest = sorted(PRODUCTS, key=lambda product: abs(PRODUCTS.index(product) - taste))
        bought = next(product for product in nearest if product not in has or chance.random() < 0.05)
        table.append([f"u{number}", taste, chance.choice([" | ", "; ", ";"]).join(has), bought])
    return table


@pytest.fixture
def outcome(registry: Registry) -> PublishedVersion:
    published = train(csv_bytes(HEADER, shop()), "shop.csv", SETTINGS, registry, quiet)
    assert published.promoted, published.reasons
    return published


def owned_by(row: list[Any]) -> set[str]:
    return {label.strip() for label in row[2].replace("|", ";").split(";")}


def test_the_popularity_baseline_is_counted_by_hand_without_what_is_owned(outcome: PublishedVersion) -> None:
    table = shop()
    dataset = prepare(read_table(csv_bytes(HEADER, table), "shop.csv"), SETTINGS, "shop.csv")
    learn, held_out = split(dataset, np.arange(len(table)), "hold-out")
    popular = Counter(table[row][3] for row in learn)
    ranked = sorted(PRODUCTS, key=lambda product: -popular[product])
    hits, gains, missed = [], [], 0
    for row in held_out:
        free = [product for product in ranked if product not in owned_by(table[row])]
        bought = table[row][3]
        missed += bought not in free
        place = free.index(bought) if bought in free else 99
        hits.append(place < 3)
        gains.append(1 / math.log2(place + 2) if place < 3 else 0)
    baseline, metrics = outcome.manifest["baseline"], outcome.manifest["metrics"]
    assert baseline["hit_rate_at_3"] == pytest.approx(np.mean(hits), abs=1e-6)
    assert baseline["ndcg_at_3"] == pytest.approx(np.mean(gains), abs=1e-6)
    assert metrics["ndcg_at_3"] > baseline["ndcg_at_3"] + 0.1
    assert missed > 0
    (warning,) = [line for line in outcome.manifest["warnings"] if "holds the target" in line]
    assert f"in {missed} of {len(held_out)} held-out rows" in warning


def test_the_column_is_no_feature_and_need_not_be_sent(outcome: PublishedVersion) -> None:
    schema = outcome.manifest["schema"]
    assert [column["name"] for column in schema["features"]] == ["taste"]
    assert (schema["owned"], schema["ignored"]) == ("has", [])


def test_nothing_owned_is_ever_recommended(outcome: PublishedVersion, registry: Registry) -> None:
    models = ModelCache(registry)
    models.refresh()
    app, chance = App(models, "model"), random.Random(2)
    owners: list[dict[str, Any]] = [
        {"taste": chance.randrange(6), "has": chance.sample([*PRODUCTS, "P7"], chance.randint(0, 7))}
        for _ in range(300)
    ]
    for target in ("/predict", "/predict?top=3"):
        for instance, prediction in zip(owners, predict(app, owners, target).content["predictions"], strict=True):
            assert not {prediction["label"], *prediction["probabilities"]} & set(instance["has"])
            assert (prediction["label"] is None) == (set(PRODUCTS) <= set(instance["has"]))
    assert predict(app, [{"taste": 1}]).status == 200
    predict(app, [{"taste": 1, "has": 5}]).problem(422, "a list of labels is wanted")


def test_the_metrics_of_a_known_example() -> None:
    classes: list[str | int] = ["a", "b", "c", "d"]
    predicted = np.array([[0.4, 0.3, 0.2, 0.1]] * 4)
    y = np.array(["a", "b", "d", "a"], dtype=object)
    owned = [frozenset(), frozenset({"a"}), frozenset({"a", "b", "z"}), frozenset({"a"})]
    mask = excluded(owned, np.arange(4), classes)
    assert mask is not None
    assert mask.tolist() == [
        [False, False, False, False],
        [True, False, False, False],
        [True, True, False, False],
        [True, False, False, False],
    ]
    metrics = measure(predicted, y, classes, None, excluded=mask)
    # Ranks are 1, 1 after a is taken out, 2 after a and b are, and none where what is asked for is owned.
    assert metrics["hit_rate_at_3"] == 0.75
    assert metrics["ndcg_at_3"] == pytest.approx((1 + 1 + 1 / math.log2(3) + 0) / 4, abs=1e-6)
    assert metrics["accuracy"] == 0.5
    assert metrics["log_loss"] == measure(predicted, y, classes, None)["log_loss"]
    assert measure(predicted, y, classes, None)["ndcg_at_3"] == pytest.approx(
        (1 + 1 / math.log2(3) + 0 + 1) / 4, abs=1e-6
    )


def test_who_owns_everything_is_never_a_hit() -> None:
    metrics = measure(
        np.array([[0.4, 0.3, 0.2, 0.1]]), np.array([0]), [0, 1, 2, 3], None, excluded=np.ones((1, 4), dtype=bool)
    )
    assert (metrics["accuracy"], metrics["balanced_accuracy"], metrics["hit_rate_at_3"]) == (0, 0, 0)


def prepared(header: list[str], table: list[list[Any]], delimiter: str = ",", **settings: Any) -> Any:
    with_owned = Settings("next", owned="has", **settings)
    return prepare(read_table(csv_bytes(header, table, delimiter), "t.csv"), with_owned, "t.csv")


@pytest.mark.parametrize(
    ("targets", "says"),
    [
        (["yes", "no"], "'next' is binary: only one of several classes"),
        ([0.5, 1.5, 2.25], "'next' is regression"),
        (["a", "b", "c|d"], "has the class 'c|d', and any of ;|, separates two labels there"),
    ],
)
def test_what_cannot_be_owned_is_refused_in_one_line(targets: list[Any], says: str) -> None:
    table = [[i % 7, "a", targets[i % len(targets)]] for i in range(60)]
    with pytest.raises(Refused) as refused:
        prepared(["taste", "has", "next"], table)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_id_cannot_be_what_is_owned() -> None:
    with pytest.raises(Refused, match="named by owned and by id"):
        prepared(["taste", "has", "next"], [[i % 7, "a", "abc"[i % 3]] for i in range(60)], id=("has",))


def test_labels_that_are_no_class_are_told_of() -> None:
    table = [[i % 7, "A;B", "abc"[i % 3]] for i in range(60)]
    dataset = prepared(["taste", "has", "next"], table)
    assert "no label in the column 'has' is a class of the target 'next'" in dataset.warnings
    assert dataset.owned == [frozenset({"A", "B"})] * 60


def test_rows_that_are_left_out_take_their_owned_along() -> None:
    table = [[i % 7, "abc"[i % 3], "" if i % 4 == 0 else "abc"[i % 3]] for i in range(80)]
    dataset = prepared(["taste", "has", "next"], table)
    assert len(dataset.owned) == len(dataset.target) == 60
    assert [{label} for label in dataset.target] == dataset.owned


def test_numbers_with_commas_between_them_are_no_decimals() -> None:
    table = [[f"{i % 7},5", f"{i % 3},{(i + 1) % 3}", i % 3] for i in range(60)]
    dataset = prepared(["taste", "has", "next"], table, ";", task="multiclass")
    assert dataset.owned[:2] == [frozenset({"0", "1"}), frozenset({"1", "2"})]
    assert dataset.kinds == {"taste": "number"}
    assert json.dumps(dataset.classes) == "[0, 1, 2]"


def test_the_gates_compare_rankings(registry: Registry, outcome: PublishedVersion) -> None:
    again = train(csv_bytes(HEADER, shop()), "shop.csv", SETTINGS, registry, quiet)
    _, baseline, serving = again.manifest["gates"]
    own, trivial = (again.manifest[name]["ndcg_at_5"] for name in ("metrics", "baseline"))
    assert baseline["detail"] == f"held-out NDCG@5 {own:.4f}, the trivial baseline's {trivial:.4f}"
    theirs = outcome.manifest["metrics"]["ndcg_at_5"]
    assert serving["detail"].startswith(f"held-out NDCG@5 {own:.4f}, that of the serving version {outcome.version}")
    assert serving["detail"].endswith(f"{theirs:.4f} on the same rows")
