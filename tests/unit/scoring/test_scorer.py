"""The plain scorers give scikit-learn's own numbers, on random tables and on rows made to break them."""

import json
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from function_code.scoring import scorer
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.column_typer import ColumnTyper
from function_code.training.encoders import Columns
from function_code.training.evaluate import predict
from function_code.training.export import document
from function_code.training.parity import TOLERANCE
from tests.support.ensembles import Combined

KINDS = {"number": "number", "gap": "number", "stamp": "number", "flag": "boolean", "day": "date", "city": "category"}
CLASSES: dict[str, list[Any]] = {"binary": ["no", "yes"], "multiclass": ["a", "b", "c", "d"], "regression": []}


def table(count: int, chance: random.Random) -> pd.DataFrame:
    cities = [f"city {i}" for i in range(30)]
    return pd.DataFrame(
        [
            [
                repr(chance.lognormvariate(0, 3)),
                "" if chance.random() < 0.4 else repr(chance.gauss(0, 1e-6)),
                str(1_700_000_000 + chance.randrange(10**7)),
                chance.choice(["yes", "no", ""]),
                ""
                if chance.random() < 0.1
                else f"20{chance.randint(10, 29)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}",
                chance.choice(["", *cities, *cities[:3] * 10]),
            ]
            for _ in range(count)
        ],
        columns=list(KINDS),
        dtype=str,
    )


def target(frame: pd.DataFrame, task: str, chance: random.Random) -> Any:
    score = (
        np.log(frame["number"].astype(float))
        + (frame["flag"] == "yes")
        + np.array([chance.gauss(0, 1) for _ in range(len(frame))])
    )
    if task == "regression":
        return score.to_numpy() * 1e4
    cuts = np.quantile(score, np.linspace(0, 1, len(CLASSES[task]) + 1)[1:-1])
    return np.array(CLASSES[task], dtype=object)[np.searchsorted(cuts, score)]


def fitted(kind: type[Candidate], task: str, seed: int) -> tuple[Pipeline, scorer.Scorer]:
    chance = random.Random(seed)
    raw = table(300, chance)
    typed = ColumnTyper(KINDS).fit(raw).transform(raw)
    setting = {**kind.settings[0], "rounds": 60, "epochs": 20}
    inner = kind(Columns.of(typed, KINDS), task).fit(setting, Rows(typed, target(raw, task, chance))).pipeline
    tables = json.loads(json.dumps(document(inner, KINDS), allow_nan=False))
    return Pipeline([("typed", ColumnTyper(KINDS).fit(raw)), *inner.steps]), scorer.load(tables)


def rows_of(raw: pd.DataFrame) -> list[list[Any]]:
    return [list(row[: len(KINDS)]) for row in ColumnTyper(KINDS).fit(raw).transform(raw).itertuples(index=False)]


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("task", CLASSES)
@pytest.mark.parametrize("kind", [Linear, Trees, Forest, Network, Combined])
def test_random_models_agree_on_rows_never_seen(kind: type[Candidate], task: str, seed: int) -> None:
    pipeline, served = fitted(kind, task, seed)
    raw = table(300, random.Random(seed + 1000))
    raw.loc[len(raw)] = ["", "", "", "", "", ""]
    raw.loc[len(raw)] = ["-0.0", "0", "0", "no", "1970-01-01", "nowhere"]
    raw.loc[len(raw)] = ["1e90", "-1e90", "-1e90", "yes", "0001-01-01", "Ünseen"]
    raw.loc[len(raw)] = ["5e-324", "1e-300", "1.7e18", "yes", "9999-12-31T23:59:59.999999Z", ""]
    own = predict(pipeline, raw)
    difference = np.abs(np.array(served.score(rows_of(raw))) - own) / np.maximum(1, np.abs(own))
    assert difference.max() <= TOLERANCE


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("task", CLASSES)
def test_a_row_of_an_ensemble_has_the_same_answer_alone_and_among_others(task: str) -> None:
    _, served = fitted(Combined, task, 7)
    rows = rows_of(table(100, random.Random(8)))
    alone = [served.score([row])[0] for row in rows]
    assert served.score(rows) == alone
    assert list(map(list, zip(*served.score_columns(list(zip(*rows, strict=True))), strict=True))) == alone


def test_values_exactly_on_a_threshold_go_the_same_way() -> None:
    pipeline, served = fitted(Trees, "binary", 5)
    thresholds = sorted({node["num_threshold"] for trees in pipeline["model"]._predictors for node in trees[0].nodes})
    raw = table(len(thresholds), random.Random(1))
    raw["number"] = [repr(float(t)) for t in thresholds]
    assert np.max(np.abs(np.array(served.score(rows_of(raw))) - predict(pipeline, raw))) <= TOLERANCE


def test_a_result_that_is_not_finite_is_named() -> None:
    served = scorer.load(
        {
            "format": scorer.FORMAT,
            "link": "identity",
            "calibration": None,
            "decision": None,
            "model": {"kind": "linear", "weights": [[1e300, 1e300]], "intercepts": [0.0]},
            "encoder": {
                "width": 2,
                "derived": [],
                "logarithms": [],
                "raw": [[0, 0], [1, 1]],
                "scaled": [],
                "missing": [],
                "onehot": [],
            },
        }
    )
    assert served.score([[1.0, 1.0]]) == [[2e300]]
    with pytest.raises(scorer.Unscorable) as unscorable:
        served.score([[1.0, 1.0], [1e100, -1e100]])
    assert unscorable.value.index == 1


@pytest.mark.parametrize("z", [-1e308, -800.0, -30.0, 0.0, 30.0, 800.0, 1e308])
def test_the_logistic_link_never_overflows(z: float) -> None:
    negative, positive = scorer.LINKS["logistic"]([z])
    assert negative + positive == 1.0
    assert 0.0 <= positive <= 1.0


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="reads models of format 4, not 1"):
        scorer.load({"format": 1})
