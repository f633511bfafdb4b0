"""The report of a version: a page for every task that stands alone, shows what was found, and takes any name."""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from function_code.registry import REPORT, Registry
from function_code.training.gates import Comparison
from function_code.training.publish import TrainedVersion, publish
from function_code.training.report.page import page
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.support.paths import ROOT
from tests.support.report_page import ReportPage
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no

Make = Callable[[random.Random], list[Any]]
NOTHING_SERVES = Comparison("serving", True, "nothing serves yet")
HEADINGS = [
    "Warnings", "Metrics", "Data", "Split", "Candidates", "A closer look", "What it goes by", "Slices",
]  # fmt: skip


def three_classes(chance: random.Random) -> list[Any]:
    number = chance.random()
    return [number, f"2024-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}", "abcdefg"[int(number * 7)]]


def number(chance: random.Random) -> list[Any]:
    size = chance.random()
    return [size, chance.choice(["red", "blue", ""]), f"{1e4 * size + chance.gauss(0, 900):.2f}"]


TABLES = {
    "binary": csv_bytes(YES_NO, rows(700, yes_no)),
    "multiclass": csv_bytes(["number", "day", "target"], rows(700, three_classes)),
    "regression": csv_bytes(["size", "colour", "target"], rows(700, number)),
}


def trained(data: bytes, target: str = "target", name: str = "data.csv", **settings: Any) -> TrainedVersion:
    return fit(data, name, Settings(target, budget=0.01, **settings), lambda line: None)


def rendered(version: TrainedVersion, against: Comparison = NOTHING_SERVES) -> bytes:
    gates = [gate.to_json() for gate in (*version.gates, against)]
    return page(version.report_data, {**version.manifest, "gates": gates}, against)


@cache
def html(task: str) -> bytes:
    return rendered(trained(TABLES[task]))


@pytest.mark.parametrize("task", TABLES)
def test_a_page_for_each_task_that_stands_alone(task: str) -> None:
    report = ReportPage(html(task))
    assert report.headings == HEADINGS
    assert {"script", "link", "img", "iframe"}.isdisjoint(report.tags)
    assert all(reference.startswith("#") for reference in report.references)
    assert {reference.removeprefix("#") for reference in report.references} <= set(report.ids)
    assert len(report.ids) == len(set(report.ids))
    assert b"@import" not in html(task)
    assert b"http" not in html(task).replace(b"http://www.w3.org", b"")


@pytest.mark.parametrize(("task", "plots"), [("binary", 4), ("multiclass", 1), ("regression", 2)])
def test_plots_have_titles_and_tables_have_headers(task: str, plots: int) -> None:
    report = ReportPage(html(task))
    assert report.tags.count("svg") == plots
    assert html(task).count(b'<svg role="img"') == html(task).count(b"><title>") == plots
    assert report.tags.count("table") == report.tags.count("thead") == html(task).count(b"<table aria-labelledby=")
    assert report.tags.count("h1") == 1


@pytest.mark.parametrize("task", TABLES)
def test_the_same_training_gives_the_same_page(task: str) -> None:
    versions = [trained(TABLES[task]) for _ in range(2)]
    for version in versions:
        version.manifest["warnings"].clear()  # the budget that would be enough follows from the seconds
        for trial in version.manifest["candidates"]:
            trial["seconds"] = 1.0
    assert rendered(versions[0]) == rendered(versions[1])


def test_the_numbers_are_the_manifests_beside_baseline_and_intervals() -> None:
    version = trained(TABLES["binary"])
    line = ReportPage(rendered(version)).line("ROC-AUC")
    own = version.manifest["metrics"]["roc_auc"]
    low, high = (float(bound) for bound in line[2].split(" to "))
    assert float(line[1]) == pytest.approx(own, abs=5e-5)
    assert low < own < high
    assert (line[3], line[-1]) == ("0.5000", "higher")


