"""Snapshots of users: what is in a row, and what never is."""

import json
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from function_code.dialects.iso_dates import read_iso
from function_code.history_features import MILLISECONDS_OF_DAY, HistoryFeatures
from function_code.training.histories.snapshots import Times, define, definition_of, snapshots
from tests.support.snapshot_files import SMALL, WITH_AMOUNTS, written
from tests.support.visits import visits

LABELS = ["bought", "spent"]


def frame(rows: list[list[object]]) -> pd.DataFrame:
    """Rows of `visits` as events."""
    table = pd.DataFrame(rows, columns=["user", "item", "when", "amount"])
    days = [float(when.toordinal() - 719_163) for when in table["when"]]
    return table.assign(when=days, amount=table["amount"].astype(float))


def test_a_file_by_hand(tmp_path: Path) -> None:
    rows, log, command = written(tmp_path, SMALL, "10d", WITH_AMOUNTS)
    names = ["customer", "at", "days_since_last", "events", "amount", "events_of_a", "last_item", *LABELS]
    assert [[row[name] for name in names] for row in rows] == [
        ["007", "2025-01-11", "10.0", "2", "5.0", "2", "a", "yes", "4.0"],
        ["007", "2025-01-21", "0.0", "3", "9.0", "2", "c", "no", "0.0"],
        ["7", "2025-01-11", "0.0", "1", "1.0", "0", "b", "no", "0.0"],
        ["7", "2025-01-21", "10.0", "1", "1.0", "0", "b", "yes", ""],
    ]
    share = "50.0% of them were followed by an event within 10d"
    assert log == [
        "warning: events that repeat user, item, time and amount of another count once: 1 of 7",
        f"wrote {tmp_path}/snapshots.csv: 4 rows of 2 users at 2 moments from 2025-01-11 to 2025-01-21; {share}",
    ]
    settings = "TARGET=bought ID=customer TIME=at DROP=at,spent KINDS=last_item=category"
    assert command == f"make up DATASET={tmp_path}/snapshots.csv {settings}"


def test_without_amounts(tmp_path: Path) -> None:
    rows, log, command = written(tmp_path, SMALL, "10d")
    assert not [name for name in rows[0] if "amount" in name or name == "spent"]
    assert [row["events"] for row in rows] == ["1", "2", "1", "1"]
    assert log[0] == "warning: events that repeat user, item and time of another count once: 2 of 7"
    assert "DROP=at KINDS" in command


@pytest.mark.parametrize("seed", range(3))
def test_no_feature_knows_the_future(seed: int) -> None:
    events, chance = frame(visits(seed)), np.random.default_rng(seed)
    moments = Times.of(events).moments("30d", "")
    assert len(moments) == 6
    whole = snapshots(events, "customer", moments, "30d", define(events, "30d", moments[0]), Times.of(events).last)
    for count, moment in enumerate(moments, 1):
        later = (events["when"] * MILLISECONDS_OF_DAY > moment).to_numpy()
        assert later.any()
        shuffled = events.copy()
        for column in ("user", "item", "amount"):
            shuffled.loc[later, column] = chance.permutation(events.loc[later, column])
        for other in (shuffled, events[~later]):
            again = snapshots(
                other, "customer", moments[:count], "30d", define(other, "30d", moments[0]), Times.of(other).last
            )
            own = whole[whole["at"].isin(again["at"].unique())].reset_index(drop=True)
            pd.testing.assert_frame_equal(again.drop(columns=LABELS), own.drop(columns=LABELS), check_exact=True)


def test_the_order_of_the_file_changes_nothing(tmp_path: Path) -> None:
    rows = visits()
    written(tmp_path, rows, "30d", WITH_AMOUNTS)
    own = (tmp_path / "snapshots.csv").read_bytes()
    written(tmp_path, random.Random(0).sample(rows, len(rows)), "30d", WITH_AMOUNTS)
    assert (tmp_path / "snapshots.csv").read_bytes() == own


def test_an_endpoint_can_compute_the_same_to_the_bit(tmp_path: Path) -> None:
    """The features of a row, from the definition as JSON, the text of its moment and the user's events in any order."""
    rows = visits()
    for row in rows:
        row[2] = (
            f"{row[2]}T{random.Random(str(row)).randrange(24):02}:07:41.{random.Random(str(row)).randrange(999):03}Z"
        )
    snapshot_rows, _, _ = written(tmp_path, rows, "30d", WITH_AMOUNTS)
    definition = definition_of(list(snapshot_rows[0]), "snapshots.csv")
    features = HistoryFeatures(json.loads(json.dumps(definition)))
    for snapshot in snapshot_rows[::50]:
        own = [row for row in rows if row[0] == snapshot["customer"]]
        events = [(read_iso(str(row[2])), str(row[1]), float(str(row[3]))) for row in reversed(own)]
        (values,) = features.at(events, [read_iso(snapshot["at"])])
        for name, value in zip(features.names, values, strict=True):
            text = snapshot[name]
            assert (text or None) == value if name == "last_item" else (float(text) if text else None) == value


def test_windows_are_those_that_the_events_fill(tmp_path: Path) -> None:
    daily: list[list[object]] = [["a", "x", date(2025, 1, 1) + timedelta(day), 1] for day in range(101)]
    for horizon, names in (("10d", "steps_7d steps_30d trend_7d"), ("2d", "steps_7d steps_30d trend_7d trend_30d")):
        rows, _, _ = written(tmp_path, daily, horizon)  # the first moment is the day 40 or 88
        assert [name for name in rows[0] if name.startswith(("steps_", "trend_"))] == names.split()
    short: list[list[object]] = [["a", "x", f"2025-01-01T{hour}:00", 1] for hour in ("01", "11", "21", "22")]
    rows, log, command = written(tmp_path, short, "10h")
    assert [name for name in rows[0] if name.startswith(("steps_", "trend_"))] == ["steps_10h"]
    assert log[-2].endswith("--horizon 7h leaves two")
    assert "TIME" not in command


def test_items_whose_names_a_header_changes_are_not_counted() -> None:
    events = frame(
        [["u", item, pd.Timestamp("2025-01-01"), 1] for item in ("two  spaces", "one space", "z,\"'", "b", "b")]
    )
    assert define(events, "1d", 10**15)["items"] == ["b", "one space", "z,\"'"]
