"""The function that a setting names: what is wrong with it is said in one line that says what to do."""

from pathlib import Path

import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.training.run import train
from tests.support.estimator_training import OURS, fitted, refusal
from tests.support.tables import briefly, mixed_csv


@pytest.mark.parametrize("estimator", ["lightgbm", "mine:", ":made", "mine:made()", "my module:made"])
def test_a_name_is_a_module_and_a_function(estimator: str) -> None:
    message = f"estimator is {estimator!r}; it is module:function, as in function_code.mine:estimator"
    assert refusal(estimator) == message


@pytest.mark.parametrize(
    ("estimator", "why"),
    [
        ("no_such_module:made", "there is no module no_such_module"),
        ("tests.unit.no.such:made", "there is no module tests.unit.no"),
        ("json:made", "json has no function made"),
        ("string:digits", "string has no function digits"),
        (
            "importing:made",
            "it imports no_such_library, which is not installed; name that in requirements/local.in, then: make lock",
        ),
        ("broken:made", "broken cannot be imported (ZeroDivisionError: division by zero)"),
        ("unwritten:made", "unwritten cannot be imported (SyntaxError: invalid syntax (unwritten.py, line 1))"),
        (f"{OURS}:failing", "the function raised RuntimeError: nothing for binary"),
        (f"{OURS}:a_class", "it returned the class LGBMClassifier, not an estimator made of it"),
        (f"{OURS}:nothing", "it returned a NoneType without fit, predict, predict_proba, not an estimator for binary"),
        (
            f"{OURS}:without_probabilities",
            "it returned a SVR without predict_proba, not an estimator for binary",
        ),
        (
            f"{OURS}:without_probabilities_once_fitted",
            "it returned a SVC without predict_proba, not an estimator for binary",
        ),
        (f"{OURS}:not_fitting", "it cannot be fitted (LinAlgError: singular)"),
        (f"{OURS}:predicting_nothing", "it predicts NaN or infinity"),
        (f"{OURS}:predicting_one", "it cannot be fitted (RuntimeError: one at a time)"),
        (f"{OURS}:backwards", "its classes_ are not the sorted labels that it was fitted on"),
    ],
)
def test_what_is_no_estimator_is_refused(
    estimator: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "importing.py").write_text("import no_such_library\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    (tmp_path / "unwritten.py").write_text("def\n")
    assert refusal(estimator) == f"estimator {estimator}: {why}"


def test_one_that_cannot_be_kept_is_refused_and_nothing_is_published(registry: Registry) -> None:
    settings = briefly("target", estimator=f"{OURS}:not_pickled")
    with pytest.raises(Refused) as refused:
        train(mixed_csv("binary"), "t.csv", settings, registry, lambda line: None)
    assert str(refused.value).startswith(f"estimator {OURS}:not_pickled: PicklingError: ")
    assert "\n" not in str(refused.value)
    assert registry.versions() == []


TALKING = """
from sklearn.linear_model import LogisticRegression

class Talking(LogisticRegression):
    def fit(self, x, y):
        print("fitted")
        return super().fit(x, y)

def made(task):
    print("made")
    return Talking()

print("imported")
"""


def test_only_results_are_on_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "talking.py").write_text(TALKING)
    fitted("talking:made", "binary")
    output = capsys.readouterr()
    assert output.out == ""
    assert set(output.err.split()) == {"imported", "made", "fitted"}
