"""What POST :explain answers: contributions that add up to the score, by methods worked out here once more."""

import json
import math
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from function_code.registry import Registry
from function_code.schema import Column, Schema
from function_code.serving.app import App
from function_code.serving.model_cache import Models
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.scikit import Forest, Linear, Network, Trees
from function_code.training.column_typing import ColumnTyper
from function_code.training.decision import CalibratedClassifier, Calibration
from function_code.training.encoders import Columns
from function_code.training.export import document
from function_code.training.parity import instances
from tests.support import factories
from tests.support.client import JSON_TYPE, ask, predict

KINDS = {"size": "number", "gap": "number", "flag": "boolean", "day": "date", "city": "category", "same": "number"}
EXAMPLES = {"number": 1.5, "boolean": True, "category": "city 1", "date": "2025-01-31"}
CLASSES: dict[str, list[Any]] = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c"], "regression": []}
SETTING = {"penalty": 1.0, "leaves": 8, "rate": 0.1, "l2": 1.0, "rounds": 20, "least_leaf": 5, "share": "sqrt"}

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def table(count: int, chance: random.Random, same: str = "7") -> pd.DataFrame:
    rows = [
        [
            repr(chance.lognormvariate(0, 2)),
            "" if chance.random() < 0.3 else repr(chance.gauss(0, 1)),
            chance.choice(["yes", "no", ""]),
            f"{chance.randint(2010, 2029)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            chance.choice(["", "city 1", "city 2", "city 2", f"city {chance.randint(3, 40)}"]),
            same,
        ]
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=list(KINDS), dtype=str)


def target(raw: pd.DataFrame, task: str, chance: random.Random) -> Any:
    known = pd.Series(np.log(raw["size"].astype(float))) + 2 * (raw["gap"] == "") + (raw["city"] == "city 2")
    score = known.to_numpy() + np.array([chance.gauss(0, 1) for _ in range(len(raw))])
    if task == "regression":
        return 100 + 10 * score
    cuts = np.quantile(score, np.linspace(0, 1, len(CLASSES[task]) + 1)[1:-1])
    return np.array(CLASSES[task], dtype=object)[np.searchsorted(cuts, score)]


def fitted(kind: type[Candidate], task: str, calibrated: bool = False) -> Pipeline:
    chance = random.Random(f"{kind.name} {task}")
    raw = table(250, chance)
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    setting = {**SETTING, "hidden": [8, 5], "epochs": 30}
    with threadpool_limits(1):
        inner = kind(Columns.of(typed), task).fit(setting, Rows(typed, target(raw, task, chance))).pipeline
    if not calibrated:
        return inner
    calibration = Calibration(0.7, [chance.gauss(0, 1) for _ in CLASSES[task]])
    limit = 0.4 if task == "binary" else None
    return Pipeline([*inner.steps[:-1], ("model", CalibratedClassifier(inner["model"], calibration, limit))])


def app_of(registry: Registry, inner: Pipeline, task: str) -> App:
    columns = [Column(name, kind, True, EXAMPLES[kind]) for name, kind in KINDS.items()]
    schema = Schema(columns, "target", task, CLASSES[task])
    registry.promote(factories.publish(registry, schema, model=json.dumps(document(inner, KINDS)).encode()))
    models = Models(registry)
    models.refresh()
    assert models.problem is None
    return App(models, "model")


def explain(app: App, asked: Any, path: str = "/explain") -> Any:
    return predict(app, asked, path)


def asked_of(raw: pd.DataFrame) -> list[dict[str, Any]]:
    blank: dict[str, Any] = dict.fromkeys(KINDS)
    far = {"size": 1e12, "gap": -1e9, "flag": "no", "day": "1931-12-31", "city": "never seen", "same": 7}
    return [*instances(raw, KINDS), blank, {**blank, "same": 7}, far, {**far, "size": -1e90}]


def total(explanation: Any) -> float:
    return float(explanation["base"] + sum(explanation["contributions"].values()))


def close(found: float, wanted: float, *others: float) -> bool:
    return abs(found - wanted) <= 1e-9 * max(1.0, abs(wanted), *map(abs, others))


@pytest.mark.parametrize("calibrated", [False, True])
@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("kind", [Linear, Trees, Forest, Network])
def test_contributions_add_up_to_the_score_of_the_prediction(
    registry: Registry, kind: type[Candidate], task: str, calibrated: bool
) -> None:
    if calibrated and task == "regression":
        return  # there is nothing to calibrate
    app = app_of(registry, fitted(kind, task, calibrated), task)
    asked = asked_of(table(60, random.Random(1)))
    explanations = explain(app, asked).content["explanations"]
    predictions = predict(app, asked).content["predictions"]
    scales = {"binary": "log-odds", "multiclass": "logit", "regression": "value"}
    scale = scales[task]
    if kind is Forest and task != "regression":
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
    assert credited > 3 * len(asked)


@pytest.mark.parametrize("kind", [Linear, Trees, Forest, Network])
def test_what_a_model_does_not_use_contributes_nothing(registry: Registry, kind: type[Candidate]) -> None:
    app = app_of(registry, fitted(kind, "binary"), "binary")
    for explanation in explain(app, asked_of(table(20, random.Random(2)))).content["explanations"][:20]:
        assert explanation["contributions"]["same"] == 0
        assert explanation["contributions"]["size"] != 0


