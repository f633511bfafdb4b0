"""The positive one of two classes: the one that says yes, or the rarer one, never the last of the alphabet."""

import json
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, f1_score

from function_code.errors import Refused
from function_code.registry import REPORT, Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.decision import Decision, decide
from function_code.training.publish import PublishedVersion
from function_code.training.run import fit, train
from function_code.training.settings import Settings
from tests.support import factories
from tests.support.batch_folders import scored
from tests.support.client import ask, predict
from tests.support.explained_models import explain
from tests.support.tables import briefly, csv_bytes, rows

ROWS = 60


def prepared(labels: list[str], target: str = "y", rare: int = 20, **settings: Any) -> PreparedDataset:
    """The data of a target of which `rare` rows have the first label and 40 another one, in turns if there are more."""
    cells = [*[labels[0]] * rare, *(labels[1:] * ROWS)[:40]]
    table = pd.DataFrame({"x": [f"{index}.5" for index in range(len(cells))], target: cells}, dtype="str")
    return prepare(table, Settings(target, **settings), "t.csv")


def positive(*arguments: Any, **settings: Any) -> Any:
    dataset = prepared(*arguments, **settings)
    assert dataset.positive
    assert dataset.classes[dataset.positive.number] == dataset.positive.label
    return dataset.positive.label


@pytest.mark.parametrize(
    "labels",
    [
        *(["yes", "no"], ["TRUE", "FALSE"], ["J", "N"], ["sí", "no"], ["Oui", "Non"], ["on", "off"]),
        *(["churned", "not churned"], ["default", "No Default"], ["fraud", "non-fraud"], ["Betrug", "kein Betrug"]),
        *(["Class_1", "Class_0"], ["1: left", "0: left"], ["answer yes", "answer no"], ["has left", "has not left"]),
    ],
)
def test_the_one_that_says_yes_whichever_is_rarer(labels: list[str]) -> None:
    for rare in (20, 200):
        for order in (labels, labels[::-1]):
            dataset = prepared(order, rare=rare)
            assert dataset.positive
            assert str(dataset.positive.label) == labels[0]
            assert dataset.positive.warnings == ()


@pytest.mark.parametrize(
    ("labels", "expected"), [(["1", "0"], 1), (["0", "7"], 7), (["-1", "1"], 1), (["1.0", "0.0"], 1)]
)
def test_a_number_above_zero_says_yes(labels: list[str], expected: int) -> None:
    assert positive(labels) == positive(labels[::-1]) == expected


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        ("Attrition_Flag", ["Attrited Customer", "Existing Customer"]),
        ("churnStatus", ["churned", "stayed"]),
        ("spam", ["spam", "ham"]),
        ("satisfaction", ["satisfied", "neutral or dissatisfied"]),
    ],
)
def test_the_one_that_the_name_of_the_target_speaks_of(target: str, labels: list[str]) -> None:
    for rare in (20, 200):
        dataset = prepared(labels, target, rare)
        assert dataset.positive
        assert dataset.positive.label == labels[0]
        (warning,) = dataset.positive.warnings
        assert f"the positive class of {target!r} is {labels[0]!r}, which the name of the target speaks of" in warning


@pytest.mark.parametrize(
    "labels", [["Attrited", "Existing"], ["z", "a"], ["male", "female"], ["2", "1"], [">50K", "<=50K"]]
)
def test_otherwise_the_rarer_one_and_a_warning_says_so(labels: list[str]) -> None:
    for order in (labels, labels[::-1]):
        dataset = prepared(order)
        assert dataset.positive
        assert str(dataset.positive.label) == order[0]
        (warning,) = dataset.positive.warnings
        assert f"is {dataset.positive.label!r}, the rarer one; " in warning
        (other,) = (label for label in order if label != order[0])
        assert warning.endswith((f"POSITIVE={other}", f"POSITIVE='{other}'"))


