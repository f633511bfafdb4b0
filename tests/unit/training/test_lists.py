"""Lists in a cell: each frequent element is learned from by itself, in whatever form a request has the list."""

import random
from typing import Any

import pytest

from function_code.request_checks import check_instances
from function_code.scoring import scorer
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit
from tests.support.tables import briefly, csv_bytes

TAGS = ["sale", "new", "big sea", "old", "blue", "rare"]
WORTH = dict(zip(TAGS, (5, -3, 2, 0, 1, 0), strict=True))


def trained(separator: str, **settings: Any) -> TrainedVersion:
    chance = random.Random(1)
    rows = []
    for index in range(600):
        tags = chance.sample(TAGS[:5], chance.randint(0, 4)) + (["rare"] if index % 300 == 0 else [])
        rows.append([f'"{separator.join(tags)}"', chance.random(), sum(map(WORTH.__getitem__, tags))])
    return fit(csv_bytes(["tags", "noise", "price"], rows), "t.csv", briefly("price", **settings), lambda line: None)


@pytest.mark.parametrize("separator", [";", " | ", ", ", "/"])
def test_each_frequent_element_is_learned_from(separator: str) -> None:
    version = trained(separator)
    (tags, _) = version.schema.features
    assert (tags.kind, tags.form, set(tags.values)) == ("list", separator.strip(), set(TAGS[:5]))
    assert version.manifest["metrics"]["r2"] > 0.99
    assert all(gate.passed for gate in version.gates)
    assert any("'tags' is read as lists" in warning for warning in version.manifest["warnings"])


def test_a_request_has_a_list_or_a_text() -> None:
    version = trained(";")
    served = scorer.load(version.document)
    forms: list[Any] = [["sale", "blue"], "sale;blue", "blue ; sale;; sale", ["blue", "sale", "never seen"]]
    rows, problems = check_instances(version.schema, [{"tags": form, "noise": 0.5} for form in forms])
    assert not problems
    first, *others, last = served.score(rows)
    assert first[0] == pytest.approx(6, abs=0.2)
    assert [other == first for other in others] == [True, True]
    assert last[0] == pytest.approx(first[0], abs=0.5)  # one element more is all that is known of it
    assert served.score(rows * 20)[: len(rows)] == [first, *others, last]


@pytest.mark.parametrize("wrong", [5, True, [["sale"]], [None], {"sale": 1}])
def test_what_is_no_list_is_refused(wrong: Any) -> None:
    _, problems = check_instances(trained(";").schema, [{"tags": wrong, "noise": 0.5}])
    assert "a list of texts is wanted, or a text with ; between them" in problems[0]["problem"]


def test_a_list_can_be_kept_as_a_category_and_a_category_be_read_as_a_list() -> None:
    assert trained(";", kinds={"tags": "category"}).schema.features[0].kind == "category"
    assert trained("/", kinds={"tags": "list:;"}).schema.features[0].form == ";"
    assert trained("/", kinds={"tags": "list"}).schema.features[0].form == "/"
