"""Airtable as source and sink of what trains on Google Cloud, its token in a file of Secret Manager's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support.airtable.customers import customers
from tests.support.airtable.pull_checks import ROWS, TRAINING, check_pulls
from tests.support.airtable.server import TOKEN, FakeAirtable, serving
from tests.support.gcp import events
from tests.support.gcp.runtime import Function, Start
from tests.support.gcp.training import outcome

PULL = events.published({"pull": True})


@pytest.fixture
def airtable() -> Iterator[FakeAirtable]:
    with serving([customers(ROWS)]) as server:
        yield server


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """A file as Cloud Run mounts it: of another owner, and readable for every user of the container."""
    file = tmp_path / "trainer-airtable" / "value"
    file.parent.mkdir()
    file.write_text(TOKEN)
    file.chmod(0o444)
    return file


@pytest.fixture
def trainer(start: Start, airtable: FakeAirtable, token: Path) -> Function:
    settings = {**airtable.settings, "modified": "Modified", "token": str(token)}
    return start("train", TRAINING=json.dumps(TRAINING), AIRTABLE=json.dumps(settings), SECONDS="540")


def test_a_pull_trains_and_the_predictions_come_back(
    trainer: Function, registry: Registry, airtable: FakeAirtable
) -> None:
    check_pulls(
        airtable,
        registry,
        lambda: outcome(trainer, PULL, event_name="pull"),
        lambda key: outcome(trainer, events.arrived(key)),
        lambda: trainer.events("write_back"),
    )
    assert TOKEN not in trainer.log()


def test_another_token_is_taken_at_the_next_pull(
    trainer: Function, registry: Registry, airtable: FakeAirtable, token: Path
) -> None:
    token.chmod(0o644)
    token.write_text("patWRONG0000000.0123")
    assert outcome(trainer, PULL, event_name="pull")["outcome"] == "refused"
    assert registry.store.list("datasets/model") == []
    token.write_text(TOKEN)
    assert outcome(trainer, PULL, event_name="pull")["outcome"] == "pulled"
    assert registry.store.list("datasets/model") != []
    assert "patWRONG" not in trainer.log()
