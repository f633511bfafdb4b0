"""Answers of POST :explain: contributions that add up to the score, and the errors."""

import json
import math
import random
from typing import Any

import pytest

from function_code.column import Column
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.column_typer import ColumnTyper
from function_code.training.parity import instances
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict
from tests.support.ensembles import Combined
from tests.support.explained_models import (
    CLASSES,
    KINDS,
    app_of,
    close,
    explain,
    fitted,
    table,
    total,
    with_extremes,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("kind", [Linear, Trees, Forest, Network, Combined])
def test_contributions_add_up_to_the_score_of_the_prediction(
    registry: Registry, kind: type[Candidate], task: str, calibrated: bool
) -> None:
    if calibrated and task == "regression":
        return  # there is nothing to calibrate
    app = app_of(registry, fitted(kind, task, calibrated), task)
    requested = with_extremes(table(60, random.Random(1)))
    explanations = explain(app, requested).content["explanations"]
    predictions = predict(app, requested).content["predictions"]
    scales = {"binary": "log-odds", "multiclass": "logit", "regression": "value"}
    scale = scales[task]
    if kind in (Forest, Combined) and task != "regression":
        scale = "probability before calibration" if calibrated else "probability"
    credited = 0
    for explanation, prediction in zip(explanations, predictions, strict=True):
        score, contributions = explanation["score"], explanation["contributions"]
        assert close(total(explanation), score, *contributions.values())
        assert explanation["scale"] == scale
        assert list(contributions) == list(KINDS)
        credited += sum(value != 0 for value in contributions.values())
        if task == "regression":
            assert close(explanation["value"], prediction["value"])
            assert close(explanation["value"], score)
            continue
        assert explanation["label"] == prediction["label"]
        assert explanation["class"] == ("yes" if task == "binary" else prediction["label"])
        probability = prediction["probabilities"][explanation["class"]]
        if scale == "probability":
            assert close(score, probability)
        if scale == "log-odds":
            assert close(factories.logistic(max(-700.0, score)), probability)
            if 1e-4 < probability < 1 - 1e-4:
                assert math.log(probability / (1 - probability)) == pytest.approx(score, abs=1e-9)
    assert credited > 3 * len(requested)


@pytest.mark.parametrize("kind", [Linear, Trees, Network, Combined])
def test_a_value_that_is_multiplied_is_explained_by_its_logarithm_or_in_an_ensemble_itself(
    registry: Registry, kind: type[Candidate]
) -> None:
    app = app_of(registry, fitted(kind, "regression", loss="poisson"), "regression")
    requested = with_extremes(table(60, random.Random(1)))
    predictions = predict(app, requested).content["predictions"]
    for explanation, prediction in zip(explain(app, requested).content["explanations"], predictions, strict=True):
        assert explanation["scale"] == ("value" if kind is Combined else "logarithm of the value")
        assert close(total(explanation), explanation["score"], *explanation["contributions"].values())
        score = explanation["score"]
        assert close(score if kind is Combined else math.exp(score), prediction["value"])


@pytest.mark.parametrize("kind", [Linear, Forest, Combined])
def test_explanations_go_towards_the_positive_class(registry: Registry, kind: type[Candidate]) -> None:
    requested = with_extremes(table(30, random.Random(6)))
    answers = []
    for positive in (1, 0):
        app = app_of(registry, fitted(kind, "binary", calibrated=True, positive=positive), "binary")
        answers.append(explain(app, requested).content["explanations"])
    whole = 1.0 if kind is not Linear else 0.0
    for of_yes, of_no in zip(*answers, strict=True):
        assert (of_yes["class"], of_no["class"]) == ("yes", "no")
        assert close(total(of_no), of_no["score"], *of_no["contributions"].values())
        assert of_no["score"] == whole - of_yes["score"]
        assert of_no["contributions"] == {name: -part for name, part in of_yes["contributions"].items()}


@pytest.mark.parametrize("kind", [Linear, Trees, Forest, Network, Combined])
def test_what_a_model_does_not_use_contributes_nothing(registry: Registry, kind: type[Candidate]) -> None:
    app = app_of(registry, fitted(kind, "binary"), "binary")
    for explanation in explain(app, with_extremes(table(20, random.Random(2)))).content["explanations"][:20]:
        assert explanation["contributions"]["same"] == 0
        assert explanation["contributions"]["size"] != 0


def test_an_ensemble_credits_what_its_members_credit(registry: Registry) -> None:
    inner = fitted(Combined, "regression")
    requested = instances(table(20, random.Random(2)), KINDS)
    whole = explain(app_of(registry, inner, "regression"), requested).content["explanations"]
    expected = [dict.fromkeys(KINDS, 0.0) for _ in requested]
    for weight, member in inner["model"].members:
        parts = explain(app_of(registry, member, "regression"), requested).content["explanations"]
        for sums, part in zip(expected, parts, strict=True):
            for name, contribution in part["contributions"].items():
                sums[name] += weight * contribution
    for explanation, sums in zip(whole, expected, strict=True):
        assert explanation["contributions"] == pytest.approx(sums)


def test_outputs_of_several_classes_differ_by_what_probabilities_differ(registry: Registry) -> None:
    inner = fitted(Linear, "multiclass", calibrated=True)
    app = app_of(registry, inner, "multiclass")
    raw = table(30, random.Random(3))
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    model, calibration = inner["model"].model, inner["model"].calibration
    outputs = calibration.slope * model.decision_function(inner["encode"].transform(typed)) + calibration.shifts
    for explanation, own in zip(explain(app, instances(raw, KINDS)).content["explanations"], outputs, strict=True):
        assert close(explanation["score"], own[CLASSES["multiclass"].index(explanation["label"])])


def test_ids_are_echoed_as_in_predictions(app: App, instance: dict[str, Any]) -> None:
    (explanation,) = explain(app, [instance], "/v1/models/model:explain").content["explanations"]
    assert explanation == {
        "user_id": "u-1",
        "label": 1,
        "class": 1,
        "scale": "log-odds",
        "base": 0.0,
        "contributions": {"age": 3.0, "plan": 0.0, "new": 0.0, "since": 0.0},
        "score": 3.0,
    }


def test_ids_named_like_our_keys_move_aside(registry: Registry) -> None:
    schema = Schema([factories.AGE], "price", "regression", ids=("score",))
    registry.promote(factories.publish(registry, schema))
    models = ModelCache(registry)
    models.refresh()
    (explanation,) = explain(App(models, "model"), [{"age": 5, "score": "mine"}]).content["explanations"]
    assert (explanation["ids"], explanation["score"]) == ({"score": "mine"}, 0.5)


def test_errors_are_those_of_predict(app: App) -> None:
    explain(app, [{"age": "x"}]).problem(422, "a number is wanted")
    explain(app, [{"age": 1}] * 501).problem(413, "may hold 500")
    ask(app, "POST", "/explain", b"{", JSON_TYPE).problem(400, "line 1")
    ask(app, "POST", "/explain", b"{}").problem(415)
    assert ask(app, "GET", "/explain").headers["allow"] == "POST"


def test_what_overflows_on_the_way_is_422(registry: Registry) -> None:
    content = factories.document(factories.REGRESSION)
    layers = [
        {"weights": [[1e10]], "intercepts": [0.0], "activation": "tanh"},
        {"weights": [[2.0]], "intercepts": [1.0], "activation": "identity"},
    ]
    content["model"] = {"kind": "network", "layers": layers}
    registry.promote(factories.publish(registry, factories.REGRESSION, model=json.dumps(content).encode()))
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    assert explain(app, [{"age": 1e290}]).content["explanations"][0]["contributions"]["age"] == pytest.approx(2)
    assert predict(app, [{"age": 1e300}]).content["predictions"][0]["value"] == 3.0
    explain(app, [{"age": 1}, {"age": 1e300}]).problem(422, "cannot be explained")


def test_inputs_of_a_unit_that_cancel_each_other_are_both_credited(registry: Registry) -> None:
    schema = Schema([factories.AGE, Column("gap", "number", False, 1)], "price", "regression")
    content = factories.document(schema)
    content["encoder"] |= {"width": 2, "raw": [[0, 0], [1, 1]]}
    layers = [
        {"weights": [[1.0, -1.0]], "intercepts": [0.0], "activation": "tanh"},
        {"weights": [[2.0]], "intercepts": [1.0], "activation": "identity"},
    ]
    content["model"] = {"kind": "network", "layers": layers}
    registry.promote(factories.publish(registry, schema, model=json.dumps(content).encode()))
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    (explanation,) = explain(app, [{"age": 5, "gap": 5}]).content["explanations"]
    assert explanation["contributions"] == pytest.approx({"age": 10, "gap": -10})
    assert explanation["score"] == 1
    explain(app, [{"age": 1e308, "gap": 1e308}]).problem(422, "cannot be explained")


def test_a_kind_without_a_method_is_501(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = app._models.active.stable
    assert loaded
    monkeypatch.setattr(loaded.scorer, "output", lambda vector: [0.0])
    explain(app, [{"age": 1}]).problem(501, "cannot be explained")
    assert predict(app, [{"age": 1}]).status == 200


def test_the_openapi_document_has_the_routes(app: App) -> None:
    content = ask(app, "GET", "/openapi.json").content
    for path in ("/explain", "/v1/models/model:explain"):
        operation = content["paths"][path]["post"]
        body = operation["requestBody"]["content"]["application/json"]
        (explanation,) = ask(app, "POST", path, json.dumps(body["example"]).encode(), JSON_TYPE).content["explanations"]
        described = content["components"]["schemas"]["Explanation"]
        assert set(described["required"]) == set(explanation)
        assert body["schema"]["properties"]["instances"]["maxItems"] == 500
