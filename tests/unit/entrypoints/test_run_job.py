"""A job of the function that trains, as in every cloud: how it ends, and whether it is done again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from function_code.entrypoints.jobs import parse_job
from function_code.entrypoints.run_job import run_job
from function_code.errors import Unreachable
from function_code.registry import Registry
from tests.support.customers import KEY, SETTINGS, table

DATASET = {"dataset": KEY}
REQUEST = "request-1"

Lines = list[dict[str, Any]]  # of the log
Run = Callable[..., Lines]


@pytest.fixture
def run(registry: Registry, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a job: `run()`, for another message or key, or with other settings if need be; the lines of its log."""
    monkeypatch.setenv("STORE", registry.store.url)
    monkeypatch.setenv("MODEL", "model")

    def job(
        message: Any = DATASET, idempotency_key: str = "a message", timeout_seconds: float = 1800, **settings: Any
    ) -> Lines:
        monkeypatch.setenv("TRAINING", json.dumps({**SETTINGS, "budget": 1, **settings}))
        capfd.readouterr()
        run_job(idempotency_key, lambda registry: parse_job(message, registry), timeout_seconds, REQUEST)
        return logged(capfd)

    return job


def logged(capfd: pytest.CaptureFixture[str]) -> Lines:
    lines: Lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert {line["request_id"] for line in lines} == {REQUEST}
    return lines


def outcome(lines: Lines) -> dict[str, Any]:
    (line,) = [line for line in lines if line["event"] == "training"]
    assert line["seconds"] >= 0
    return line


def test_a_message_that_comes_twice_trains_once(run: Run, registry: Registry) -> None:
    registry.store.put(KEY, table())
    lines = run()
    line, first = outcome(lines), registry.versions()[0]
    assert (line["outcome"], line["version"], line["dataset"]) == ("promoted", first, KEY)
    assert line["reasons"] == []
    assert line["metrics"]["roc_auc"] > 0.9
    assert line["idempotency_key"] == registry.manifest(first)["idempotency_key"] == "a message"
    assert any("validation loss" in line["text"] for line in lines if line["event"] == "progress")

    again = outcome(run())
    assert again["outcome"] == "ignored"
    assert again["reasons"] == [f"version {first} came of this message already"]
    assert outcome(run(idempotency_key="another"))["outcome"] in ("promoted", "kept")
    assert len(registry.versions()) == 2


def test_what_was_cut_off_before_it_served_is_done_again(run: Run, registry: Registry) -> None:
    registry.store.put(KEY, table())
    assert outcome(run())["outcome"] == "promoted"
    (Path(registry.store.url) / "models" / "model" / "serving.json").unlink()
    line = outcome(run())
    assert line["outcome"] == "promoted"
    assert registry.versions()[1:] == [line["version"]]


def test_data_and_settings_that_no_other_try_would_mend(run: Run, registry: Registry) -> None:
    registry.store.put(KEY, table())
    line = outcome(run(target="bougt"))
    assert line["outcome"] == "refused"
    assert "did you mean 'bought'?" in line["reasons"][0]
    line = outcome(run(tarket=1))
    assert line["outcome"] == "refused"
    assert "tarket" in line["reasons"][0]
    assert registry.versions() == []


def test_the_search_ends_in_time(run: Run, registry: Registry) -> None:
    registry.store.put(KEY, table())
    lines = run(timeout_seconds=2, budget=3600)
    (text,) = [line["text"] for line in lines if "the time for the search is up" in line.get("text", "")]
    assert float(text.partition("(")[2].partition(" s)")[0]) <= 1


def test_what_another_try_may_mend_is_raised_after_its_line(
    run: Run, registry: Registry, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    registry.store.put(KEY, table())

    def unreachable(*_: object) -> None:
        raise Unreachable("no network")

    monkeypatch.setattr("function_code.store.Store.get", unreachable)
    with pytest.raises(Unreachable, match="no network"):
        run()
    line = outcome(logged(capfd))
    assert (line["outcome"], line["reasons"]) == ("failed", ["no network"])
