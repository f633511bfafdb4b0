"""The parity gate: what goes silently wrong on its way to what serves is caught, and kept from serving."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from function_code.registry import Registry
from function_code.scoring.tree_tables import unpack
from function_code.training import export
from function_code.training.export.trees import pack
from function_code.training.parity import difficult
from function_code.training.publish import PublishedVersion
from function_code.training.run import train
from tests.support.estimator_training import OURS, fitted
from tests.support.tables import briefly, mixed_csv

Document = dict[str, Any]


def trained(registry: Registry, estimator: str, task: str = "binary") -> PublishedVersion:
    settings = briefly("target", estimator=f"{OURS}:{estimator}")
    return train(mixed_csv(task), "t.csv", settings, registry, lambda line: None)


def assert_not_serving(outcome: PublishedVersion, registry: Registry, allowed: str) -> None:
    """The version is there, nobody serves it, and the reason says by how much which rows differ."""
    assert not outcome.promoted
    assert registry.versions() == [outcome.version]
    assert registry.pointer() is None
    reason = outcome.reasons[0]
    difference = re.match(
        r"largest difference from the trained model (\S+) on 80 held-out rows and 1,332 difficult", reason
    )
    assert difference, reason
    assert float(difference[1]) > float(allowed)
    assert f"ones, allowed {allowed}; " in reason
    assert re.search(
        r"[\d,]+ held-out rows differ: \d+ by \d\S+|[\d,]+ difficult rows differ, such as {'code': ", reason
    )


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        ("native_categories", "binary"),
        ("voting_forest", "binary"),  # with missing values passed through
        ("bagging", "binary"),
        ("isotonic", "binary"),
        ("voting_histogram", "binary"),  # unix times, compared in float32
        ("scaled_discriminant", "binary"),
    ],
)
def test_a_conversion_that_goes_silently_wrong_does_not_serve(estimator: str, task: str, registry: Registry) -> None:
    outcome = trained(registry, estimator, task)
    assert "model.onnx" in outcome.manifest["artifacts"]
    assert_not_serving(outcome, registry, "1e-06")


@pytest.mark.parametrize(
    ("estimator", "task"),
    [*((name, "binary") for name in ("forest", "histogram", "lightgbm", "gradient")), ("gamma", "regression")],
)
def test_tables_hold_missing_values_and_unix_times_exactly(estimator: str, task: str, registry: Registry) -> None:
    outcome = trained(registry, estimator, task)
    assert outcome.promoted, outcome.reasons
    assert "model.onnx" not in outcome.manifest["artifacts"]


def test_ordinal_codes_of_missing_values_are_kept() -> None:
    version = fitted(f"{OURS}:ordinal", "binary")
    assert version.document["model"]["kind"] == "onnx"
    assert version.gates[0].passed, version.gates[0].detail


def test_numbers_in_float32_alone_are_caught(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from skl2onnx.common import data_types

    assert trained(registry, "neighbours").promoted
    monkeypatch.setattr(data_types, "DoubleTensorType", data_types.FloatTensorType)
    outcome = trained(registry, "neighbours")
    assert not outcome.promoted
    assert "difficult rows differ" in outcome.reasons[0]


def first_threshold(document: Document) -> None:
    thresholds = list(unpack("d", document["model"]["threshold"]))
    thresholds[0] = -thresholds[0] if thresholds[0] else 1.0
    document["model"]["threshold"] = pack(thresholds, "<f8")


def one_leaf(document: Document) -> None:
    model = document["model"]
    features = unpack("bh", model["feature"], len(unpack("d", model["threshold"])))
    values = list(unpack("d", model["threshold"]))
    values[next(node for node, feature in enumerate(features) if feature < 0)] += 1e-7
    model["threshold"] = pack(values, "<f8")


def branches_of_what_is_missing(document: Document) -> None:
    sides = unpack("B", document["model"]["left_if_missing"])
    document["model"]["left_if_missing"] = pack([1 - side for side in sides], "u1")


def one_weight(document: Document) -> None:
    document["model"]["weights"][0][0] += 1e-7


def the_intercept(document: Document) -> None:
    document["model"]["intercepts"][0] += 1e-7


def one_category(document: Document) -> None:
    offsets = document["encoder"]["onehot"][0][2]
    offsets["pro"], offsets["basic"] = offsets["basic"], offsets["pro"]


def the_missing_category(document: Document) -> None:
    del document["encoder"]["onehot"][0][2][""]


def one_mean(document: Document) -> None:
    next(scaled for scaled in document["encoder"]["scaled"] if scaled[1] == 0)[3] += 1e-6


def one_fill(document: Document) -> None:
    document["encoder"]["scaled"][0][2] += 1.0


def the_bound(document: Document) -> None:
    document["encoder"]["largest"] *= 1.001


def the_link(document: Document) -> None:
    document["link"] = "share"


@pytest.mark.parametrize(
    ("estimator", "damage"),
    [
        ("lightgbm", first_threshold),
        ("lightgbm", one_leaf),
        ("lightgbm", branches_of_what_is_missing),
        ("lightgbm", the_link),
        ("logistic", one_weight),
        ("logistic", the_intercept),
        ("logistic", one_category),
        ("logistic", the_missing_category),
        ("logistic", one_mean),
        ("logistic", one_fill),
        ("elastic", the_bound),
    ],
)
def test_a_damaged_export_does_not_serve(
    estimator: str, damage: Any, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*arguments: Any) -> Document:
        document = real(*arguments)
        damage(document)
        return document

    real = export.document
    monkeypatch.setattr(export, "document", damaged)
    task = "regression" if estimator == "elastic" else "binary"
    assert_not_serving(trained(registry, estimator, task), registry, "1e-09")


KINDS = {"n": "number", "flag": "boolean", "day": "date", "city": "category", "m": "number"}
REAL = pd.DataFrame(
    [[str(i), "yes", "2024-01-02", f"city {i}", "7"] for i in range(50)], columns=list(KINDS), dtype=str
)
DIFFICULT = {
    "number": {"", "-0.0", "0", "5e-324", "1e90", "-1e90", "3.5e38", "16777217", "1.7e18"},
    "boolean": {"", "no"},
    "date": {"", "0001-01-01", "1969-12-31T23:59:59Z", "2024-02-29", "9999-12-31"},
    "category": {"", "never seen", "Ünseen", " ", "NA", "nan"},
}


def test_difficult_values_stand_alone_in_real_rows_and_together() -> None:
    difficult_rows = set(map(tuple, difficult(REAL, KINDS).to_numpy().tolist()))
    assert ("",) * len(KINDS) in difficult_rows
    for place, kind in enumerate(KINDS.values()):
        for value in DIFFICULT[kind]:
            alone = {(*row[:place], value, *row[place + 1 :]) for row in REAL.to_numpy().tolist()}
            assert alone & difficult_rows, (place, value)


def test_of_many_columns_each_has_its_difficult_values() -> None:
    wide = {f"c{index}": "number" for index in range(400)}
    raw = pd.DataFrame(np.full((3, 400), "7"), columns=list(wide), dtype=str)
    alone = [row for row in difficult(raw, wide).to_numpy().tolist() if row.count("7") == 399]
    for place in range(400):
        assert {row[place] for row in alone} - {"7"} >= DIFFICULT["number"]
