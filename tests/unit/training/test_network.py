"""A network learns from all rows what it has learned from a part of them, whatever their number."""

import numpy as np
import pandas as pd
import pytest

from function_code.training.candidates.candidate import Rows
from function_code.training.candidates.scikit import Network
from function_code.training.encoders import Columns

# Each fit ends after the epochs that it is told, where scikit-learn would go on.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = {"x": "number", "z": "number"}


def rows(count: int) -> Rows:
    x, z = np.random.default_rng(0).normal(size=(2, count))
    return Rows(pd.DataFrame({"x": x, "z": z}), 10 * x + 5 * z)


@pytest.mark.parametrize("count", [150, 201, 401, 403, 602, 2_001])
def test_no_number_of_rows_makes_a_step_of_nothing_but_penalty(count: int) -> None:
    learned = rows(count)
    network = Network(Columns.of(learned.features, KINDS), "regression")
    fitted = network.fit({"hidden": [16], "penalty": 1.0, "epochs": 100}, learned).pipeline
    errors = fitted.predict(learned.features) - learned.target
    share = np.mean(errors**2) / np.var(learned.target)
    assert share < 0.1


@pytest.mark.parametrize("classes", [2, 3])
def test_the_same_holds_for_classes(classes: int) -> None:
    learned = rows(1_001)
    labels = pd.qcut(learned.target, classes, labels=False).astype(int)
    network = Network(Columns.of(learned.features, KINDS), "binary" if classes == 2 else "multiclass")
    fitted = network.fit({"hidden": [32, 16], "penalty": 3.0, "epochs": 100}, Rows(learned.features, labels)).pipeline
    assert np.mean(fitted.predict(learned.features) == labels) > 0.9
