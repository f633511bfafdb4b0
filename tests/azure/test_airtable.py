"""A table of Airtable, pulled and written back in Azure's own worker library, with the token in Key Vault."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support.airtable.customers import customers
from tests.support.airtable.pull_checks import ROWS, check_pulls
from tests.support.airtable.server import TOKEN, FakeAirtable
from tests.support.airtable.server import serving as serving_airtable
from tests.support.azure import events, identity, vault
from tests.support.azure.azurite import Azurite, Queue
from tests.support.azure.runtime import App, Start
from tests.support.azure.training import outcome, start_training
from tests.support.azure.vault import Vault

PULL = '{"pull": true}'


@pytest.fixture
def server() -> Iterator[FakeAirtable]:
    with serving_airtable([customers(ROWS)]) as airtable:
        yield airtable


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Vault]:
    with vault.serving(TOKEN, tmp_path) as key_vault:
        yield key_vault


@pytest.fixture
def trainer(start: Start, queue: Queue, storage: Azurite, server: FakeAirtable, keeper: Vault) -> Iterator[App]:
    """The app with an identity of its own, as the stack configures it."""
    with identity.serving(storage) as credentials:
        own = {name: credentials[name] for name in ("AZURE_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER")}
        environment = {"AIRTABLE": json.dumps({**server.settings, "token": vault.URL}), **own, **keeper.environment}
        yield start_training(start, queue, more=environment, target="Renewed", id=["Customer"])


def test_a_pull_trains_and_predictions_are_written_back(
    trainer: App, queue: Queue, registry: Registry, server: FakeAirtable, url: str
) -> None:
    check_pulls(
        server,
        registry,
        lambda: outcome(trainer, queue, PULL, event_name="pull"),
        lambda key: outcome(trainer, queue, events.arrived(key, url)),
        lambda: trainer.events("write_back"),
    )
    assert TOKEN not in trainer.log()


def test_a_vault_that_does_not_know_the_role_yet_is_asked_again(trainer: App, queue: Queue, keeper: Vault) -> None:
    keeper.knows_roles = False
    line = outcome(trainer, queue, PULL, done=False, event_name="pull")
    assert line["outcome"] == "failed"
    assert line["reasons"] == [f"the token of Airtable: {vault.URL} answers 403"]
    keeper.knows_roles = True
    assert trainer.take(queue)["done"]
    assert trainer.events("pull")[-1]["outcome"] == "pulled"


def test_another_token_is_taken_without_another_app(
    trainer: App, queue: Queue, keeper: Vault, server: FakeAirtable
) -> None:
    server.tokens = ("patANOTHER0000000.0123456789abcdef",)
    assert "Airtable does not know the token" in outcome(trainer, queue, PULL, event_name="pull")["reasons"][0]
    (keeper.value,) = server.tokens
    assert outcome(trainer, queue, PULL, event_name="pull")["outcome"] == "pulled"
