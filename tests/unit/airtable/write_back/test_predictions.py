"""Predictions in the table: only what is new or differs."""

from dataclasses import replace
from pathlib import Path

import pytest

from function_code.airtable.settings import AirtableSettings
from function_code.airtable.state import Records
from function_code.airtable.sync import WriteBackResult, pull, write_back
from function_code.registry import Registry
from function_code.scoring.loaded_model import load
from function_code.serving.predictions import predict
from function_code.store import Store
from tests.support.airtable.base import Table
from tests.support.airtable.customers import PULLED_RECORDS, TRAINING, change, trained
from tests.support.airtable.predictions import predictions_in
from tests.support.airtable.server import FakeAirtable
from tests.support.tables import briefly


def test_each_record_gets_what_the_endpoint_would_answer(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    sent = write_back(registry, airtable, lines.append)

    assert sent == WriteBackResult(PULLED_RECORDS, version, 7)  # the schema, and six batches
    assert "writing 60 predictions into 'Customers': 6 requests" in lines
    record = next(iter(table.records.values()))
    instance = {"Plan": record.fields.get("Plan"), "Spend": record.fields["Spend"], "Member": record.fields["Member"]}
    (answer,) = predict(load(registry, version), {"instances": [instance]}, None)
    assert record.fields["Prediction"] == answer["label"]
    assert record.fields["Probability"] == round(answer["probabilities"][answer["label"]], 4)
    assert record.fields["Model version"] == version
    assert record.fields["Predicted at"].endswith("Z")
    assert {row["Prediction"] for row in predictions_in(table).values()} == {"yes", "no"}


def test_nothing_is_written_twice_nor_read_as_a_change(
    registry: Registry, server: FakeAirtable, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    write_back(registry, airtable, lines.append)
    requests = len(server.requests)
    assert write_back(registry, airtable, lines.append) == WriteBackResult(0, version, 0)
    assert len(server.requests) == requests
    assert not pull(registry, TRAINING, airtable, lines.append).read.differs


def test_ten_changed_records_are_ten_updates(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    write_back(registry, airtable, lines.append)
    change(table, 10)
    before = len(server.writes())
    airtable = replace(airtable, retrain=0.5)
    assert not pull(registry, TRAINING, airtable, lines.append).new

    assert write_back(registry, airtable, lines.append).written == 10
    assert len(server.writes()) == before + 10


def test_a_long_text_is_a_text_like_any_other(
    registry: Registry, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    table.write(next(iter(table.records.values())), {"Plan": "a" * 140_000})
    pull(registry, TRAINING, airtable, lines.append)
    assert write_back(registry, airtable, lines.append).version == version


def test_a_number_is_written_as_a_value_without_a_probability(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, lines: list[str]
) -> None:
    training = briefly("Spend", id=("Customer",))
    airtable = replace(airtable, label="Expected", probability="Sure", create_fields=True)
    version = trained(registry, pull(registry, training, airtable, lines.append).dataset, training)

    assert write_back(registry, airtable, lines.append) == WriteBackResult(PULLED_RECORDS, version, 8)

    assert table.fields[-1]["type"] == "number"
    assert "Sure" not in [field["name"] for field in table.fields]
    record = next(iter(table.records.values()))
    instance = {name: record.fields.get(name) for name in ("Plan", "Member", "Renewed")}
    (answer,) = predict(load(registry, version), {"instances": [instance]}, None)
    assert record.fields["Expected"] == answer["value"] != float(format(answer["value"], ".6g"))


@pytest.mark.parametrize(("noise", "count"), [(1e-8, 0), (1e-5, PULLED_RECORDS)])
def test_a_value_is_written_again_only_if_more_than_noise_differs(
    registry: Registry, airtable: AirtableSettings, lines: list[str], noise: float, count: int
) -> None:
    training = briefly("Spend", id=("Customer",))
    airtable = replace(airtable, label="Expected", probability="", create_fields=True)
    trained(registry, pull(registry, training, airtable, lines.append).dataset, training)
    write_back(registry, airtable, lines.append)
    records = Records(registry)
    records.state.written = {each: (value * (1 + noise), p) for each, (value, p) in records.state.written.items()}
    records.save()
    assert write_back(registry, airtable, lines.append).written == count


def test_a_record_that_cannot_be_scored_loses_its_prediction(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    write_back(registry, airtable, lines.append)
    record = next(iter(table.records.values()))
    table.write(record, {"Spend": None})  # which it never was when the model was trained
    pull(registry, TRAINING, airtable, lines.append)

    assert write_back(registry, airtable, lines.append).written == 1

    assert [record.fields[name] for name in ("Prediction", "Probability", "Model version")] == [None] * 3
    assert "  1 records get no prediction: Spend: a value is wanted: it was never missing in training" in lines
    assert write_back(registry, airtable, lines.append).written == 0


def test_predictions_of_the_past_are_no_features(
    registry: Registry, server: FakeAirtable, table: Table, airtable: AirtableSettings, version: str, lines: list[str]
) -> None:
    write_back(registry, airtable, lines.append)
    other = replace(airtable, label="Guess", probability="", version="", time="", create_fields=True)
    assert not pull(registry, TRAINING, other, lines.append).read.differs


def test_without_a_version_or_a_field_nothing_is_written(
    server: FakeAirtable, airtable: AirtableSettings, lines: list[str], tmp_path: Path
) -> None:
    registry = Registry(Store(str(tmp_path / "empty")), "model")
    assert write_back(registry, airtable, lines.append) == WriteBackResult(0, "", 0)
    assert write_back(registry, replace(airtable, label=""), lines.append) == WriteBackResult(0, "", 0)
    assert lines == [
        "nothing is written back: no version serves yet",
        "nothing is written back: airtable.label is empty",
    ]
    assert not server.requests
