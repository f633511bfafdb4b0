"""Numbers derived from columns: what matters in a date or a time of day is learned from; nothing goes wrong by it."""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.support.tables import briefly, csv_bytes

START = datetime(2023, 3, 1, tzinfo=UTC)
ROWS = 500


def hourly(chance: random.Random, moment: datetime) -> float:
    """Rentals: two peaks a day, fewer at weekends and in winter."""
    day = math.exp(-(((moment.hour - 8) / 2) ** 2)) + math.exp(-(((moment.hour - 18) / 3) ** 2))
    season = 1 - 0.5 * math.cos(math.tau * (moment.timetuple().tm_yday - 15) / 365)
    return 100 * day * season * (0.5 if moment.weekday() > 4 else 1) + chance.gauss(0, 1)


def moments(chance: random.Random, days: int = 700) -> list[datetime]:
    return [START + timedelta(hours=chance.randrange(24 * days)) for _ in range(ROWS)]


def trained(columns: Mapping[str, Any], settings: Settings) -> TrainedVersion:
    return fit(csv_bytes(list(columns), zip(*columns.values(), strict=True)), "t.csv", settings, lambda line: None)


def value(version: TrainedVersion, **instance: Any) -> float:
    rows, problems = check_instances(version.schema, [instance])
    assert not problems
    return scorer.load(version.document).score(rows)[0][-1]


@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M"])
def test_the_hour_the_weekday_and_the_season_of_a_date_are_learned_from(written: str) -> None:
    chance = random.Random(1)
    times = moments(chance)
    columns = {
        "when": [moment.strftime(written) for moment in times],
        "temperature": [round(chance.gauss(12, 6), 1) for _ in times],
        "count": [round(hourly(chance, moment), 2) for moment in times],
    }
    version = trained(columns, Settings("count", budget=2))
    assert version.manifest["metrics"]["r2"] > 0.7
    assert all(gate.passed for gate in version.gates)


def test_a_linear_model_sees_that_midnight_is_next_to_one_o_clock() -> None:
    chance = random.Random(2)
    hours = [chance.randrange(24 * 60) / 60 for _ in range(ROWS)]
    columns = {
        "start": [f"{int(hour)}:{round(hour % 1 * 60):02}" for hour in hours],
        "count": [round(math.cos(math.tau * hour / 24) + chance.gauss(0, 0.1), 3) for hour in hours],
    }
    version = trained(columns, briefly("count"))
    assert version.manifest["candidate"] == "linear"
    assert version.manifest["metrics"]["r2"] > 0.9
    assert value(version, start="23:59") == pytest.approx(value(version, start="0:00"), abs=0.05)


def test_hours_that_are_durations_have_no_cycle() -> None:
    chance = random.Random(3)
    hours = [chance.randrange(40) for _ in range(ROWS)]
    columns = {"worked": [f"{hour}:30" for hour in hours], "pay": [12 * hour + chance.gauss(0, 1) for hour in hours]}
    version = trained(columns, briefly("pay"))
    assert version.document["encoder"]["derived"] == []
    assert version.manifest["metrics"]["r2"] > 0.99


def test_a_trend_does_not_go_on_for_ever() -> None:
    chance = random.Random(4)
    days = [chance.randrange(1000) for _ in range(ROWS)]
    columns = {
        "day": [(START + timedelta(day)).date().isoformat() for day in days],
        "price": [round(day + chance.gauss(0, 5), 2) for day in days],
    }
    version = trained(columns, briefly("price"))
    last = START + timedelta(999)
    at = {years: value(version, day=f"{last.year + years}-11-24") for years in (0, 100, 1000)}
    assert at[0] == pytest.approx(999, rel=0.05)
    assert at[100] == pytest.approx(at[1000], rel=0.1) == pytest.approx(1250, rel=0.1)
    assert value(version, day="1800-01-01") == pytest.approx(-250, abs=100)


def test_parts_that_are_the_same_in_all_rows_fall_away() -> None:
    chance = random.Random(5)
    days = [chance.randrange(20) for _ in range(ROWS)]
    columns = {
        "day": [(START + timedelta(day)).date().isoformat() for day in days],
        "price": [day % 7 + chance.gauss(0, 0.1) for day in days],
    }
    (derived,) = trained(columns, briefly("price")).document["encoder"]["derived"]
    assert derived["width"] == 1 + 6  # its age and the cycle of the week, but no hour, no season and no gap


def test_a_column_named_like_a_part_of_a_date_stays_as_it_is() -> None:
    chance = random.Random(6)
    spent = [chance.randrange(100) for _ in range(ROWS)]
    columns = {
        "day": [(START + timedelta(chance.randrange(900))).date().isoformat() for _ in spent],
        "day (month)": spent,
        "day (weekday)": [chance.choice(["a", "b"]) for _ in spent],
        "price": [3 * amount + chance.gauss(0, 1) for amount in spent],
    }
    version = trained(columns, briefly("price"))
    assert version.manifest["metrics"]["r2"] > 0.99
    instance = {"day": "2024-01-01", "day (weekday)": "a"}
    apart = value(version, **instance, **{"day (month)": 80}) - value(version, **instance, **{"day (month)": 10})
    assert apart == pytest.approx(210, rel=0.05)