def test_it_is_an_artifact_that_shows_what_serves_beside_it(registry: Registry) -> None:
    numbered = csv_bytes(["row", *YES_NO], [[f"r{i}", *row] for i, row in enumerate(rows(700, yes_no))])
    first = publish(trained(numbered, id=("row",), drop=("number",)), registry)
    second = publish(trained(numbered, id=("row",)), registry)
    assert first.promoted
    assert second.promoted
    for outcome, columns in ((first, 5), (second, 6)):
        data = registry.artifact(outcome.version, REPORT, outcome.manifest)
        assert outcome.manifest["artifacts"][REPORT]["sha256"] == hashlib.sha256(data).hexdigest()
        assert len(ReportPage(data).line("log loss")) == columns
    report = ReportPage(registry.artifact(second.version, REPORT, second.manifest))
    assert f"Now serving: version {first.version}" in report.text
    served = first.manifest["metrics"]
    assert float(report.line("log loss")[4]) == pytest.approx(served["log_loss"], abs=5e-5)
    assert float(report.line("F1")[4]) == pytest.approx(served["f1"], abs=5e-5)


def test_what_cannot_be_compared_says_why(registry: Registry) -> None:
    publish(trained(TABLES["binary"], drop=("number",)), registry)
    other = publish(trained(TABLES["binary"], "member", drop=("target",)), registry)
    report = ReportPage(registry.artifact(other.version, REPORT, other.manifest))
    assert "It may serve: it passed those of its gates that could be asked" in report.text
    assert "\N{EN DASH} not compared: not worse than the version now serving." in report.text
    assert "which serves, predicts 'target' (no, yes), not 'member' (false, true)" in report.text


def test_the_report_is_no_part_of_a_versions_name(registry: Registry) -> None:
    names = {registry.publish({}, {"model.json": b"{}", REPORT: text})[-12:] for text in (b"a", b"b")}
    assert len(names) == 1


def test_a_failed_gate_is_the_verdict() -> None:
    noise = csv_bytes(["a", "target"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], seed=3))
    assert "It does not serve: it did not pass 1 of its 3 gates" in ReportPage(rendered(trained(noise))).text
    assert "It may serve: it passed all of its 3 gates" in ReportPage(html("binary")).text


def test_synthetic_data_is_labelled_first() -> None:
    text = ReportPage(rendered(trained(TABLES["binary"], synthetic=True))).text
    assert text.index("Synthetic data.") < text.index("It predicts")
    assert "Synthetic" not in ReportPage(html("binary")).text


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "{{ 7 * 7 }}", '"><b onload=x>', "$\\frac{x}$", "年齢 ☃ עִבְרִית"]
)
def test_names_and_values_may_be_anything(hostile: str) -> None:
    quoted = '"' + hostile.replace('"', '""') + '"'

    def make(chance: random.Random) -> list[Any]:
        size = chance.random()
        return [size, chance.choice(["a", quoted]), quoted if size + chance.gauss(0, 0.1) > 0.5 else "other"]

    header = [quoted, "status", '"target ' + quoted[1:]]
    version = trained(csv_bytes(header, rows(400, make)), f"target {hostile}", f"{hostile}.csv")
    report = ReportPage(rendered(version))
    assert {"script", "b"}.isdisjoint(report.tags)
    first = version.manifest["decision"]["positive"]
    second = hostile if first == "other" else "other"
    for where in (f"Model report: target {hostile}", f"columns of {hostile}.csv", f"{first} rather than {second}"):
        assert where in report.text
    assert report.line(hostile, "number")
    assert report.line("status", hostile)


def test_what_was_left_out_is_listed_with_the_reason() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.random(), *yes_no(chance)[:3], "", f"text {chance.random()}", *yes_no(chance)[3:]]

    table = csv_bytes(["user", *YES_NO[:3], "empty", "prose", "target"], rows(300, make))
    report = ReportPage(rendered(trained(table, id=("user",), drop=("member",))))
    assert report.line("user")[1] == "names a row (the setting id)"
    assert report.line("member")[1] == "named by the setting drop"
    assert report.line("empty")[1] == "it is empty"
    assert report.line("prose")[1].startswith("its texts hardly ever repeat; ")


