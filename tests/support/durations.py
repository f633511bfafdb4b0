"""Record of how long the tests take: tests/durations.csv, a line for each group of cases that one worker runs.

    .venv/bin/python -m pytest -n auto --dist loadgroup --junitxml=junit.xml
    .venv/bin/python -m tests.support.durations junit.xml

The order of the groups follows from it, and so does what `make test` may take.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support.areas import AREAS
from tests.support.paths import ROOT

RECORD = ROOT / "tests" / "durations.csv"
COLUMNS = ("area", "group", "cases", "seconds")


def recorded_seconds() -> dict[str, float]:
    """Seconds of each group, summed over its areas, as measured last."""
    seconds: dict[str, float] = defaultdict(float)
    for row in records():
        seconds[row["group"]] += float(row["seconds"])
    return seconds


def records() -> list[dict[str, str]]:
    """Lines of the record: area, group, cases, seconds."""
    with RECORD.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_record(reports: Iterable[Path]) -> None:
    """Replace the record by the groups of these files of pytest's --junitxml."""
    cases: dict[tuple[str, str], list[float]] = defaultdict(list)
    for report in reports:
        for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - written by pytest
            properties = {each.get("name"): each.get("value") or "" for each in case.iter("property")}
            cases[properties["area"], properties["group"]].append(float(case.get("time", 0)))
    order = sorted(cases, key=lambda key: (AREAS.index(key[0]), -sum(cases[key]), key[1]))
    with RECORD.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*key, len(cases[key]), f"{sum(cases[key]):.1f}"] for key in order)


if __name__ == "__main__":
    write_record(map(Path, sys.argv[1:]))
