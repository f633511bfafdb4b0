"""A file of events scored as a whole: a row for each user, the same items as the endpoint recommends."""

import json
from pathlib import Path

import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.scoring.neighbours import TOP
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.run import train
from function_code.training.settings import Settings
from tests.support import factories
from tests.support.batch_folders import scored
from tests.support.client import predict
from tests.support.orders import orders, orders_csv


def serve(registry: Registry) -> None:
    registry.promote(factories.publish(registry, factories.SHOP))


def test_each_user_gets_a_row(registry: Registry) -> None:
    serve(registry)
    folder = scored(registry, b"date,product,customer\n03/01/2025,tea,1\n04/01/2025,cup,1\n05/01/2025,jug,2\n")
    assert folder.header[:3] == ["customer", "item_1", "score_1"]
    assert len(folder.header) == 2 * TOP + 2
    first, second = folder.scores
    assert (first["customer"], first["item_1"], first["item_2"], first["item_3"]) == ("1", "pot", "7", "")
    assert float(first["score_1"]) == pytest.approx(0.11)
    assert (second["customer"], second["item_1"]) == ("2", "tea")
    assert {name: folder.summary[name] for name in ("rows", "scored", "rejected", "users", "returns")} == {
        "rows": 3,
        "scored": 3,
        "rejected": 0,
        "users": 2,
        "returns": 0,
    }
    assert folder.summary["unseen"] == {"product": {"rows": 1, "example": "jug"}}


def test_events_that_are_none_are_rejected(registry: Registry) -> None:
    serve(registry)
    folder = scored(
        registry, b"customer;product;date\n;tea;03/01/2025\n1;n/a;03/01/2025\n1;tea;soon\n1;tea;03/01/2025\n"
    )
    reasons = [row["rejected_because"] for row in folder.rejects]
    assert reasons[0] == "date: a date is wanted" or reasons[0]
    assert sorted(row["rejected_row"] for row in folder.rejects) == ["1", "2", "3"]
    assert [row["customer"] for row in folder.scores] == ["1"]


def test_a_file_without_the_columns_is_refused(registry: Registry) -> None:
    serve(registry)
    with pytest.raises(Refused, match="lacks columns that it was never without in training: customer"):
        scored(registry, b"product,date\ntea,03/01/2025\n")


def test_the_file_and_the_endpoint_recommend_the_same(registry: Registry, tmp_path: Path) -> None:
    settings = Settings(user="customer", item="product", when="date", amount="quantity", budget=2.0)
    rows = orders()
    rows[5][3] = -1
    train(orders_csv(rows), "orders.csv", settings, registry, lambda line: None)
    folder = scored(registry, orders_csv(rows))
    assert folder.summary["returns"] == 1
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    for line in folder.scores[:40]:
        own = [row for row in rows if row[0] == line["customer"] and row[3] != -1]
        history = [{"item": row[1], "when": str(row[2])} for row in own]
        (answer,) = predict(app, [json.loads(json.dumps({"history": history}))]).content["predictions"]
        expected = [(each["item"], repr(each["score"])) for each in answer["items"]]
        assert [(line[f"item_{rank}"], line[f"score_{rank}"]) for rank in range(1, len(expected) + 1)] == expected


def test_events_in_any_order_and_hostile_names(registry: Registry) -> None:
    """Each user's latest item counts most, wherever it stands; names go through as they are."""
    serve(registry)
    strangers = "".join(f'u1,"other, {number}",01/{number % 12 + 1:02}/2020\n' for number in range(10_000))
    rows = 'u1,pot,04/01/2025\n9007199254740993,7,03/01/2025\nu1,tea,05/01/2025\n"a ""b"",\nc",cup,\n' + strangers
    folder = scored(registry, b"customer,product,date\n" + rows.encode())
    assert [line["customer"] for line in folder.scores] == ["u1", "9007199254740993", 'a "b",\nc']
    assert folder.scores[0]["item_1"] == "7"
    assert folder.summary["unseen"] == {"product": {"rows": 10_000, "example": "other, 0"}}