def test_a_later_month_with_another_base_rate_is_seen() -> None:
    def month(day: str, rate: float, count: int) -> list[list[Any]]:
        return rows(count, lambda chance: [day, chance.gauss(5 * (day > "2011-11"), 1), int(chance.random() < rate)])

    progress: list[str] = []
    table = csv_bytes(["day", "x", "target"], month("2011-10-01", 0.278, 3616) + month("2011-11-09", 0.337, 4086))
    version = fit(table, "both.csv", Settings("target", time="day", budget=0.01), progress.append)
    lines = [line for line in version.manifest["warnings"] if "differs" in line]
    assert [line.partition(" differs")[0] for line in lines] == ["the target 'target'", "column 'x'"]
    assert all(f"warning: {line}" in progress for line in lines)
    report = ReportPage(rendered(version))
    assert "The target 'target' differs: 1 in 2" in report.text
    assert report.line("learned from", "3,616", "2011-10-01", "2011-10-01")
    assert report.line("held out", "4,086", "2011-11-09", "2011-11-09")


def test_an_id_and_too_few_positives_are_warned_of() -> None:
    table = [[1000 + 3 * i, chance, int(i % 10 == 0)] for i, (chance,) in enumerate(rows(300, lambda c: [c.random()]))]
    warnings = trained(csv_bytes(["customer", "x", "target"], table)).manifest["warnings"]
    assert [line for line in warnings if line.startswith("column 'customer' looks like an id or a row number")]
    assert not [line for line in warnings if "column 'x'" in line]
    assert [line for line in warnings if line.startswith("only 24 rows of 1 were learned from and 6 held out")]


def test_an_ordinary_table_is_not_warned_of() -> None:
    version = trained(TABLES["binary"])
    warnings = [each.manifest["warnings"] for each in (version, *map(trained, list(TABLES.values())[1:]))]
    assert all(line.startswith("the search had 0.01 s, too few") for lines in warnings for line in lines)
    version.manifest["warnings"].clear()
    assert "None: no feature gives the target away" in ReportPage(rendered(version)).text


@pytest.mark.parametrize(
    ("header", "make", "settings"),
    [
        (["a", "target"], lambda chance: [chance.randint(0, 3), chance.randint(0, 1)], {}),
        (["a", "target"], lambda chance: [chance.choice([1e90, -1e90, ""]), 1e90 * chance.random()], {}),
        (["a", "target"], lambda chance: [chance.random(), 1e-30 * chance.random()], {}),
        (["a", "target"], lambda chance: [chance.choice(["x", "y"]), chance.randint(0, 40)], {"task": "multiclass"}),
        (["a", "g", "target"], lambda chance: [chance.random(), chance.randint(0, 9), chance.random()], {"group": "g"}),
    ],
    ids=["noise", "huge", "tiny", "many classes", "groups"],
)
@pytest.mark.parametrize("count", [25, 400])
def test_odd_tables_have_a_report(header: list[str], make: Make, settings: dict[str, Any], count: int) -> None:
    if settings.get("task") == "multiclass" and count < 400:
        count = 300
    version = trained(csv_bytes(header, rows(count, make)), **settings)
    assert ReportPage(rendered(version)).headings == HEADINGS


def test_held_out_rows_of_one_class_have_a_report() -> None:
    table = [[f"2024-01-{1 + i // 20:02d}", i % 7, int(i % 3 == 0 and i < 400)] for i in range(600)]
    version = trained(csv_bytes(["day", "a", "target"], table), time="day")
    assert "roc_auc" not in version.manifest["metrics"]
    assert ReportPage(rendered(version)).tags.count("svg") == 2


def test_groups_are_drawn_whole() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.randint(0, 40), chance.random(), chance.randint(0, 1)]

    assert (
        "whole groups of"
        in ReportPage(rendered(trained(csv_bytes(["g", "x", "target"], rows(500, make)), group="g"))).text
    )
    assert "whole groups of" not in ReportPage(html("binary")).text


def test_plots_need_no_home_and_say_nothing() -> None:
    draw = (
        "import numpy as np, sys; from function_code.training.report.plots import residuals;"
        "print(len(residuals(np.arange(9.0), np.ones(9)))); assert 'matplotlib.pyplot' not in sys.modules"
    )
    environment = {**os.environ, "HOME": "/proc/none", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": ""}
    environment.pop("MPLCONFIGDIR", None)
    command = [sys.executable, "-W", "error", "-c", draw]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 1000


def test_the_manifest_names_the_chosen_setting() -> None:
    candidates = json.loads(json.dumps(trained(TABLES["binary"]).manifest["candidates"]))
    assert [trial["name"] for trial in candidates if trial["chosen"]] == [candidates[0]["name"]]
