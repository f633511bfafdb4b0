"""The components of the local stack, as a preview sees them: with nothing known but what was given."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.local.endpoint import Endpoint, EndpointArgs
from components.local.store import ModelStore
from components.local.trainer import Trainer, TrainerArgs

HOME = ".local/test"
TRAINER: TrainerArgs = {"store": "file:///s", "model": "m", "target": "y", "folder": HOME}
ENDPOINT: EndpointArgs = {"store": "file:///s", "model": "m", "folder": HOME}


class Engine(pulumi.runtime.Mocks):
    """Registers what is made; its outputs are not known at a preview."""

    def __init__(self) -> None:
        self.resources: dict[str, pulumi.runtime.MockResourceArgs] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.resources[args.name] = args
        return None, {name: value for name, value in args.inputs.items() if value is not None}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"{args.token} is not to be called")


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    pulumi.runtime.set_mocks(engine, project="p", stack="test", preview=True)
    yield engine
    pulumi.runtime.set_mocks(Engine())


def preview(program: Callable[[], dict[str, pulumi.Output[Any]]]) -> dict[str, tuple[bool, Any]]:
    """Runs a program to its end: whether each of its outputs is known, and its value if so."""
    seen: dict[str, tuple[bool, Any]] = {}

    async def look(outputs: dict[str, pulumi.Output[Any]]) -> None:
        for name, output in outputs.items():
            seen[name] = (await output.is_known(), await output.future())

    pulumi.runtime.test(lambda: look(program()))()  # type: ignore[no-untyped-call]
    return seen


def test_a_store_knows_its_url_only_from_its_directory(engine: Engine) -> None:
    seen = preview(lambda: {"url": ModelStore("store", {"folder": HOME}).url})
    assert seen == {"url": (False, None)}
    assert engine.resources["store-directory"].typ == "localml:index:Directory"
    assert engine.resources["store-directory"].inputs == {"folder": HOME}


def test_a_trainer_knows_nothing_before_it_has_trained(engine: Engine) -> None:
    def program() -> dict[str, pulumi.Output[Any]]:
        trainer = Trainer("trainer", TRAINER)
        return {name: getattr(trainer, name) for name in ("dataset", "version", "promoted", "metrics")}

    assert set(preview(program).values()) == {(False, None)}
    assert set(engine.resources) == {"trainer", "trainer-dataset", "trainer-run", "trainer-scores"}
    run = engine.resources["trainer-run"].inputs
    assert json.loads(run["settings"]) == {"target": "y", "synthetic": True}
    assert isinstance(run["dataset"], pulumi.output.Unknown)  # it comes from the upload, which has not happened


def test_an_endpoint_knows_where_its_files_will_be(engine: Engine) -> None:
    def program() -> dict[str, pulumi.Output[Any]]:
        endpoint = Endpoint("endpoint", ENDPOINT)
        return {name: getattr(endpoint, name) for name in ("url", "curl", "token", "certificate")}

    seen = preview(program)
    assert seen["url"] == seen["curl"] == (False, None)
    assert seen["token"][1].startswith("cat ")
    assert seen["certificate"][1].endswith(f"{HOME}/ca.pem")
    assert set(engine.resources) == {"endpoint", "endpoint-token", "endpoint-certificate", "endpoint-server"}


def test_inputs_that_are_outputs_of_others_may_be_unknown(engine: Engine) -> None:
    def program() -> dict[str, pulumi.Output[Any]]:
        store = ModelStore("store", {"folder": HOME})
        trainer = Trainer("trainer", {**TRAINER, "store": store.url})
        endpoint = Endpoint("endpoint", {**ENDPOINT, "store": store.url, "port": store.url.apply(len)})
        return {"version": trainer.version, "url": endpoint.url}

    assert preview(program) == {"version": (False, None), "url": (False, None)}


def test_a_dataset_of_the_users_is_told_by_its_contents(engine: Engine, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("a,y\n1,2\n")
    preview(lambda: {"version": Trainer("trainer", {**TRAINER, "dataset": str(table)}).version})
    upload = engine.resources["trainer-dataset"].inputs
    assert upload["source"] == str(table)
    assert upload["digest"] == sha256(table.read_bytes()).hexdigest()
    assert json.loads(engine.resources["trainer-run"].inputs["settings"])["synthetic"] is False


def test_a_table_of_airtable_is_pulled_and_written_back(engine: Engine) -> None:
    table = {"base": "appFAKE0000000000", "table": "Customers"}

    def program() -> dict[str, pulumi.Output[Any]]:
        token = pulumi.Output.secret("patSECRET")
        return {"version": Trainer("trainer", {**TRAINER, "airtable": table, "airtable_token": token}).version}

    preview(program)

    children = {"trainer-airtable-token", "trainer-pull", "trainer-run", "trainer-scores", "trainer-write-back"}
    assert set(engine.resources) == {"trainer", *children}
    assert engine.resources["trainer-pull"].inputs["airtable"] == table
    assert json.loads(engine.resources["trainer-run"].inputs["settings"])["synthetic"] is False
    others = [resource.inputs for name, resource in engine.resources.items() if name != "trainer-airtable-token"]
    assert "patSECRET" not in str(others)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Endpoint("e", {**ENDPOINT, "model": "My Model"}), "model is 'My Model'"),
        (lambda: Endpoint("e", {**ENDPOINT, "port": 80}), "port is 80; it can be 1024 to 65535"),
        (lambda: Endpoint("e", {**ENDPOINT, "port": 70000}), "port is 70000"),
        (lambda: Trainer("t", {**TRAINER, "model": "a/b"}), "model is 'a/b'"),
        (
            lambda: Trainer("t", {**TRAINER, "dataset": "/nowhere.csv"}),
            "dataset is '/nowhere.csv', which is not a file",
        ),
        (lambda: Trainer("t", {**TRAINER, "framework": "jax"}), "framework is 'jax'; it can be one of sklearn"),
    ],
)
def test_what_cannot_be_is_refused_at_construction(
    engine: Engine, build: Callable[[], pulumi.ComponentResource], words: str
) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        build()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "pulumi config set" in str(refused.value)
    assert not engine.resources
