"""Free text: what it says of the target is learned from, and what says nothing is left out."""

import gc
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.scoring.grams import grams
from function_code.training import text_scores
from function_code.training.candidates.candidate import Candidate, Rows
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.dataset import prepare
from function_code.training.encoders import Columns
from function_code.training.evaluate import mean_loss
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.tables import briefly, csv_bytes

ROWS = 600
FILLER = ["the", "of", "my", "order", "parcel", "shop", "last", "week", "again", "came", "with", "a", "box", "colour"]
GOOD, BAD = ["great", "wonderful", "loved", "perfect"], ["broken", "awful", "refund", "terrible"]
NAMES = [f"{first}{last}" for first in ("Kar", "Mon", "Pet", "Sus", "Tim", "Ol") for last in ("a", "ina", "er", "os")]


def review(chance: random.Random, mood: float) -> str:
    own = [chance.choice(GOOD if mood > 0 else BAD) for _ in range(chance.randint(0, 2))]
    words = [*own, *(chance.choice(FILLER) for _ in range(chance.randint(5, 20)))]
    chance.shuffle(words)
    return " ".join(words)


def table(task: str, text: Callable[[random.Random, float], str]) -> bytes:
    chance = random.Random(1)
    rows = []
    for _ in range(ROWS):
        mood, size = chance.choice([-1.0, 1.0]), chance.gauss(0, 1)
        score = mood + size + chance.gauss(0, 0.3)
        target = {"binary": "yes" if score > 0 else "no", "multiclass": "abc"[(score > -0.5) + (score > 0.5)]}
        rows.append([f"{size:.3f}", text(chance, mood), target.get(task, f"{10 * score:.3f}")])
    return csv_bytes(["size", "review", "target"], rows)


def trained(data: bytes, **settings: Any) -> TrainedVersion:
    return fit(data, "t.csv", Settings("target", **settings) if "budget" in settings else briefly("target", **settings),
               lambda line: None)  # fmt: skip


def warning(version: TrainedVersion) -> str:
    (only,) = [text for text in version.manifest["warnings"] if "'review'" in text]
    return str(only)


@pytest.mark.parametrize(("task", "metric", "least"), [
    ("regression", "r2", 0.6), ("binary", "roc_auc", 0.9), ("multiclass", "accuracy", 0.6)
])  # fmt: skip
def test_texts_are_learned_from(task: str, metric: str, least: float) -> None:
    version = trained(table(task, review))
    assert [column.kind for column in version.schema.features] == ["number", "text"]
    assert version.manifest["metrics"][metric] > least
    assert all(gate.passed for gate in version.gates)
    assert "is read as free text" in warning(version)


def test_texts_are_not_kept_when_a_training_is_over() -> None:
    trained(table("binary", review))
    assert not any(isinstance(each, text_scores.Rows) for each in gc.get_objects())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("kind", [Trees, Forest, Network])
def test_every_candidate_sees_texts(kind: type[Candidate]) -> None:
    dataset = prepare(read_table(table("binary", review), "t.csv"), Settings("target"), "t.csv")
    columns = Columns.of(dataset.typed, dataset.kinds, dataset.forms, len(dataset.classes))
    setting = {**kind.settings[0], "rounds": 60, "epochs": 20}
    learn, other = np.arange(0, 400), np.arange(400, ROWS)
    fitted = kind(columns, dataset.task).fit(setting, Rows(dataset.features(learn), dataset.target[learn]))
    assert mean_loss(fitted.pipeline, dataset.features(other), dataset.target[other]) < 0.5  # it is 0.55 by size alone


def test_names_that_say_nothing_are_left_out() -> None:
    version = trained(
        table("binary", lambda chance, _: f"{chance.choice(NAMES)} {chance.choice(NAMES)}son {chance.random()}")
    )
    assert [column.name for column in version.schema.features] == ["size"]
    assert version.schema.ignored == ("review",)
    assert "their words don't tell the target" in warning(version)
    assert check_instances(version.schema, [{"size": 1, "review": "Kara Timson"}, {"size": 1}])[1] == []


def test_a_person_can_insist_on_a_text() -> None:
    data = table("binary", lambda chance, _: f"{chance.choice(NAMES)} {chance.choice(NAMES)}son {chance.random()}")
    assert trained(data, kinds={"review": "text"}).schema.features[1].kind == "text"
    assert trained(data, kinds={"review": "id"}).schema.ignored == ("review",)


def test_codes_are_no_texts() -> None:
    version = trained(table("binary", lambda chance, _: f"{chance.getrandbits(60):x}"))
    assert "KINDS='review=text' learns from parts of them" in warning(version)


def test_parts_of_words_count() -> None:
    """The ending of a word says it, as where words are compounds or inflected."""

    def text(chance: random.Random, mood: float) -> str:
        stem = "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(3))
        return f"{stem}{'heit' if mood > 0 else 'ung'} {chance.choice(FILLER)} {chance.choice(FILLER)}"

    version = trained(table("binary", text))
    assert version.manifest["metrics"]["roc_auc"] > 0.9


def test_one_text_has_the_same_answer_alone_and_among_many() -> None:
    version = trained(table("binary", review))
    served = scorer.load(version.document)
    texts = ["", "great", "GREAT!!", "awful " * 5000, "\N{SNOWMAN}", "nothing that was ever seen"]
    rows = [[0.1, text] for text in texts]
    alone = [served.score([row])[0] for row in rows]
    assert served.score(rows * 10)[: len(rows)] == alone
    assert alone[1] != alone[5]


def test_grams() -> None:
    assert list(grams("Ab, ab c")) == ["ab", "c", "ab ab", "ab c", "~_ab", "~ab_", "~_ab_", "~_c_"]
    assert list(grams("")) == []
