"""The report of a version: a page that stands alone, and statistics that are right."""

import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from function_code.registry import REPORT, Registry
from function_code.training.dataset import prepare
from function_code.training.evaluate import measure
from function_code.training.gates import Comparison
from function_code.training.publish import Version, publish
from function_code.training.report import shift
from function_code.training.report.curves import confusion, reliability
from function_code.training.report.evidence import Evidence
from function_code.training.report.importance import importances
from function_code.training.report.intervals import intervals, weighted
from function_code.training.report.page import page
from function_code.training.report.slices import slices
from function_code.training.run import fit
from function_code.training.settings import Settings
from tests.conftest import ROOT
from tests.training.tables import YES_NO, csv_bytes, rows, yes_no

Make = Callable[[random.Random], list[Any]]
NOTHING_SERVES = Comparison("serving", True, "nothing serves yet")
HEADINGS = [
    "Warnings", "Metrics", "Data", "Split", "Candidates", "A closer look", "What it goes by", "Slices",
]  # fmt: skip


class Page(HTMLParser):
    """What is in a page: tags, ids, references, the cells of each table, and its text."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.headings: list[str] = []
        self.lines: list[list[str]] = []
        self.text = ""
        self._within: list[str] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._within.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
                self.references.append(value or "")
            assert not name.startswith("on")
        if tag == "tr":
            self.lines.append([])
        if tag in ("td", "th"):
            self.lines[-1].append("")
        if tag == "h2":
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        if "h2" in self._within:
            self.headings[-1] += data
        if "td" in self._within or "th" in self._within:
            self.lines[-1][-1] += data

    def line(self, *beginning: str) -> list[str]:
        """The first table line that begins so."""
        return next(line for line in self.lines if tuple(line[: len(beginning)]) == beginning)


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


def trained(data: bytes, target: str = "target", name: str = "data.csv", **settings: Any) -> Version:
    return fit(data, name, Settings(target, budget=0.01, **settings), lambda line: None)


def rendered(version: Version, against: Comparison = NOTHING_SERVES) -> bytes:
    gates = [gate.to_json() for gate in (*version.gates, against)]
    return page(version.evidence, {**version.manifest, "gates": gates}, against)


@cache
def html(task: str) -> bytes:
    return rendered(trained(TABLES[task]))


def evidence(header: list[str], table: list[list[Any]], held: int, model: Any = None, **settings: Any) -> Evidence:
    """Of a linear model of the columns that are numbers; the last rows are held out."""
    frame = pd.DataFrame(table, columns=header).astype(str)
    dataset = prepare(frame, Settings("target", **settings), "data.csv")
    learn, kept = np.arange(len(frame) - held), np.arange(len(frame) - held, len(frame))
    numeric = [name for name, kind in dataset.kinds.items() if kind in ("number", "date")]

    def numbers(typed: pd.DataFrame) -> Any:
        return typed[numeric].to_numpy()

    from sklearn.preprocessing import FunctionTransformer

    kind = LogisticRegression() if dataset.classes else LinearRegression()
    pipeline = Pipeline([("encode", FunctionTransformer(numbers)), ("model", model or kind)])
    pipeline.fit(dataset.typed.iloc[learn], dataset.target[learn])
    later = dataset.typed.iloc[kept]
    predicted = pipeline.predict_proba(later) if dataset.classes else pipeline.predict(later).reshape(-1, 1)
    return Evidence(dataset, Settings("target"), learn, kept, pipeline, predicted, predicted, None)


@pytest.mark.parametrize("task", TABLES)
def test_a_page_for_each_task_that_stands_alone(task: str) -> None:
    found = Page(html(task))
    assert found.headings == HEADINGS
    assert {"script", "link", "img", "iframe"}.isdisjoint(found.tags)
    assert all(reference.startswith("#") for reference in found.references)
    assert {reference.removeprefix("#") for reference in found.references} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert b"@import" not in html(task)
    assert b"http" not in html(task).replace(b"http://www.w3.org", b"")


@pytest.mark.parametrize(("task", "plots"), [("binary", 4), ("multiclass", 1), ("regression", 2)])
def test_plots_have_titles_and_tables_have_headers(task: str, plots: int) -> None:
    found = Page(html(task))
    assert found.tags.count("svg") == plots
    assert html(task).count(b'<svg role="img"') == html(task).count(b"><title>") == plots
    assert found.tags.count("table") == found.tags.count("thead") == html(task).count(b"<table aria-labelledby=")
    assert found.tags.count("h1") == 1


@pytest.mark.parametrize("task", TABLES)
def test_the_same_training_gives_the_same_page(task: str) -> None:
    version = trained(TABLES[task])
    for trial in version.manifest["candidates"]:
        trial["seconds"] = 1.0
    again = trained(TABLES[task])
    for trial in again.manifest["candidates"]:
        trial["seconds"] = 1.0
    assert rendered(version) == rendered(again)


def test_the_numbers_are_the_manifests_beside_baseline_and_intervals() -> None:
    version = trained(TABLES["binary"])
    line = Page(rendered(version)).line("ROC-AUC")
    own = version.manifest["metrics"]["roc_auc"]
    low, high = (float(bound) for bound in line[2].split(" to "))
    assert float(line[1]) == pytest.approx(own, abs=5e-5)
    assert low < own < high
    assert (line[3], line[-1]) == ("0.5000", "higher")


def test_it_is_an_artefact_that_shows_what_serves_beside_it(registry: Registry) -> None:
    numbered = csv_bytes(["row", *YES_NO], [[f"r{i}", *row] for i, row in enumerate(rows(700, yes_no))])
    first = publish(trained(numbered, ids=("row",), drop=("number",)), registry)
    second = publish(trained(numbered, ids=("row",)), registry)
    assert first.promoted
    assert second.promoted
    for outcome, columns in ((first, 5), (second, 6)):
        data = registry.artefact(outcome.version, REPORT, outcome.manifest)
        assert outcome.manifest["artefacts"][REPORT]["sha256"] == hashlib.sha256(data).hexdigest()
        assert len(Page(data).line("log loss")) == columns
    found = Page(registry.artefact(second.version, REPORT, second.manifest))
    assert f"Now serving: version {first.version}" in found.text
    served = first.manifest["metrics"]
    assert float(found.line("log loss")[4]) == pytest.approx(served["log_loss"], abs=5e-5)
    assert float(found.line("F1")[4]) == pytest.approx(served["f1"], abs=5e-5)


def test_what_cannot_be_compared_says_why(registry: Registry) -> None:
    publish(trained(TABLES["binary"], drop=("number",)), registry)
    other = publish(trained(TABLES["binary"], "member", drop=("target",)), registry)
    found = Page(registry.artefact(other.version, REPORT, other.manifest))
    assert "There is no version to compare with: not compared: version" in found.text


def test_the_report_is_no_part_of_a_versions_name(registry: Registry) -> None:
    names = {registry.publish({}, {"model.json": b"{}", REPORT: text})[-12:] for text in (b"a", b"b")}
    assert len(names) == 1


def test_a_failed_gate_is_the_verdict() -> None:
    noise = csv_bytes(["a", "target"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], seed=3))
    assert "It does not serve: it did not pass 1 of its 3 gates" in Page(rendered(trained(noise))).text
    assert "It may serve: it passed all of its 3 gates" in Page(html("binary")).text


def test_synthetic_data_is_labelled_first() -> None:
    text = Page(rendered(trained(TABLES["binary"], synthetic=True))).text
    assert "Synthetic data." in text.partition("Model report")[0].partition("</title>")[2] or text.index(
        "Synthetic data."
    ) < text.index("It predicts")
    assert "Synthetic" not in Page(html("binary")).text


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
    found = Page(rendered(version))
    assert {"script", "b"}.isdisjoint(found.tags)
    second, first = sorted([hostile, "other"])
    for where in (f"Model report: target {hostile}", f"columns of {hostile}.csv", f"{first} rather than {second}"):
        assert where in found.text
    assert found.line(hostile, "number")
    assert found.line("status", hostile)


def test_what_was_left_out_is_listed_with_the_reason() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.random(), *yes_no(chance)[:3], "", f"text {chance.random()}", *yes_no(chance)[3:]]

    table = csv_bytes(["user", *YES_NO[:3], "empty", "prose", "target"], rows(300, make))
    found = Page(rendered(trained(table, ids=("user",), drop=("member",))))
    assert found.line("user")[1] == "names a row (the setting id)"
    assert found.line("member")[1] == "named by the setting drop"
    assert found.line("empty")[1] == "it is empty"
    assert found.line("prose")[1] == "its texts hardly ever repeat"


def test_a_later_month_with_another_base_rate_is_seen(registry: Registry) -> None:
    def month(day: str, rate: float, count: int) -> list[list[Any]]:
        return rows(count, lambda chance: [day, chance.gauss(5 * (day > "2011-11"), 1), int(chance.random() < rate)])

    said: list[str] = []
    table = csv_bytes(["day", "x", "target"], month("2011-10-01", 0.278, 3616) + month("2011-11-09", 0.337, 4086))
    version = fit(table, "both.csv", Settings("target", time="day", budget=0.01), said.append)
    lines = [line for line in version.manifest["warnings"] if "differs" in line]
    assert [line.partition(" differs")[0] for line in lines] == ["the target 'target'", "column 'x'"]
    assert all(f"warning: {line}" in said for line in lines)
    found = Page(rendered(version))
    assert "The target 'target' differs: 1 in 2" in found.text
    assert found.line("learned from", "3,616", "2011-10-01", "2011-10-01")
    assert found.line("held out", "4,086", "2011-11-09", "2011-11-09")


def test_an_id_and_too_few_positives_are_warned_of() -> None:
    table = [[1000 + 3 * i, chance, int(i % 10 == 0)] for i, (chance,) in enumerate(rows(300, lambda c: [c.random()]))]
    warnings = trained(csv_bytes(["customer", "x", "target"], table)).manifest["warnings"]
    assert [line for line in warnings if line.startswith("column 'customer' looks like an id or a row number")]
    assert not [line for line in warnings if "column 'x'" in line]
    assert [line for line in warnings if line.startswith("only 24 rows of 1 were learned from and 6 held out")]


def test_an_ordinary_table_is_not_warned_of() -> None:
    assert [trained(table).manifest["warnings"] for table in TABLES.values()] == [[], [], []]
    assert "None: no feature gives the target away" in Page(html("binary")).text


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
    assert Page(rendered(version)).headings == HEADINGS


def test_held_out_rows_of_one_class_have_a_report() -> None:
    table = [[f"2024-01-{1 + i // 20:02d}", i % 7, int(i % 3 == 0 and i < 400)] for i in range(600)]
    version = trained(csv_bytes(["day", "a", "target"], table), time="day")
    assert "roc_auc" not in version.manifest["metrics"]
    assert Page(rendered(version)).tags.count("svg") == 2


def test_groups_are_drawn_whole() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.randint(0, 40), chance.random(), chance.randint(0, 1)]

    assert (
        "whole groups of" in Page(rendered(trained(csv_bytes(["g", "x", "target"], rows(500, make)), group="g"))).text
    )
    assert "whole groups of" not in Page(html("binary")).text


def sample(classes: int, count: int = 300) -> tuple[Any, Any, list[str | int], Any]:
    chance = np.random.default_rng(classes)
    if not classes:
        actual = chance.normal(50, 9, count)
        return (actual + chance.normal(0, 3, count)).reshape(-1, 1), actual, [], None
    y: Any = chance.integers(0, classes, count)
    predicted = chance.dirichlet(np.ones(classes), count).round(2) + 0.5 * np.eye(classes)[y]
    predicted /= predicted.sum(axis=1, keepdims=True)
    return predicted, y, list(range(classes)), predicted.argmax(axis=1)


@pytest.mark.parametrize("classes", [0, 2, 7])
def test_a_drawn_sample_has_the_metrics_of_its_rows(classes: int) -> None:
    predicted, y, labels, chosen = sample(classes)
    weights: Any = np.random.default_rng(1).integers(0, 3, (4, len(y)))
    weights[0] = 1
    found = weighted(predicted, y, labels, chosen, weights.astype(float))
    for index, counts in enumerate(weights):
        taken = np.repeat(np.arange(len(y)), counts)
        expected = measure(predicted[taken], y[taken], labels, None if chosen is None else chosen[taken])
        assert set(found) == set(expected)
        for name, value in expected.items():
            assert found[name][index] == pytest.approx(value, abs=1e-5), name


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        right = np.random.default_rng(seed).random(200) < 0.7
        predicted = np.where(right[:, None], [0.2, 0.8], [0.8, 0.2])
        chosen = predicted.argmax(axis=1)
        low, high = intervals(predicted, np.ones(200, dtype=int), [0, 1], chosen, np.arange(200)).bounds["accuracy"]
        held += low <= 0.7 <= high
    assert 52 <= held <= 60


def test_rows_of_a_group_count_as_one() -> None:
    predicted, y, labels, chosen = sample(2)
    many = np.repeat(np.arange(len(y)), 9)
    own = intervals(predicted, y, labels, chosen, np.arange(len(y))).bounds
    copied = intervals(predicted[many], y[many], labels, chosen[many], many).bounds
    alone = intervals(predicted[many], y[many], labels, chosen[many], np.arange(len(many))).bounds
    for name, (low, high) in own.items():
        assert copied[name] == pytest.approx((low, high), abs=0.02), name
        assert alone[name][1] - alone[name][0] < 0.5 * (high - low), name


def test_calibration_counts_what_came_true() -> None:
    probability = np.repeat([0.1, 0.4, 0.9], 100)
    truth = np.concatenate([np.arange(100) < hits for hits in (10, 50, 100)]).astype(int)
    found = reliability(probability, truth)
    assert [(part.rows, round(part.predicted, 6), part.observed) for part in found] == [
        (100, 0.1, 0.1), (100, 0.4, 0.5), (100, 0.9, 1.0),
    ]  # fmt: skip
    assert all(part.low <= part.observed <= part.high for part in found)
    assert (found[1].low, found[1].high) == pytest.approx((0.4038, 0.5962), abs=1e-4)  # Wilson's, of 50 in 100


def test_confusion_joins_rare_classes() -> None:
    truth = np.array([0] * 5 + [1] * 3 + [index for index in range(2, 12) for _ in range(2)])
    chosen = np.zeros_like(truth)
    found = confusion(truth, chosen, list("abcdefghijkl"))
    assert found.names == [*"abcdefgh", "all others"]
    assert [line[0] for line in found.counts] == [5, 3, 2, 2, 2, 2, 2, 2, 8]
    assert sum(map(sum, found.counts)) == len(truth)


def test_importance_is_that_of_raw_columns() -> None:
    def make(chance: random.Random) -> list[Any]:
        day = chance.randint(1, 28)
        a, b, noise = (chance.gauss(0, 1) for _ in range(3))
        return [a, b, noise, f"2024-0{chance.randint(1, 9)}-{day:02d}", 3 * a + b + chance.gauss(0, 0.1)]

    found = importances(evidence(["a", "b", "noise", "day", "target"], rows(600, make), 300))
    assert [importance.feature for importance in found.features[:2]] == ["a", "b"]
    assert {importance.feature for importance in found.features} == {"a", "b", "noise", "day"}
    # Shuffling makes two independent draws of the column: the squared error rises by 2 * variance * weight squared.
    assert found.features[0].rise == pytest.approx(18, rel=0.25)
    assert found.features[0].spread < 0.2 * found.features[0].rise
    assert abs(found.features[-1].rise) < 0.1


def sliced(chance: random.Random) -> list[Any]:
    x, where = chance.gauss(0, 2), chance.choice("abcdef")
    probability = 1 / (1 + np.exp(-2 * x))
    return [x, where, int((chance.random() < probability) ^ (where == "c" and chance.random() < 0.5))]


def test_a_bad_slice_is_found_and_no_other() -> None:
    found = slices(evidence(["x", "where", "target"], rows(3000, sliced), 1500), ["x"])
    bad = [part.value for part in found if part.feature == "where" and part.worse]
    assert bad == ["c"]
    assert not any(part.expected for part in found if part.value == "c")
    assert sum(part.rows for part in found if part.feature == "where") == 1500
    assert sum(part.rows for part in found if part.feature == "x") == 1500


def test_a_slice_that_is_just_harder_is_no_warning() -> None:
    def make(chance: random.Random) -> list[Any]:
        x, where = chance.gauss(0, 3), chance.choice("ab")
        weak = 0.05 * x if where == "b" else x
        return [weak, where, int(chance.random() < 1 / (1 + np.exp(-weak)))]

    found = {part.value: part for part in slices(evidence(["x", "where", "target"], rows(4000, make), 2000), [])}
    assert (found["b"].worse, found["b"].expected, found["b"].off) == (True, True, False)
    assert (found["a"].worse, found["a"].expected) == (False, False)


@pytest.mark.parametrize("seed", range(5))
def test_no_slice_is_bad_by_chance(seed: int) -> None:
    def make(chance: random.Random) -> list[Any]:
        x = chance.gauss(0, 1)
        return [x, chance.choice("abcdefghijklmn"), chance.choice(["yes", "no", ""]), x + chance.gauss(0, 1)]

    found = slices(evidence(["x", "where", "member", "target"], rows(3000, make, seed), 1500), ["x"])
    assert {part.value for part in found if part.feature == "member"} == {"yes", "no", "(missing)"}
    assert not [part for part in found if part.worse or part.off]


def test_a_slice_that_is_predicted_too_low_is_found() -> None:
    def make(chance: random.Random) -> list[Any]:
        x, where = chance.gauss(0, 1), chance.choice("abcd")
        return [x, where, x + (where == "b") + chance.gauss(0, 1)]

    found = {part.value: part for part in slices(evidence(["x", "where", "target"], rows(2000, make), 1000), [])}
    assert found["b"].off
    assert found["b"].actual is not None
    assert found["b"].predicted is not None
    assert found["b"].actual - found["b"].predicted == pytest.approx(0.75, abs=0.2)


def test_rows_that_belong_together_are_no_proof_each() -> None:
    def make(chance: random.Random) -> list[Any]:
        return [chance.gauss(0, 1), chance.choice("ab"), chance.gauss(0, 1)]

    table = [["g" + str(index), *row] for index, row in enumerate(rows(60, make)) for _ in range(40)]  # twins
    header = ["g", "x", "where", "target"]
    for group, marked in (("g", False), ("", True)):
        found = slices(evidence(header, table, 1200, group=group), [])
        assert any(part.worse or part.off for part in found) is marked


def test_a_shift_by_hand() -> None:
    before, after = (pd.DataFrame({"c": ["a"] * a + ["b"] * (1000 - a)}, dtype=object) for a in (500, 800))
    found = shift.features(before, after, {"c": "category"})[0]
    assert found.psi == pytest.approx(0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5), abs=0.01)
    assert (found.size, found.before, found.after) == ("large", 0.5, 0.2)
    assert found.part == "'b'"
    assert shift.features(before, before, {"c": "category"})[0].psi == 0


@pytest.mark.parametrize("seed", range(10))
def test_samples_of_the_same_have_not_shifted(seed: int) -> None:
    chance = np.random.default_rng(seed)

    def frame(count: int) -> pd.DataFrame:
        numbers = np.where(chance.random(count) < 0.2, np.nan, chance.lognormal(size=count))
        texts = np.array([f"c{i}" for i in chance.integers(0, 80, count)], dtype=object)
        return pd.DataFrame({"n": numbers, "b": chance.integers(0, 2, count).astype(float), "c": texts})

    kinds = {"n": "number", "b": "boolean", "c": "category"}
    found = shift.features(frame(150), frame(60), kinds)
    moved = shift.target(chance.integers(0, 2, 3616), chance.integers(0, 2, 900), [0, 1])
    assert [part.size for part in found] == ["", "", ""]
    assert shift.warnings(found, moved, "target", "the held-out rows") == []
    assert max(part.psi for part in shift.features(frame(20_000), frame(20_000), kinds)) < 0.02


def test_another_file_is_compared_by_the_same_functions() -> None:
    chance = np.random.default_rng(0)
    kinds = {"n": "number", "gone": "number", "day": "date", "new": "category", "same": "number"}
    before = pd.DataFrame(
        {
            "n": chance.normal(size=2000),
            "gone": chance.normal(size=2000),
            "day": 19000.0 + chance.integers(0, 30, 2000),
            "new": "a",
        }
    )
    after = pd.DataFrame(
        {"n": chance.normal(1, 1, 2000), "gone": np.nan, "day": 19030.0 + chance.integers(0, 30, 2000), "new": "b"}
    )
    before["same"], after["same"] = np.nan, np.nan
    found = {moved.feature: moved for moved in shift.features(before, after, kinds)}
    assert {name for name, moved in found.items() if moved.size == "large"} == {"n", "gone", "day", "new"}
    assert (found["gone"].part, found["gone"].after) == ("(missing)", 1.0)
    assert found["same"].psi == 0
    assert found["day"].part.startswith("above 2022-")
    numbers = shift.target(chance.normal(10, 2, 500), chance.normal(12, 2, 500), [])
    assert numbers.clearly
    lines = shift.warnings(list(found.values()), numbers, "price", "july.csv")
    assert lines[0].startswith("the target 'price' differs: its mean is 10.")
    assert all(line.endswith("july.csv") for line in lines)
    three = shift.target(np.repeat(["a", "b", "c"], 200), np.repeat(["a", "b", "c"], [200, 300, 100]), ["a", "b", "c"])
    assert three.clearly
    assert three.label == "c"


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
