"""Any CSV by configuration alone: each either trains, or is refused by one clear line before anything is written."""

import random
from typing import Any

import numpy as np
import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.training.publish import TrainedVersion
from function_code.training.run import fit, train
from tests.support.tables import YES_NO, briefly, csv_bytes, rows, yes_no


def trained(data: bytes, target: str = "target", **settings: Any) -> TrainedVersion:
    return fit(data, "data.csv", briefly(target, **settings), lambda line: None)


def kinds(version: TrainedVersion) -> dict[str, str]:
    return {column.name: column.kind for column in version.schema.features}


def passed(version: TrainedVersion) -> bool:
    return all(gate.passed for gate in version.gates)


def test_a_yes_no_target_with_booleans_blanks_and_categories() -> None:
    version = trained(csv_bytes(YES_NO, rows(400, yes_no)))
    assert (version.schema.task, version.schema.classes) == ("binary", ("no", "yes"))
    assert kinds(version) == {"number": "number", "member": "boolean", "status": "category"}
    assert [column.nullable for column in version.schema.features] == [True, True, True]
    assert set(version.schema.features[2].values) == {"new", "old", "lost", "NA"}
    assert passed(version)


def test_a_text_target_of_several_classes() -> None:
    def make(chance: random.Random) -> list[Any]:
        number = chance.random()
        return [number, f"2024-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}", "abc"[int(number * 3)]]

    version = trained(csv_bytes(["number", "day", "target"], rows(400, make)))
    assert (version.schema.task, version.schema.classes) == ("multiclass", ("a", "b", "c"))
    assert kinds(version) == {"number": "number", "day": "date"}
    assert passed(version)


def test_a_numeric_target() -> None:
    def make(chance: random.Random) -> list[Any]:
        number = chance.random()
        return [number, chance.choice(["007", "012", "100"]), 1e6 * number + chance.gauss(0, 1e5)]

    version = trained(csv_bytes(["number", "code", "target"], rows(400, make)))
    assert (version.schema.task, version.schema.classes) == ("regression", ())
    assert kinds(version) == {"number": "number", "code": "category"}
    assert passed(version)
    assert version.manifest["metrics"]["rmse"] < 0.5 * version.manifest["baseline"]["rmse"]


def test_whole_numbers_are_classes_if_asked() -> None:
    table = csv_bytes(["a", "target"], [[i % 8, i % 4] for i in range(200)])
    by_default = trained(table)
    assert by_default.schema.task == "regression"
    hint = "is predicted as a number; if its 4 values are codes of classes, set task to multiclass"
    assert any(hint in warning for warning in by_default.manifest["warnings"])
    as_classes = trained(table, task="multiclass")
    assert as_classes.schema.classes == (0, 1, 2, 3)
    assert not any("codes of classes" in warning for warning in as_classes.manifest["warnings"])


PLAIN = csv_bytes(YES_NO, rows(200, yes_no))


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.decode().encode("utf-16"),
        csv_bytes(YES_NO, rows(200, yes_no), "\t"),
        csv_bytes(YES_NO, ([str(value).replace(".", ",") for value in row] for row in rows(200, yes_no)), ";"),
        PLAIN.replace(b",", b", "),
        b"\n" + PLAIN,
    ],
    ids=["BOM", "CRLF", "UTF-16", "tabs", "semicolons and decimal commas", "spaces", "a blank line first"],
)
def test_the_same_table_written_otherwise_gives_the_same_model(data: bytes) -> None:
    assert trained(data).document == trained(PLAIN).document


def test_column_names_may_be_anything() -> None:
    names = ['"first, col"', "dot.ted", "späce é 日本", '"quo""te"']
    version = trained(csv_bytes(names, rows(200, yes_no)), 'quo"te')
    assert list(kinds(version)) == ["first, col", "dot.ted", "späce é 日本"]
    assert check_instances(version.schema, [version.schema.example()])[1] == []


def test_what_is_not_used_is_said_and_may_stay_in_a_request() -> None:
    def make(chance: random.Random) -> list[Any]:
        row = yes_no(chance)
        return [*row[:3], "", "same", f"text {chance.random()}", *row[3:]]

    version = trained(
        csv_bytes(["number", "member", "status", "empty", "constant", "prose", "target"], rows(200, make))
    )
    assert version.schema.ignored == ("empty", "constant", "prose")
    unused = [warning for warning in version.manifest["warnings"] if " is not used" in warning]
    assert [warning.partition(" is not used")[0] for warning in unused] == [
        "column 'empty'",
        "column 'constant'",
        "column 'prose'",
    ]


