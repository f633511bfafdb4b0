"""A file of events scored by a model of intent: a row for each user, as the endpoint answers at the last event."""

import pytest

from function_code.batch.scoring import Location
from function_code.column import Column
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories
from tests.support.batch_folders import Folder, scored
from tests.support.client import predict

EVENTS = (
    b"note,date,product,customer,quantity\nx,01/01/2025,tea,007,2\nx,11/01/2025,cup,007,\ny,21/01/2025,tea,7,1\n"
    b"y,19/01/2025,pot,007,-1\n"
)


@pytest.fixture
def app(registry: Registry) -> App:
    registry.promote(factories.publish(registry, factories.INTENT))
    models = ModelCache(registry)
    models.refresh()
    return App(models, "model")


def test_each_user_gets_a_row(registry: Registry, app: App) -> None:
    folder = scored(registry, EVENTS)
    assert folder.header == ["customer", "label", "probability_no", "probability_yes", "model_version"]
    history = [
        {"item": "tea", "when": "2025-01-01", "amount": 2},
        {"item": "cup", "when": "2025-01-11"},
        {"item": "pot", "when": "2025-01-19", "amount": -1},
    ]
    (answer,) = predict(app, [{"history": history, "at": "2025-01-21"}]).content["predictions"]
    assert [row["customer"] for row in folder.scores] == ["007", "7"]
    assert folder.scores[0]["probability_yes"] == repr(answer["probabilities"]["yes"]) == repr(factories.logistic(1.0))
    assert folder.scores[1]["probability_yes"] == "0.5"
    summary = {name: folder.summary[name] for name in ("rows", "rejected", "users", "returns", "at", "labels")}
    assert summary == {
        "rows": 4,
        "rejected": 0,
        "users": 2,
        "returns": 1,
        "at": "2025-01-21T00:00:00+00:00",
        "labels": {"yes": 1, "no": 1},
    }


def test_what_is_recommended_lies_beside(registry: Registry, app: App) -> None:
    registry.items.promote(factories.publish(registry.items, factories.SHOP))
    events = b"note,date,product,customer\nx,01/01/2025,tea,007\nx,11/01/2025,cup,7\n"
    folder = scored(registry, events)
    beside = Folder(Location(registry.store, "results/items"))
    assert [row["customer"] for row in beside.scores] == [row["customer"] for row in folder.scores] == ["007", "7"]
    assert beside.scores[0]["item_1"] == "7"
    assert folder.summary["items"] == beside.summary
    rows = b"customer,at,days_since_last,steps,amount,gap_last,last_item\n007,2025-01-21,10,2,2,10,cup\n"
    assert "items" not in scored(registry, rows, "rows.csv").summary


def test_rows_of_features_are_scored_as_rows(registry: Registry, app: App) -> None:
    folder = scored(
        registry, b"customer,at,days_since_last,steps,amount,gap_last,last_item\n007,2025-01-21,10,2,2,10,cup\n"
    )
    assert folder.header[:2] == ["row", "customer"]
    assert folder.scores[0]["probability_yes"] == repr(factories.logistic(1.0))


def test_events_whose_columns_are_called_as_features_are_events(registry: Registry) -> None:
    example = {"history": [{"item": "tea", "when": "2025-01-01"}], "at": "2025-01-01"}
    history = {**(factories.INTENT.history or {}), "example": example}
    when, amount = (Column(name, kind, name == "amount", 1) for name, kind in (("at", "date"), ("amount", "number")))
    history["events"] = Schema([when, amount], "last_item", "recommendation", ["tea"], ids=("customer",)).to_json()
    schema = Schema.from_json({**factories.INTENT.to_json(), "history": history})
    registry.promote(factories.publish(registry, schema))
    assert scored(registry, b"customer,last_item,at,amount\n7,tea,2025-01-21,1\n").summary["users"] == 1


def test_events_that_are_none_are_rejected(registry: Registry, app: App) -> None:
    folder = scored(
        registry,
        b"customer;product;date;quantity\n;tea;03/01/2025;1\n1;n/a;03/01/2025;1\n1;tea;;1\n1;tea;soon;1\n"
        b"1;tea;03/01/2025;1\n",
    )
    assert sorted(row["rejected_row"] for row in folder.rejects) == ["1", "2", "3", "4"]
    assert folder.reasons()[3].startswith("date: a value is wanted")
    assert [row["customer"] for row in folder.scores] == ["1"]


def test_an_event_of_the_future_is_refused(registry: Registry, app: App) -> None:
    """Seen from there, nobody would come again."""
    with pytest.raises(Refused, match=r"date: an event of 2999-01-01T00:00:00[+]00:00 lies in the future"):
        scored(registry, EVENTS + b"y,01/01/2999,tea,7,1\n")


def test_nobody_at_all(registry: Registry, app: App) -> None:
    folder = scored(registry, b"customer,product,date,quantity\n1,tea,03/01/2025,-1\n")
    assert folder.scores == []
    assert (folder.summary["users"], folder.summary["returns"], folder.summary["at"]) == (0, 1, None)


def test_a_file_without_the_columns_is_refused(registry: Registry, app: App) -> None:
    with pytest.raises(Refused, match="lacks columns that it was never without in training: customer"):
        scored(registry, b"product,date,quantity\ntea,03/01/2025,1\n")