def test_a_tie_is_said() -> None:
    dataset = prepared(["b", "a"], rare=40)
    assert dataset.positive
    (warning,) = dataset.positive.warnings
    assert "the positive class of 'y' is 'a', neither is rarer; " in warning
    assert warning.endswith("POSITIVE=b")


@pytest.mark.parametrize(
    ("labels", "text", "expected"),
    [
        (["yes", "no"], "No", "no"),
        (["yes", "no"], "0", "no"),
        (["1", "0"], "0", 0),
        (["1", "0"], " 0.0 ", 0),
        (["1.0", "0.0"], "0", 0),
        (["$1,000", "$2,500.00"], "2500", 2500),
        (["Existing Customer", "Attrited Customer"], "existing customer", "Existing Customer"),
        (["a", "A"], "A", "A"),
        (["A1", "7.0"], "7", "7.0"),
    ],
)
def test_the_setting_is_read_as_the_cells_of_the_target_are(labels: list[str], text: str, expected: Any) -> None:
    dataset = prepared(labels, positive=text)
    assert dataset.positive
    assert dataset.positive.label == expected
    assert dataset.positive.warnings == ()


@pytest.mark.parametrize(
    ("labels", "settings", "problem"),
    [
        (["yes", "no"], {"positive": "maybe"}, "positive is 'maybe', which is no class of 'y'; they are 'no', 'yes'"),
        (["a", "b", "c"], {"positive": "a"}, "positive is 'a', but the target 'y' has 3 classes"),
        (
            ["1", "2"],
            {"positive": "1", "task": "regression"},
            "positive is '1', but the target 'y' is predicted as a number",
        ),
        (["b", "B"], {"positive": "nan"}, "positive is 'nan', which is no class of 'y'"),
    ],
)
def test_a_setting_that_is_none_of_two_classes_is_refused(
    labels: list[str], settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(Refused, match=problem.replace("(", r"\(")):
        prepared(labels, **settings)
    assert prepared(["a", "b", "c"]).positive is None


def customers(chance: random.Random) -> list[Any]:
    spend, age = chance.random(), chance.random()
    return [f"{spend:.4f}", f"{age:.4f}", "Attrited" if spend + chance.gauss(0, 0.15) < 0.1 else "Existing"]


def chance_only(chance: random.Random) -> list[Any]:
    return [f"{chance.random():.4f}", f"{chance.random():.4f}", chance.choice(["Attrited", *["Existing"] * 4])]


TABLE = csv_bytes(["spend", "age", "status"], rows(900, customers))
NOISE = csv_bytes(["spend", "age", "status"], rows(900, chance_only))


def serving(registry: Registry, data: bytes, **settings: Any) -> tuple[PublishedVersion, list[str]]:
    progress: list[str] = []
    outcome = train(data, "t.csv", briefly("status", **{"objective": "f1", **settings}), registry, progress.append)
    registry.promote(outcome.version)
    return outcome, progress


def test_metrics_and_labels_are_those_of_the_positive_class(registry: Registry) -> None:
    version = fit(TABLE, "t.csv", briefly("status", objective="f1"), lambda line: None)
    data, metrics = version.report_data, version.manifest["metrics"]
    truth, predicted = data.target == "Attrited", data.predicted[:, 0]
    answered = version.pipeline.predict(version.raw) == "Attrited"
    assert metrics["f1"] == pytest.approx(f1_score(truth, answered), abs=1e-6)
    assert metrics["average_precision"] == pytest.approx(average_precision_score(truth, predicted), abs=1e-6)
    assert metrics["brier"] == pytest.approx(np.mean((predicted - truth) ** 2), abs=1e-6)
    assert metrics["f1"] > 0.5
    assert version.manifest["baseline"]["f1"] == 0
    decision = version.manifest["decision"]
    assert (decision["positive"], decision["reason"]) == ("Attrited", "the rarer one")
    assert version.document["decision"] == {"positive": 0, "threshold": decision["threshold"]}
    assert answered.tolist() == (predicted >= decision["threshold"]).tolist()
    other = fit(TABLE, "t.csv", briefly("status", objective="f1", positive="existing"), lambda line: None).manifest
    assert other["metrics"]["average_precision"] > 0.95
    assert other["metrics"]["log_loss"] == metrics["log_loss"]
    assert other["metrics"]["roc_auc"] == metrics["roc_auc"]


def test_a_file_and_the_endpoint_answer_the_same_at_the_threshold(registry: Registry) -> None:
    """At the threshold is positive, whichever of the two classes that is."""
    for positive in (0, 1):
        p = [1 - factories.logistic(-1), factories.logistic(-1)][positive]
        content = {**factories.document(factories.BINARY), "decision": {"positive": positive, "threshold": p}}
        registry.promote(factories.publish(registry, model=json.dumps(content).encode()))
        ages = [-10, -10.1, -9.9] * 20
        models = ModelCache(registry)
        models.refresh()
        app = App(models, "model")
        together = predict(app, [{"age": age} for age in ages]).content["predictions"]
        alone = [predict(app, [{"age": age}]).content["predictions"][0] for age in ages[:3]]
        file = scored(registry, csv_bytes(["age", "plan", "new", "since"], [[age, "", "", ""] for age in ages]))
        labels = [prediction["label"] for prediction in together]
        assert labels[:3] == [prediction["label"] for prediction in alone] == [positive, 0, 1]
        assert [int(row["label"]) for row in file.scores] == labels
        probabilities = np.array([list(prediction["probabilities"].values()) for prediction in together])
        assert decide(probabilities, Decision(positive, p)).tolist() == labels


def test_it_is_named_wherever_a_model_is_described(registry: Registry) -> None:
    outcome, progress = serving(registry, TABLE)
    assert any(
        "threshold of 'Attrited', the positive class (the rarer one), for the best f1: " in line for line in progress
    )
    (guess,) = [line for line in outcome.manifest["warnings"] if "POSITIVE" in line]
    assert f"warning: {guess}" in progress
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    described = ask(app, "GET", "/v1/models/model").content
    assert described["decision"]["positive"] == "Attrited"
    assert guess in described["warnings"]
    schemas = ask(app, "GET", "/openapi.json").content["components"]["schemas"]
    assert "Attrited, the positive class, from a probability of" in str(schemas["Prediction"])
    (explanation,) = explain(app, [{"spend": 0.01, "age": 0.5}]).content["explanations"]
    assert explanation["class"] == "Attrited"
    assert explanation["contributions"]["spend"] > 0
    report = registry.artifact(outcome.version, REPORT, outcome.manifest).decode()
    assert "<strong>status</strong> is Attrited rather than Existing" in report
    assert "is Attrited, the rarer one; the setting POSITIVE can name the other one" in report
    assert "how many of the rows that reach a threshold are Attrited" in report


@pytest.mark.parametrize(("objective", "positive"), [("accuracy", "Attrited"), ("f1", "Existing")])
def test_a_threshold_that_tells_nobody_apart_is_a_warning(registry: Registry, objective: str, positive: str) -> None:
    outcome, progress = serving(registry, NOISE, objective=objective, positive=positive)
    (warning,) = [line for line in outcome.manifest["warnings"] if "for every held-out row" in line]
    assert warning.startswith("answers 'Existing' for every held-out row")
    assert f"warning: {warning}" in progress
    assert not [line for line in serving(registry, TABLE)[0].manifest["warnings"] if "for every held-out row" in line]


def test_a_version_with_the_other_positive_class_is_compared_by_its_loss(registry: Registry) -> None:
    first, _ = serving(registry, TABLE)
    second, progress = serving(registry, TABLE, positive="Existing")
    assert second.promoted
    assert second.against.predicted is not None
    (warning,) = [line for line in second.manifest["warnings"] if first.version in line]
    assert warning.startswith(
        f"the positive class is 'Existing', that of version {first.version}, which serves, the other"
    )
    assert f"warning: {warning}" in progress
    third, _ = serving(registry, TABLE, positive="Existing")
    assert not [line for line in third.manifest["warnings"] if "which serves" in line]
