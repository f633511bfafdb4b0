"""The histories that a training keeps: the latest events of each user, exact, in artifacts of the version."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code import cli
from function_code.dialects.iso_dates import read_iso
from function_code.registry import Registry
from function_code.scoring.kept_histories import INDEX, SHARDS, KeptHistories
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.histories import keep as keep_module
from function_code.training.histories.keep import HistoriesToKeep, keep
from function_code.training.publish import PublishedVersion
from function_code.training.run import train
from function_code.training.settings import Settings
from tests.support.client import predict
from tests.support.orders import orders, orders_csv

NAMES: dict[str, Any] = {"user": "customer", "item": "product", "when": "date", "budget": 5.0}


def trained(registry: Registry, rows: list[list[object]], **more: Any) -> PublishedVersion:
    return train(orders_csv(rows), "orders.csv", Settings(**{**NAMES, **more}), registry, lambda line: None)


def histories(registry: Registry, kept: HistoriesToKeep, *users: str) -> list[Any]:
    manifest: dict[str, Any] = {"histories": kept.summary, "schema": {"features": []}}
    version = registry.publish(manifest, kept.artifacts)
    read = KeptHistories(registry, version, registry.manifest(version))
    return [each.get("history") for each in read.fill([{kept.summary["user"]: user} for user in users])]


def test_a_user_alone_gets_what_the_whole_history_gets(registry: Registry) -> None:
    rows = [[f"00{row[0]}", *row[1:]] for row in orders()]
    outcome = trained(registry, rows, keep_events=1_000)
    assert outcome.promoted
    assert not [warning for warning in outcome.manifest["warnings"] if "are kept" in warning]
    users = sorted({str(row[0]) for row in rows})
    assert outcome.manifest["histories"] == {"user": "customer", "users": len(users), "events": 1_000}
    of_user: dict[str, list[dict[str, str]]] = {user: [] for user in users}
    for user, item, day, _ in rows:
        of_user[str(user)].append({"item": str(item), "when": str(day)})
    random.Random(0).shuffle(users)
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    whole = [{"customer": user, "history": of_user[user]} for user in users]
    by_request = predict(app, whole).content["predictions"]
    kept = predict(app, [{"customer": user} for user in users]).content["predictions"]
    assert {each.pop("history") for each in by_request} == {"request"}
    assert {each.pop("history") for each in kept} == {"kept"}
    assert kept == by_request


def test_nothing_is_written_unless_asked_for(registry: Registry) -> None:
    outcome = trained(registry, orders())
    assert "histories" not in outcome.manifest
    assert {*outcome.manifest["artifacts"]} == {"model.json", "report.html"}
    assert not [key for key in registry.store.list("models") if "histories" in key]


def test_only_the_latest_are_kept_and_that_is_said(registry: Registry) -> None:
    rows = orders()
    outcome = trained(registry, rows, keep_events=3)
    (warning,) = (warning for warning in outcome.manifest["warnings"] if "are kept" in warning)
    counts = pd.Series([row[0] for row in {tuple(row[:3]) for row in rows}]).value_counts()
    over = int((counts > 3).sum())
    assert warning == (
        f"only the latest 3 events are kept of {over} of 400 users, who have up to {counts.max()}; "
        "KEEP_EVENTS= sets another number"
    )
    files = registry.store.list(f"models/model/versions/{outcome.version}")
    assert {SHARDS, INDEX} <= {key.rpartition("/")[2] for key in files}


def test_events_are_the_latest_exact_and_in_order(registry: Registry) -> None:
    times = ["2025-01-03", "2025-01-01", "2025-01-02T23:59:59.999999Z", "1969-12-31T12:00:00Z", "2025-01-04T08:26:00Z"]
    frame = pd.DataFrame(
        {
            "user": ["a", "a", "b", "b", "a"],
            "item": ['tea "x"', "Käse", "12345678901234567890", "007", "tea"],
            "when": list(map(read_iso, times)),
            "amount": [0.1, np.nan, 3.0, 1e-7, 2.0],
        }
    )
    a, b, nobody = histories(registry, keep(frame, "who", 2), "a", "b", "c")
    assert a == [
        {"item": 'tea "x"', "when": "2025-01-03", "amount": 0.1},
        {"item": "tea", "when": "2025-01-04T08:26:00Z", "amount": 2.0},
    ]
    assert b == [
        {"item": "007", "when": "1969-12-31T12:00:00Z", "amount": 1e-7},
        {"item": "12345678901234567890", "when": "2025-01-02T23:59:59.999999Z", "amount": 3.0},
    ]
    assert nobody is None
    (first, *_), _, _ = histories(registry, keep(frame, "who", 9), "a", "b", "c")
    assert first == {"item": "Käse", "when": "2025-01-01", "amount": None}


def test_times_come_back_to_the_bit(registry: Registry) -> None:
    chance = random.Random(1)
    texts = [
        f"{chance.randint(1950, 2040)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T{chance.randint(10, 23)}:"
        f"{chance.randint(10, 59)}:{chance.randint(10, 59)}.{chance.randint(0, 999_999):06}Z"
        for _ in range(2_000)
    ]
    when = sorted(map(read_iso, texts))
    frame = pd.DataFrame({"user": "a", "item": "tea", "when": when})
    (events,) = histories(registry, keep(frame, "who", len(when)), "a")
    assert [read_iso(event["when"]) for event in events] == when


def test_shards_are_even_and_the_index_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_module, "SHARD_BYTES", 4_000)
    users = [f"u{number}" for number in range(4_000)]
    frame = pd.DataFrame({"user": users, "item": "tea", "when": 20_000.0})
    kept = keep(frame, "who", 1)
    ends = json.loads(kept.artifacts[INDEX])["ends"]
    assert ends[-1] == len(kept.artifacts[SHARDS])
    assert 25 < len(ends) < 50
    sizes = np.diff([0, *ends])
    assert sizes.max() < 2 * sizes.mean()
    assert keep(frame, "who", 1) == kept


def test_the_command_line_predicts_by_user(
    registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = trained(registry, orders(), keep_events=50)
    users = tmp_path / "users.csv"
    users.write_text("customer\nu1\nnobody\n")
    assert cli.main(["predict", str(users), "--store", registry.store.url]) == 0
    known, unknown = map(json.loads, capsys.readouterr().out.splitlines())
    assert (known["customer"], known["history"], unknown["history"]) == ("u1", "kept", "none")
    registry.store.put(f"models/model/versions/{outcome.version}/{SHARDS}", b"\0" * 100_000)
    assert cli.main(["predict", str(users), "--store", registry.store.url]) != 0
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 1
    assert "is corrupt" in error[0]
