"""A table of Airtable that every cloud's functions read, and write their predictions back into."""

from collections.abc import Callable
from typing import Any

from function_code.registry import Registry
from tests.support.airtable.customers import change
from tests.support.airtable.server import FakeAirtable

TRAINING = {"target": "Renewed", "ids": ["Customer"], "budget": 2}
ROWS = 240

Line = dict[str, Any]  # of the log


def check_pulls(
    airtable: FakeAirtable,
    registry: Registry,
    pull: Callable[[], Line],
    train: Callable[[str], Line],
    written_back: Callable[[], list[Line]],
) -> None:
    """A first pull of ROWS records is trained on and predicted; of the next one only what changed is written.

    `pull` and `train`, on the dataset of a key, ask the function and give the line that it leaves.
    """
    first = pull()

    (key,) = registry.store.list("datasets/model")
    assert (first["outcome"], first["new"], first["dataset"]) == ("pulled", True, key)
    assert airtable.writes() == []
    trained = train(key)
    version = trained["version"]
    assert (trained["outcome"], registry.manifest(version)["dataset"]["rows"]) == ("promoted", ROWS)
    assert versions(airtable) == {version}
    assert len(airtable.writes()) == ROWS
    assert {record["fields"]["Prediction"] for record in airtable.writes()} == {"yes", "no"}
    (first_written,) = written_back()
    assert (first_written["outcome"], first_written["written"]) == ("written", ROWS)
    assert first_written["version"] == version
    changed = change(airtable.tables[0], 10)
    few = pull()
    assert (few["outcome"], few["new"]) == ("pulled", False)
    assert registry.store.list("datasets/model") == [key]
    assert sorted(record["id"] for record in airtable.writes()[ROWS:]) == sorted(changed)
    assert written_back()[-1]["written"] == 10
    none = pull()
    assert (none["outcome"], none["new"]) == ("pulled", False)
    assert written_back()[-1]["written"] == 0


def versions(server: FakeAirtable) -> set[Any]:
    """The versions that made the predictions in the table; None where there is none."""
    (table,) = server.tables
    return {record.fields.get("Model version") for record in table.records.values()}
