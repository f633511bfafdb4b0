"""Trains with estimators of one's own, named as module:function, on tables with every kind of column."""

import pytest

from function_code.errors import Refused
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from tests.support.tables import briefly, mixed_csv

OURS = "tests.support.estimators"


def fitted(estimator: str, task: str) -> TrainedVersion:
    return fit(mixed_csv(task), "t.csv", briefly("target", estimator=estimator), lambda line: None)


def refusal(estimator: str, task: str = "binary") -> str:
    with pytest.raises(Refused) as refused:
        fitted(estimator, task)
    assert "\n" not in str(refused.value)
    return str(refused.value)
