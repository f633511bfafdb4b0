"""A stack whose data is a table of Airtable, from the pull to the predictions in the table."""

import itertools
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.airtable.base import Table
from tests.support.airtable.customers import LIKELY, UNLIKELY, change, customer, customers
from tests.support.airtable.server import BASE, TOKEN, FakeAirtable, serving
from tests.support.local_server import wait_until
from tests.support.project import Project, command_line
from tests.support.updates import UP, configured, errors, interrupted

COUNT = 240


@pytest.fixture(scope="module")
def server() -> Iterator[FakeAirtable]:
    with serving([customers(COUNT)]) as server:
        yield server


@pytest.fixture(scope="module")
def table(server: FakeAirtable) -> Table:
    return server.tables[0]


@pytest.fixture(scope="module")
def up(server: FakeAirtable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A checkout whose stack is up, shared by the tests: each finds it settled, and leaves it so."""
    project = Project(tmp_path_factory.mktemp("airtable"))
    try:
        project.environment["AIRTABLE_TOKEN"] = TOKEN
        project.run("make", "up", *settings(server))
        del project.environment["AIRTABLE_TOKEN"]
        yield project
    finally:
        project.close()


def settings(server: FakeAirtable) -> list[str]:
    table = f"base={BASE},table=Customers,modified=Modified,url={server.url},rate=10000,pause=0.1"
    return ["SOURCE=airtable", f"AIRTABLE={table}", "TARGET=Renewed", "ID=Customer", "BUDGET=1"]


def predicted(table: Table) -> list[str]:
    return [record.id for record in table.records.values() if record.fields.get("Prediction")]


def test_each_record_has_a_prediction_of_the_version_that_serves(up: Project, table: Table) -> None:
    version = up.outputs()["version"]
    up.wait_for_version(version)
    assert len(predicted(table)) == COUNT
    assert {record.fields["Model version"] for record in table.records.values()} == {version}
    described = up.ask("GET", "/v1/models/model")[1]
    assert described["dataset"]["name"].startswith("airtable-")
    assert described["dataset"]["synthetic"] is False
    assert {column["name"]: column["kind"] for column in described["schema"]["features"]} == {
        "Plan": "category",
        "Spend": "number",
        "Member": "boolean",
    }


def test_a_second_up_asks_and_changes_nothing(up: Project, server: FakeAirtable) -> None:
    requests, written = len(server.requests), len(server.writes())
    assert up.is_settled()
    assert 2 <= len(server.requests) - requests <= 4  # the schema, and what changed lately
    assert len(server.writes()) == written


def test_ten_changed_records_are_scored_again_and_trained_on_later(
    up: Project, server: FakeAirtable, table: Table
) -> None:
    version, written = up.outputs()["version"], len(server.writes())
    change(table, 10)

    up.run("make", "up")

    assert len(server.writes()) == written + 10
    assert up.outputs()["version"] == version
    assert up.is_settled()


@pytest.mark.parametrize(
    ("method", "nth", "written"),  # the request itself is done, though nobody waits for the answer
    [
        pytest.param("GET", 1, 0, id="at its first request"),
        pytest.param("PATCH", 1, 10, id="in the middle of a write"),
        pytest.param("PATCH", 2, 12, id="at its last request"),
    ],
)
def test_an_update_that_was_killed_is_finished_by_the_next(
    up: Project, server: FakeAirtable, table: Table, method: str, nth: int, written: int
) -> None:
    version, count = up.outputs()["version"], len(table.records)
    before, turned = predictions(table), turn(table, 12)
    first = len(server.requests)

    assert killed_at(up, UP, server, lambda _: [request[0] for request in server.requests[first:]].count(method) == nth)
    wait_until(lambda: len(turned.items() & predictions(table).items()) == written)
    up.run("make", "up")

    assert predictions(table) == before | turned
    assert len(table.records) == count
    assert up.outputs()["version"] == version


# The commands that the provider starts in an update, one after another in a process: all requests of an update.
COMMANDS = """
import sys
from function_code.cli import main

store, settings = sys.argv[1:]
common = ["--json", f"--store={store}", "--model=model", f"--airtable={settings}"]
pull = ["pull", *common, "--target=Renewed", "--id=Customer"]
sys.exit(main([*pull, "--look"]) or main(pull) or main(["write-back", *common]))
"""


def test_killed_at_each_request_nothing_is_lost_and_nothing_doubled(
    up: Project, server: FakeAirtable, table: Table
) -> None:
    outputs, count = up.outputs(), len(table.records)
    table_settings = up.resources()["trainer-pull"]["inputs"]["airtable"]
    settings_json = json.dumps({**table_settings, "token": str(up.home / "airtable-token")})
    command = [".venv/bin/python", "-c", COMMANDS, outputs["store"], settings_json]
    for nth in itertools.count(1):
        before, turned = predictions(table), turn(table, 10)
        first = len(server.requests)

        killed = killed_at(up, command, server, lambda count, last=first + nth: count == last)  # type: ignore[misc]
        up.run(*command)

        assert predictions(table) == before | turned
        assert len(table.records) == count
        if not killed:
            break
    assert nth > 5  # the schema and what changed, twice; the schema for what is written, and that
    assert up.run(*command).stdout.count('"written": 0') == 1
    up.run("make", "up")
    assert up.outputs()["version"] == outputs["version"]
    assert up.is_settled()


def predictions(table: Table) -> dict[str, Any]:
    return {record.id: record.fields["Prediction"] for record in table.records.values()}


def turn(table: Table, count: int) -> dict[str, str]:
    """Writes into the first records such that each comes to the other label, by their ids; too few to train anew."""
    turned = {}
    for record in itertools.islice(table.records.values(), count):
        likely = record.fields["Prediction"] == "no"
        table.write(record, LIKELY if likely else UNLIKELY)
        turned[record.id] = "yes" if likely else "no"
    return turned


def killed_at(project: Project, command: list[str], server: FakeAirtable, fatal: Callable[[int], bool]) -> bool:
    """Runs a command that is killed, with all that it has started, at a fatal request; whether it came so far."""
    with subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as update:
        server.hook = lambda count: os.killpg(update.pid, signal.SIGKILL) if fatal(count) else None
        try:
            return update.wait(100) == -signal.SIGKILL
        finally:
            server.hook = lambda count: None


def test_many_new_records_are_trained_on(up: Project, server: FakeAirtable, table: Table) -> None:
    version, chance = up.outputs()["version"], random.Random(11)
    for number in range(COUNT, COUNT + 40):
        table.add({name: value for name, value in customer(number, chance).items() if value is not None}, 4e9)

    up.run("make", "up")

    assert up.outputs()["version"] != version
    assert len(predicted(table)) == len(table.records) == COUNT + 40
    assert up.is_settled()


def test_a_plain_up_cures_what_was_damaged(up: Project, server: FakeAirtable) -> None:
    written, version = len(server.writes()), up.outputs()["version"]
    dataset = max(up.home.glob("store/datasets/model/airtable-*.csv"), key=lambda path: path.stat().st_mtime)
    dataset.write_text("something,else")
    (up.home / "airtable-token").chmod(0o644)

    up.run("make", "up")

    assert up.outputs()["version"] == version
    assert len(server.writes()) == written
    assert (up.home / "airtable-token").stat().st_mode & 0o077 == 0
    assert up.is_settled()


def test_an_update_that_is_cut_off_is_finished_by_the_next(up: Project, server: FakeAirtable, table: Table) -> None:
    for record in table.records.values():
        table.write(record, dict.fromkeys(("Prediction", "Probability")))
    (up.home / "store/airtable/model/records.json.gz").unlink()
    server.failures = dict.fromkeys(range(len(server.requests) + 15, len(server.requests) + 60), 503)
    failed = up.up(code=None)
    server.failures = {}
    assert "writing into Airtable failed" in failed
    assert "Airtable fails (503 SERVICE_UNAVAILABLE)" in failed
    assert 0 < len(predicted(table)) < len(table.records)

    up.run("make", "up")

    assert len(predicted(table)) == len(table.records)
    assert up.is_settled()


def test_an_interrupted_write_goes_on(up: Project, server: FakeAirtable, table: Table) -> None:
    for record in table.records.values():
        table.write(record, {"Prediction": None})
    (up.home / "store/airtable/model/records.json.gz").unlink()
    server.hook = lambda number: time.sleep(0.1)
    printed, code, _ = interrupted(up, UP, signal.SIGINT, when="writing 280 predictions")
    server.hook = lambda number: None
    assert code != 0
    assert "writing into Airtable was interrupted; the next update writes the rest" in printed
    done = len(predicted(table))
    assert done < len(table.records)

    up.run("make", "up")

    assert len(predicted(table)) == len(table.records)
    assert up.is_settled()


def test_the_token_is_where_nobody_else_looks(up: Project) -> None:
    token = up.home / "airtable-token"
    assert token.read_text() == TOKEN
    assert token.stat().st_mode & 0o077 == 0
    own = {up.root / name for name in (".venv", "tests")}  # libraries, and where this token comes from
    kept = [path for path in up.root.rglob("*") if path.is_file() and path != token and not own & {*path.parents}]
    assert any(".state" in path.parts for path in kept)
    assert not [path for path in kept if TOKEN in path.read_text(errors="replace")]
    assert not [pid for pid in up.servers() if TOKEN in command_line(pid)]


def test_a_refusal_names_the_table_and_leaves_what_serves(up: Project, table: Table) -> None:
    serves = up.predict()["model_version"]
    table.name = "Clients"
    try:
        (error,) = errors(up.up(code=None))
    finally:
        table.name = "Customers"
    assert error == (
        f"reading from Airtable failed: base {BASE} has no table 'Customers', which airtable.table names; "
        "it is called 'Clients' now"
    )
    assert up.predict()["model_version"] == serves
    assert "13 unchanged" in up.run("make", "up").stdout


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("airtable_token", TOKEN, "airtable_token is in clear in the stack's file: make another token"),
        ("target", "Prediction", "airtable writes predictions into the field 'Prediction', which is the target"),
    ],
)
def test_what_cannot_be_is_named_before_anything_is_asked(
    up: Project, server: FakeAirtable, setting: str, value: str, words: str
) -> None:
    requests = len(server.requests)
    with configured(up, **{setting: value}):
        (error,) = errors(up.up(code=None))
    assert words in error
    assert TOKEN not in error
    assert len(server.requests) == requests


def test_nothing_of_it_is_left(up: Project, table: Table) -> None:
    up.run("make", "down")
    assert not up.home.exists()
    assert len(predicted(table)) == len(table.records)
    assert json.dumps(TOKEN) not in (up.root / "stacks/Pulumi.local.yaml").read_text()