def test_kinds_ids_and_drops_are_configured() -> None:
    table = csv_bytes(["zip", "user", "noise", "target"], [[i % 5, i, i % 3, i % 5 == 0] for i in range(200)])
    version = trained(table, kinds={"zip": "category"}, id=("user",), drop=("noise",))
    assert kinds(version) == {"zip": "category"}
    assert (version.schema.ids, version.schema.ignored) == (("user",), ("noise",))


@pytest.mark.parametrize("leak", ["text", "number"])
def test_a_leaking_feature_is_warned_of(leak: str) -> None:
    table = [[*row, f"was {row[3]}" if leak == "text" else 7.5 * (row[3] == "yes")] for row in rows(200, yes_no)]
    version = trained(csv_bytes([*YES_NO, "leak"], table))
    assert [
        warning for warning in version.manifest["warnings"] if "'leak' alone predicts 100.0 % of the target" in warning
    ]


def test_rare_classes_and_rows_without_a_target_are_left_out_and_said() -> None:
    table = [[i % 7, "" if i % 10 == 0 else "rare" if i == 1 else "ab"[i % 2]] for i in range(200)]
    version = trained(csv_bytes(["a", "target"], table))
    assert version.schema.classes == ("a", "b")
    assert "rows without a 'target' were left out: 20 of 200" in version.manifest["warnings"]
    assert [
        warning
        for warning in version.manifest["warnings"]
        if warning.startswith("classes of 'target' with fewer than 5")
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b'""\n', "data.csv has no column names"),
        (b"number,target\n", "at least 20 rows with a 'target' are needed to train and test; data.csv has 0"),
        (b"number,target", "data.csv has 0"),
        (b"number,target\n1,yes\n", "data.csv has 1"),
        (csv_bytes(["number", "targte"], [[1, 2]] * 30), "target names the column 'target', .* did you mean 'targte'"),
        (csv_bytes(["number", "target"], [[i, "yes"] for i in range(30)]), "is 'yes' in every row"),
        (csv_bytes(["a", "a", "target"], [[1, 2, 3]] * 30), "more than one column named 'a'"),
        (csv_bytes(["user", "target"], [[f"u{i}", i % 2] for i in range(100)]), "no column to learn from"),
        (
            csv_bytes(["a", "target"], [[i, int(i < 3)] for i in range(100)]),
            "two classes of at least 5 rows each are needed; the target .target. is 0 in 97, 1 in 3",
        ),
        (csv_bytes(["a", "target"], [[i, f"2024-01-{i % 28 + 1:02d}"] for i in range(100)]), "is a date"),
        (csv_bytes(["a", "target"], [[1e300, i] for i in range(100)]), r"'a' has 1e\+300 in row 1"),
        (PLAIN + b"1,true,new,no,5\n", "Expected 4 fields in line 202, saw 5"),
        (PLAIN + b"1,true\n", "line 202 of data.csv has 2 fields, but the header has 4"),
        (b"a,target\n1,2,3\n" + b"1,2\n" * 30, "more fields in its first rows"),
        (PLAIN + b'"open,1\n', "EOF inside string"),
        (b"PK\x03\x04\x00\x00" + bytes(100), "cannot be unpacked"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_line(registry: Registry, data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        train(data, "data.csv", briefly("target"), registry, lambda line: None)
    assert "\n" not in str(refused.value)
    assert registry.store.list("models") == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"id": ("numbr",)}, "id names the column 'numbr', .* did you mean 'number'"),
        ({"drop": ("x",)}, "drop names the column 'x', .* its columns are number, member, status, target"),
        ({"drop": ("target",)}, "'target' is the target"),
        ({"kinds": {"number": "float"}}, "'number' is 'float'; it can be one of number, boolean"),
        ({"kinds": {"status": "number"}}, "column 'status' is of no number: it has "),
        ({"task": "ranking"}, "task is 'ranking'"),
        ({"task": "regression"}, "task is regression, but the target 'target' .* holds no numbers: it has 'no', 'yes'"),
        ({"group": "number", "time": "number"}, "group and time are both set"),
        ({"framework": "pytorch", "estimator": "m:f"}, "'pytorch' and estimator 'm:f'; only one of them can train"),
        ({"time": "status"}, "holds neither dates nor numbers"),
    ],
)
def test_settings_that_do_not_fit_the_data_are_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        trained(PLAIN, **settings)


