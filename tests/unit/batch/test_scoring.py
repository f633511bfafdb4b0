"""Files scored as a whole: what is in the results, what is rejected, and why."""

import gzip
import json
import math

import pytest

from function_code.batch import checking, results, scoring
from function_code.column import Column
from function_code.errors import Conflict, NotFound, Refused, Unreachable
from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories
from tests.support.batch_folders import results as left
from tests.support.batch_folders import scored

GOOD = b"user_id,age,plan,new,since\n7,10,basic,true,2025-01-31\n8,-20,,,\n"


def serve(registry: Registry, schema: Schema = factories.BINARY) -> str:
    version = factories.publish(registry, schema)
    registry.promote(version)
    return version


def test_each_row_has_its_number_its_id_its_answer_and_the_version(registry: Registry) -> None:
    version = serve(registry)
    folder = scored(registry, GOOD)
    assert folder.header == ["row", "user_id", "label", "probability_0", "probability_1", "model_version"]
    first, second = folder.scores
    assert (first["row"], first["user_id"], first["label"]) == ("1", "7", "1")
    assert (second["row"], second["user_id"], second["label"]) == ("2", "8", "0")
    assert float(first["probability_1"]) == pytest.approx(factories.logistic(1))
    assert float(second["probability_1"]) == pytest.approx(factories.logistic(-2))
    assert {row["model_version"] for row in folder.scores} == {version}
    assert folder.rejects_header == ["user_id", "age", "plan", "new", "since", "rejected_row", "rejected_because"]
    assert folder.summary["labels"] == {"1": 1, "0": 1}
    assert folder.summary["model_version"] == version


WRONG = {
    ",basic,true,2025-01-31": "age: a value is wanted: it was never missing in training",
    "ten,basic,,": 'age: a number is wanted, not the text "ten"',
    "1_000,basic,,": 'age: a number is wanted, not the text "1_000"',
    "1e999,basic,,": "age: the number is too large",
    "10,basic,perhaps,": 'new: true or false is wanted, not the text "perhaps"',
    "10,basic,,soon": 'since: a date like 2025-12-31 or 2025-12-31T23:59:59Z is wanted, not the text "soon"',
    ",basic,perhaps,": (
        'age: a value is wanted: it was never missing in training; new: true or false is wanted, not the text "perhaps"'
    ),
    "10,basic": "it has 3 fields, but the header has 5",
    "10,basic,,,,": "it has 7 fields, but the header has 5",
    "1e300,basic,,": None,  # the logistic of 1e299 is 1
}  # fmt: skip


def test_what_is_wrong_does_not_stop_the_rest(registry: Registry) -> None:
    serve(registry)
    data = GOOD + "".join(f"x{row},{fields}\n" for row, fields in enumerate(WRONG)).encode() + b"9,0,,,\n"
    folder = scored(registry, data)
    expected = {row: why for row, why in enumerate(WRONG.values(), 3) if why}
    assert folder.reasons() == expected
    assert [int(row["row"]) for row in folder.scores] == [1, 2, 12, 13]


def test_rejects_that_were_mended_can_be_put_in_as_they_are(registry: Registry) -> None:
    serve(registry)
    scored(registry, GOOD + b"9,ten,pro,,\n")
    rejects = registry.store.get("results/rejects.csv").decode()
    folder = scored(registry, rejects.replace("ten", "10").encode())
    assert [row["user_id"] for row in folder.scores] == ["9"]
    assert folder.rejects == []


def test_a_row_without_a_finite_answer_is_rejected(registry: Registry) -> None:
    registry.promote(factories.publish(registry, factories.REGRESSION, slope=1e300))
    folder = scored(registry, b"value,age\na,1\nb,1e100\nc,2\n")
    assert folder.reasons() == {2: "no finite prediction: a value is too far outside of what the model was trained on"}
    assert folder.header == ["row", "id_value", "value", "model_version"]  # an id that is named like one of ours
    assert [(row["id_value"], float(row["value"])) for row in folder.scores] == [("a", 1e300), ("c", 2e300)]
    assert folder.summary["mean"] == 1.5e300


