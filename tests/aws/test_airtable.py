"""Airtable as source and sink of the function that trains, in AWS's runtime client, its token in Secrets Manager."""

import json
import os
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from function_code.registry import Registry
from tests.support.airtable.customers import customers
from tests.support.airtable.pull_checks import ROWS, TRAINING, check_pulls
from tests.support.airtable.server import TOKEN, FakeAirtable, serving
from tests.support.aws import events
from tests.support.aws.runtime import TRAIN, Function, Start
from tests.support.aws.training import outcome
from tests.support.fault_proxy import Front

PULL = events.queued({"pull": True})


@pytest.fixture
def airtable() -> Iterator[FakeAirtable]:
    with serving([customers(ROWS)]) as server:
        yield server


@pytest.fixture
def secrets(surroundings: tuple[Front, dict[str, str]]) -> Any:
    """Secrets Manager, as a user's machine reaches it."""
    with patch.dict(os.environ, surroundings[1]):
        return boto3.client("secretsmanager", region_name="us-east-1")


def start_pulling(start: Start, airtable: FakeAirtable, arn: str, code: str = "a") -> Function:
    settings = {**airtable.settings, "modified": "Modified", "token": arn}
    return start(TRAIN, TRAINING=json.dumps(TRAINING), AIRTABLE=json.dumps(settings), CODE=code)


def test_a_pull_trains_and_the_predictions_come_back(
    start: Start, registry: Registry, airtable: FakeAirtable, secrets: Any
) -> None:
    arn = secrets.create_secret(Name="trainer-airtable-1234567", SecretString=TOKEN)["ARN"]
    trainer = start_pulling(start, airtable, arn)

    check_pulls(
        airtable,
        registry,
        lambda: outcome(trainer, PULL, event_name="pull"),
        lambda key: outcome(trainer, events.arrived(key)),
        lambda: trainer.events("write_back"),
    )
    assert TOKEN not in trainer.log()
    assert outcome(start_pulling(start, airtable, arn, code="b"), PULL, event_name="pull")["new"]


def test_another_token_is_taken_at_the_next_pull(
    start: Start, registry: Registry, airtable: FakeAirtable, secrets: Any
) -> None:
    arn = secrets.create_secret(Name="trainer-airtable-1234567", SecretString="patWRONG0000000.0123")["ARN"]
    trainer = start_pulling(start, airtable, arn)
    wrong = outcome(trainer, PULL, event_name="pull")
    assert wrong["outcome"] == "refused"
    assert registry.store.list("datasets/model") == []
    secrets.put_secret_value(SecretId=arn, SecretString=TOKEN)
    assert outcome(trainer, PULL, event_name="pull")["outcome"] == "pulled"
    assert registry.store.list("datasets/model") != []
    assert "patWRONG" not in trainer.log()


def test_a_token_that_cannot_be_read_is_asked_for_again(start: Start, airtable: FakeAirtable, secrets: Any) -> None:
    arn = secrets.create_secret(Name="trainer-airtable-1234567", SecretString=TOKEN)["ARN"]
    secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    line = outcome(start_pulling(start, airtable, arn), PULL, "error", event_name="pull")
    assert line["outcome"] == "failed"
    assert line["reasons"] == [f"the token of Airtable cannot be read from {arn}: ResourceNotFoundException"]