def test_a_model_no_better_than_the_baseline_is_kept_but_not_promoted(registry: Registry) -> None:
    noise = csv_bytes(["a", "target"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], seed=3))
    outcome = train(noise, "noise.csv", briefly("target"), registry, lambda line: None)
    assert not outcome.promoted
    assert "the trivial baseline's" in outcome.reasons[0]
    assert registry.versions() == [outcome.version]
    assert registry.pointer() is None


def test_many_categories_keep_their_signal() -> None:
    """Found in use: of 150 stores with 20 rows each, every one counted as "other"."""
    chance = np.random.default_rng(3)
    leaning = chance.random(150)
    stores = chance.integers(0, 150, 3000)
    table = [[f"store {s}", "yes" if chance.random() < leaning[s] else "no"] for s in stores]
    progress: list[str] = []
    version = fit(csv_bytes(["store", "target"], table), "t.csv", briefly("target"), progress.append)
    assert version.manifest["metrics"]["roc_auc"] > 0.75
    assert not [line for line in progress if "told apart" in line]


def test_categories_that_cannot_be_told_apart_are_named() -> None:
    table = [[f"town {number % 700}", number % 13, ("no", "yes")[number % 2]] for number in range(3000)]
    progress: list[str] = []
    fit(csv_bytes(["town", "number", "target"], table), "t.csv", briefly("target"), progress.append)
    (warning,) = [line for line in progress if "are rare" in line]
    assert "of its values, in 100% of the rows" in warning


def test_a_withdrawn_model_is_not_brought_back_by_a_training_that_makes_it_again(registry: Registry) -> None:
    def trained_again(seed: int) -> Any:
        data = csv_bytes(YES_NO, rows(200, yes_no, seed))
        return train(data, "t.csv", briefly("target"), registry, lambda line: None)

    first, second = trained_again(1), trained_again(2)
    registry.promote(first.version)
    registry.promote(second.version)
    registry.rollback("ann", "amounts were in cents")
    again = trained_again(2)
    assert again.version.rpartition("-")[2] == second.version.rpartition("-")[2]
    assert not again.promoted
    assert "the same model was withdrawn on 20" in again.reasons[-1]
    assert (
        f" by ann because amounts were in cents; promote it by name if it is to serve again: promote {again.version}"
        in (again.reasons[-1])
    )
    pointer = registry.pointer()
    assert pointer
    assert pointer.stable == first.version


def test_a_model_of_a_messy_table_is_the_trained_one_and_answers_in_the_form_of_its_file(registry: Registry) -> None:
    chance = random.Random(5)
    table = []
    for index in range(300):
        amount, day = chance.lognormvariate(7, 1), index % 28 + 1
        written = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
        missing = "NA" if index % 25 == 0 else f"{day:02}.03.2023"
        table.append([f"{written} EUR", missing, "ja" if chance.random() < 0.5 else "nein", "ab"[amount > 1100]])
    data = csv_bytes(["amount", "since", "member", "target"], table, ";")
    outcome = train(data, "t", briefly("target"), registry, lambda line: None)
    assert outcome.promoted, outcome.reasons
    schema = Schema.from_json(outcome.manifest["schema"])
    assert [(column.kind, column.form) for column in schema.features] == [
        ("number", "eu EUR"),
        ("date", "dmy"),
        ("boolean", "ja/nein"),
    ]
    texts, problems = check_instances(schema, [{"amount": "1.334,60 EUR", "since": "17.03.2023", "member": "ja"}])
    assert not problems
    assert texts == check_instances(schema, [{"amount": 1334.6, "since": "2023-03-17", "member": True}])[0]
    problem = check_instances(schema, [{"amount": "12 USD", "since": "2023-03-17", "member": "yes"}])[1][0]["problem"]
    assert problem.startswith("a number like ")
    assert problem.endswith('or a text as in the file, is wanted, not the text "12 USD"')
    again = train(data, "t", briefly("target"), registry, lambda line: None)
    assert again.against.uncompared is False