@pytest.mark.parametrize(
    "text",
    [
        "user_id;age;plan;new;since\n7;1,5;basic;true;2025-01-31\n",
        "\n\nuser_id\tage\tplan\tnew\tsince\n\n7\t 1.5\tbasic\tyes\t2025-01-31\n\n",
        'user_id,age,plan,new,since,note\n7,1.5,"basic","Y",2025-01-31,"two\nlines, and more"\n',
        "since,age,user_id\n,1.5,7\n",
        "age,user_id\r\n1.5,7\r\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_spellings_of_a_file(registry: Registry, text: str, encoding: str) -> None:
    serve(registry)
    (row,) = scored(registry, text.encode(encoding)).scores
    assert row["user_id"] == "7"
    assert float(row["probability_1"]) == pytest.approx(factories.logistic(0.15))


def test_flags_in_a_column_of_numbers_are_1_and_0_whatever_stands_beside_them(registry: Registry) -> None:
    serve(registry)
    alone = scored(registry, b"user_id,age\n1,True\n2,False\n").scores
    beside = scored(registry, b"user_id,age\n1,True\n2,False\n3,ten\n").scores
    assert [row["probability_1"] for row in alone] == [row["probability_1"] for row in beside]
    assert float(alone[0]["probability_1"]) == pytest.approx(factories.logistic(0.1))


def test_of_many_classes_the_most_probable_are_shown(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_LABEL_COLUMNS", 3)
    monkeypatch.setattr(results, "TOP_LABELS", 2)
    serve(registry, factories.MULTICLASS)
    folder = scored(registry, b"age\n0\n")
    assert folder.header == ["row", "label", "probability", "label_2", "probability_2", "model_version"]
    (row,) = folder.scores
    total = sum(math.exp(-k) for k in (0, 0, 1, 2))
    assert [row["label"], row["label_2"]] == ["a", "b"]
    assert float(row["probability_2"]) == pytest.approx(1 / total)


@pytest.mark.parametrize("shown", [3, 20])
def test_what_is_owned_is_not_recommended(registry: Registry, monkeypatch: pytest.MonkeyPatch, shown: int) -> None:
    monkeypatch.setattr(results, "MAX_LABEL_COLUMNS", shown)
    schema = Schema([factories.AGE], "choice", "multiclass", ("a", "b", "c", "d"), owned="has")
    serve(registry, schema)
    folder = scored(registry, b'age,has\n0,\n0,a\n0,"a;b , c"\n0,a|b|c|d\n')
    assert [row["label"] for row in folder.scores] == ["a", "b", "d", ""]
    assert "" in folder.scores[1].values()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"user_id,age,plam\n1,2,x\n", "columns that the model does not know: plam"),
        (b"user_id,plan\n1,x\n", "lacks columns that it was never without in training: age"),
        (b"age,age\n1,2\n", "more than one column named 'age'"),
        (b"age,plan\n" + b"1,basic\n" * 200_000 + b"2,\xff\xff\n", "is not UTF-8 after row"),
        (gzip.compress(b"age,plan\n" + b"1,basic\n" * 200_000, mtime=0)[:-20], "cannot be unpacked after row"),
        (b"<!DOCTYPE html>\n<html>", "is a web page, and no table"),
    ],
)
def test_a_file_that_does_not_suit_is_refused_and_nothing_is_written(
    registry: Registry, data: bytes, words: str
) -> None:
    serve(registry)
    with pytest.raises(Refused, match=words) as refused:
        scored(registry, data)
    assert "some.csv" in str(refused.value)
    assert left(registry.store) == []


def test_without_a_version_that_serves_nothing_is_scored(registry: Registry) -> None:
    with pytest.raises(NotFound, match="no version was promoted yet"):
        scored(registry, GOOD)


def test_a_store_that_fails_while_the_version_is_loaded_is_worth_another_try(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(registry)

    def away(*_: object) -> bytes:
        raise Unreachable("the store is away")

    monkeypatch.setattr(registry, "artifact", away)
    with pytest.raises(Unreachable, match="the store is away"):
        scored(registry, GOOD)


def test_a_version_that_is_corrupt_is_named(registry: Registry) -> None:
    version = serve(registry)
    registry.store.put(f"models/model/versions/{version}/model.json", b"{}")
    with pytest.raises(Refused, match=f"version {version} cannot be loaded: "):
        scored(registry, GOOD)


def test_a_file_that_is_written_to_meanwhile(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(registry)
    check = checking.check_block

    def meanwhile(*arguments: object) -> object:
        registry.store.put("some.csv", GOOD)
        return check(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scoring, "check_block", meanwhile)
    with pytest.raises(Conflict, match="was written to while it was scored"):
        scored(registry, GOOD)
    assert left(registry.store) == []


def test_a_file_that_comes_again_and_is_refused_is_not_the_one_that_was_scored(registry: Registry) -> None:
    serve(registry)
    first = scored(registry, GOOD).summary["file_tag"]
    assert first == registry.store.tag("some.csv")
    again = scored(registry, GOOD + b"9,30,pro,,\n").summary["file_tag"]
    assert again == registry.store.tag("some.csv") != first
    with pytest.raises(Refused):
        scored(registry, b"age,plam\n")
    kept = json.loads(registry.store.get("results/summary.json"))
    assert kept["file_tag"] == again != registry.store.tag("some.csv")


def test_what_cannot_be_done_in_time_is_refused_early(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(registry)
    monkeypatch.setattr(scoring, "ESTIMATE_AFTER_SECONDS", 0.0)
    with pytest.raises(Refused, match=r"would take [\d,]+ seconds, and there are 0; put it in as \d+ files"):
        scored(registry, GOOD, seconds_left=1e-5)
    assert left(registry.store) == []


@pytest.mark.parametrize(("encoding", "text"), [("cp1250", "Łódź"), ("cp1254", "Iğdır"), ("cp866", "Москва")])
def test_a_file_has_the_encoding_of_the_one_that_was_learned_from(registry: Registry, encoding: str, text: str) -> None:
    serve(registry, Schema([factories.AGE], "bought", "binary", (0, 1), ids=("city",), encoding=encoding))
    folder = scored(registry, f"city,age\n{text},1\n{text},2\n".encode(encoding))
    assert [row["city"] for row in folder.scores] == [text, text]


@pytest.mark.parametrize("word", ["inf", "1e200", "ask Bob"])
@pytest.mark.parametrize("is_known", [True, False])
def test_what_counted_as_missing_in_training_does_so_in_scoring(registry: Registry, word: str, is_known: bool) -> None:
    age = Column("age", "number", True, 40, odd=[word] if is_known else ())
    serve(registry, Schema([age], "bought", "binary", (0, 1)))
    with_word, with_gap = (
        (folder.scores, folder.reasons())
        for folder in (scored(registry, f"age,bought\n1,\n{text},\n".encode()) for text in (word, ""))
    )
    assert list(with_gap[1]) == [2]
    assert (with_word == with_gap) == is_known