def test_outputs_of_several_classes_differ_by_what_probabilities_differ(registry: Registry) -> None:
    inner = fitted(Linear, "multiclass", calibrated=True)
    app = app_of(registry, inner, "multiclass")
    raw = table(30, random.Random(3))
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    model, calibration = inner["model"].model, inner["model"].calibration
    outputs = calibration.slope * model.decision_function(inner["encode"].transform(typed)) + calibration.shifts
    for explanation, own in zip(explain(app, instances(raw, KINDS)).content["explanations"], outputs, strict=True):
        assert close(explanation["score"], own[CLASSES["multiclass"].index(explanation["label"])])


def test_of_a_linear_model_each_coefficient_times_the_distance_from_the_mean(registry: Registry) -> None:
    inner = fitted(Linear, "regression")
    app = app_of(registry, inner, "regression")
    raw = table(40, random.Random(4))
    encode, weights = inner["encode"], inner["model"].coef_
    numbers, cities = (encode.named_transformers_[name] for name in ("numbers", "categories"))
    fill, scale = numbers["fill"], numbers["scale"]
    at = encode.transformers_[0][2].index("gap")
    absent = len(fill.statistics_) + list(fill.indicator_.features_).index(at)
    by_city = dict(zip(cities.get_feature_names_out(), weights[len(scale.mean_) :], strict=True))
    explanations = explain(app, instances(raw, KINDS)).content["explanations"]
    for explanation, gap, city in zip(explanations, raw["gap"], raw["city"], strict=True):
        value = float(gap) if gap else fill.statistics_[at]
        wanted = sum(
            weights[position] / scale.scale_[position] * (x - scale.mean_[position])
            for position, x in ((at, value), (absent, gap == ""))
        )
        assert explanation["base"] == pytest.approx(inner["model"].intercept_)
        assert explanation["contributions"]["gap"] == pytest.approx(wanted)
        own = by_city.get(f"city_{city}", by_city["city_infrequent_sklearn"])
        assert explanation["contributions"]["city"] == pytest.approx(own)
    assert {"", "city 2"} < set(raw["city"])


Found = tuple[float, dict[int, float]]


def boosted_path(nodes: Any, x: Any) -> Found:
    """Of a tree of HistGradientBoosting: its mean, and what each feature of the encoder moved it by."""

    def mean(node: Any) -> float:
        if node["is_leaf"]:
            return float(node["value"])
        left, right = nodes[node["left"]], nodes[node["right"]]
        return float(np.average([mean(left), mean(right)], weights=[left["count"], right["count"]]))

    def walk(node: Any, found: dict[int, float]) -> Found:
        if node["is_leaf"]:
            return mean(nodes[0]), found
        feature = int(node["feature_idx"])
        value = x[feature]
        left = node["missing_go_to_left"] if np.isnan(value) else value <= node["num_threshold"]
        child = nodes[node["left"] if left else node["right"]]
        return walk(child, {**found, feature: found.get(feature, 0.0) + mean(child) - mean(node)})

    return walk(nodes[0], {})


def forest_path(tree: Any, x: Any, output: int) -> Found:
    """Of a tree of a forest, whose nodes know their own means."""
    means = tree.value[:, 0, :]

    def walk(node: int, found: dict[int, float]) -> Found:
        feature = int(tree.feature[node])
        if feature < 0:
            return float(means[0, output]), found
        value = np.float32(x[feature])
        left = tree.missing_go_to_left[node] if np.isnan(value) else value <= tree.threshold[node]
        child = int(tree.children_left[node] if left else tree.children_right[node])
        return walk(
            child, {**found, feature: found.get(feature, 0.0) + float(means[child, output] - means[node, output])}
        )

    return walk(0, {})


@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("kind", [Trees, Forest])
def test_of_trees_what_each_split_moves_the_mean_by(registry: Registry, kind: type[Candidate], task: str) -> None:
    inner = fitted(kind, task)
    app, model = app_of(registry, inner, task), inner["model"]
    raw = table(15, random.Random(5))
    inputs = inner["encode"].transform(ColumnTyper(KINDS).fit(raw).transform(raw))
    numeric = inner["encode"].transformers_[0][2]
    names = [name.partition(" (")[0] for name in numeric] + ["city"] * (inputs.shape[1] - len(numeric))
    explanations = explain(app, instances(raw, KINDS)).content["explanations"]
    for explanation, x in zip(explanations, inputs, strict=True):
        output = CLASSES[task].index(explanation["class"]) if task != "regression" else 0
        if kind is Forest:
            paths = [forest_path(estimator.tree_, x, output) for estimator in model.estimators_]
            base, by = 0.0, len(paths)
        else:
            own = output if task == "multiclass" else 0
            paths = [boosted_path(trees[own].nodes, x) for trees in model._predictors]
            base, by = float(np.ravel(model._baseline_prediction)[own]), 1
        wanted = dict.fromkeys(KINDS, 0.0)
        for mean, found in paths:
            base += mean / by
            for position, moved in found.items():
                wanted[names[position]] += moved / by
        assert explanation["base"] == pytest.approx(base, abs=1e-9)
        assert explanation["contributions"] == pytest.approx(wanted, abs=1e-9)


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
    models = Models(registry)
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
    models = Models(registry)
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
    models = Models(registry)
    models.refresh()
    app = App(models, "model")
    (explanation,) = explain(app, [{"age": 5, "gap": 5}]).content["explanations"]
    assert explanation["contributions"] == pytest.approx({"age": 10, "gap": -10})
    assert explanation["score"] == 1
    explain(app, [{"age": 1e308, "gap": 1e308}]).problem(422, "cannot be explained")


def test_a_kind_without_a_method_is_501(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = app._models.serving.stable
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
