"""Values that stand for missing ones: numbers that look like it are said, and named ones are missing everywhere."""

import json
import random
import shlex
from typing import Any

import pytest

from function_code.column import REQUIRED, Column
from function_code.column_converters import StandIns
from function_code.data.json_value import json_value
from function_code.errors import Refused
from function_code.registry import Registry
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.training.dataset import PreparedDataset, prepare
from function_code.training.kinds.reading import missing_setting
from function_code.training.publish import publish
from function_code.training.run import fit
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.batch_folders import scored
from tests.support.columns import ROWS, dataset
from tests.support.tables import briefly, csv_bytes
from tools.settings import as_config


def drawn(low: float, high: float, digits: int = 0) -> list[str]:
    chance = random.Random(3)
    return [f"{chance.uniform(low, high):.{digits}f}" for _ in range(ROWS)]


def with_every(tenth: str, texts: list[str]) -> list[str]:
    return [tenth if index % 10 == 3 else text for index, text in enumerate(texts)]


def mentions(prepared: PreparedDataset) -> list[str]:
    return [warning for warning in prepared.warnings if "stands for missing" in warning]


def typed_in(setting: str) -> Any:
    return as_config({"missing": shlex.split(setting)[0]})["missing"]["objectValue"]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("-999", drawn(0, 60)),
        ("-999.0", drawn(-20, 60, 1)),
        ("-1", drawn(0, 60)),
        ("999", drawn(0, 27)),
        ("99", drawn(1, 20)),
        ("9999", drawn(100, 900)),
        ("-99,0", [text.replace(".", ",") for text in drawn(1, 9, 1)]),
        ("2147483647", drawn(0, 5000)),
        ("-32768", drawn(-100, 100)),
        ("-3.4028235e+38", drawn(0, 1, 3)),
        ("-9", drawn(0, 4)),  # of few values, but far from them
        ("-9", drawn(0, 1)),
        ("99", drawn(2, 8)),
        ("0", drawn(1990, 2024)),
        ("0", drawn(100, 110)),
        ("-1", ["0" if index % 5 == 2 else text for index, text in enumerate(drawn(1, 12))]),  # 0 is more usual than -1
    ],
)
def test_numbers_that_look_like_it_are_said_and_kept(text: str, texts: list[str]) -> None:
    prepared = dataset(with_every(text, texts))
    (warning,) = mentions(prepared)
    assert warning.startswith(f"column 'x' has {text!r} in 30 rows, beside ")
    item = f"x={text}"
    assert warning.endswith(f"set MISSING='\"{item}\"'" if "," in text else f"set MISSING='{item}'")
    assert prepared.typed["x"].notna().all()
    named = dataset(with_every(text, texts), missing={"x": text})
    assert named.typed["x"].isna().sum() == 30
    assert mentions(named) == []
    assert any(f"{text!r} in 30 rows, and is missing there" in warning for warning in named.warnings)


def test_several_of_a_column_are_said_at_once() -> None:
    prepared = dataset(
        ["7777" if index % 9 == 2 else text for index, text in enumerate(with_every("9999", drawn(0, 50)))]
    )
    assert mentions(prepared)[0].endswith("set MISSING='x=9999|7777'")


@pytest.mark.parametrize(
    "texts",
    [
        with_every("0", drawn(20, 110)),
        with_every("0", drawn(0, 60)),
        ["-1" if index % 100 == 3 else text for index, text in enumerate(drawn(0, 12))],  # -2 could well be missing
        ["012"[index % 3] for index in range(ROWS)],
        [str(index % 3 - 1) for index in range(ROWS)],  # -1, 0 and 1 are three answers
        with_every("99", drawn(0, 98)),
        with_every("999", drawn(100, 990)),
        with_every("50", drawn(1, 9)),
        ["01"[index % 2] for index in range(ROWS)],
        ["999" if index == 5 else text for index, text in enumerate(drawn(0, 60))],
        drawn(-1, 25),
    ],
)
def test_usual_numbers_are_not_mentioned(texts: list[str]) -> None:
    assert mentions(dataset(texts)) == []


def test_a_target_is_looked_at_too() -> None:
    rows = [[str(index), text] for index, text in enumerate(with_every("-999", drawn(0, 60, 2)))]
    table = read_table(csv_bytes(["x", "y"], rows), "t.csv")
    (warning,) = mentions(prepare(table, Settings("y"), "t.csv"))
    assert warning.endswith("set MISSING='y=-999'")
    prepared = prepare(table, Settings("y", missing={"y": "-999"}), "t.csv")
    assert len(prepared.target) == ROWS - 30
    assert "rows without a 'y' were left out: 30 of 300" in prepared.warnings


def test_any_kind_may_have_one() -> None:
    words = [("red", "blue", "Unknown", "green")[index % 4] for index in range(ROWS)]
    assert (dataset(words, missing={"x": "Unknown|none"}).typed["x"] == "").sum() == ROWS / 4
    days = with_every("1900-01-01", [f"2024-0{1 + index % 9}-10" for index in range(ROWS)])
    assert dataset(days, missing={"x": "1900-01-01"}).typed["x"].isna().sum() == 30


@pytest.mark.parametrize(
    "texts",
    [
        with_every("31/12/9999", [f"{1 + index % 28}/{1 + index % 12}/2023" for index in range(ROWS)]),
        with_every("-99,0", [text.replace(".", ",") for text in drawn(1, 9, 1)]),
        ["9999" if index % 9 == 2 else text for index, text in enumerate(with_every("7777", drawn(0, 50)))],
    ],
)
def test_the_setting_that_is_said_mends_what_it_is_said_of(texts: list[str]) -> None:
    (warning,) = mentions(dataset(texts))
    assert mentions(dataset(texts, missing=typed_in(warning.rpartition("MISSING=")[2]))) == []


@pytest.mark.parametrize("text", ["N/A", "n.a., or none", 'so-called "other"'])
def test_a_text_with_marks_in_it_stands_for_missing_as_a_whole(text: str) -> None:
    words = [(text, "N", "A", "n")[index % 4] for index in range(ROWS)]
    prepared = dataset(words, missing=typed_in(missing_setting("x", [text]).removeprefix("MISSING=")))
    assert prepared.typed["x"].value_counts().to_dict() == {"": 75, "N": 75, "A": 75, "n": 75}


def test_one_that_is_not_there_is_said() -> None:
    assert (
        "column 'x' has no '-9', which stands for missing by the setting MISSING"
        in dataset(drawn(0, 60), missing={"x": "-9"}).warnings
    )
    with pytest.raises(Refused, match="missing names the column 'y', which"):
        dataset(drawn(0, 60), missing={"y": "-9"})


REQUESTS: list[tuple[Column, list[Any], list[Any]]] = [  # a column, what is missing, and what is none of it
    (Column("x", "number", True, 1, stand_ins=["-999", "n.v."]), [-999, -999.0, "-999", "n.v."], [999, -998.9]),
    (Column("x", "number", True, 1, form="eu", stand_ins=["-999,50"]), [-999.5, "-999,50", "-999,5"], [-99950, "1,5"]),
    (Column("x", "number", True, 1, form="us $", stand_ins=["$9,999"]), [9999, "9999", "$ 9,999.00"], [9.999, "$9"]),
    (Column("x", "number", True, 1, form="hours", stand_ins=["99:00"]), [99, "99:00:00"], [0, "0:00"]),
    (Column("x", "date", True, "", stand_ins=["9999-12-31"]), ["9999-12-31", "9999-12-31T00:00Z"], ["2024-02-29"]),
    (Column("x", "date", True, "", form="dmy", stand_ins=["1/2/1900"]), ["01.02.1900", "1900-02-01"], ["2.1.1900"]),
    (Column("x", "date", True, 1, form="epoch ms", stand_ins=["-1"]), [-1, "-1"], [0, "1970-01-01"]),
    (Column("x", "category", True, "a", stand_ins=["?", "N/A"]), [" ? ", "N/A"], ["N", "A"]),
    (Column("x", "category", True, "1", form="whole", stand_ins=["99"]), [99, 99.0, "99", "99.0"], [9, "099"]),
    (Column("x", "category", True, "007", stand_ins=["999"]), ["999"], ["0999"]),
    (Column("x", "list", True, "a", form=";", stand_ins=["none"]), ["none", ["none"]], ["none;a", ["a"]]),
    (Column("x", "text", True, "a", stand_ins=["no remarks"]), [" no remarks"], ["No remarks at all"]),
    (Column("x", "boolean", True, True, stand_ins=["n"]), ["n"], [False, "no", True]),
    (Column("x", "boolean", True, True, form="ja/nein", stand_ins=["kA"]), ["kA "], ["ja", False]),
]


@pytest.mark.parametrize(("column", "missing", "others"), REQUESTS)
@pytest.mark.parametrize("count", [1, 40])
def test_requests_have_it_too(column: Column, missing: list[Any], others: list[Any], count: int) -> None:
    schema = Schema([Column.from_json(json.loads(json.dumps(column.to_json())))], "y", "regression")
    for value in (*missing, *others):
        for of_request in (value, json_value(value, column)):
            ((feature,), *_), problems = check_instances(schema, [{"x": of_request}, *[{"x": value}] * (count - 1)])
            assert problems == []
            assert (feature == "" or feature != feature) == (value in missing)


@pytest.mark.parametrize(("column", "missing", "others"), REQUESTS)
@pytest.mark.parametrize("count", [1, 40])
def test_where_nothing_was_missing_it_is_refused(
    column: Column, missing: list[Any], others: list[Any], count: int
) -> None:
    never = Column(column.name, column.kind, False, column.example, (), column.form, column.odd, column.stand_ins)
    schema = Schema([never], "y", "regression")
    for value in missing:
        problems = check_instances(schema, [{"x": value}] * count)[1]
        assert [problem["problem"] for problem in problems] == [REQUIRED] * count
    assert all(check_instances(schema, [{"x": value}] * count)[1] == [] for value in others)


@pytest.mark.parametrize(
    ("form", "odd", "number"), [("eu", "1.5", 1.5), ("hours", "0", 0), ("", "1e200", 1e200), ("us $", "5 kg", 5)]
)
@pytest.mark.parametrize("count", [1, 40])
def test_a_text_that_could_not_be_read_is_no_number_of_a_request(
    form: str, odd: str, number: float, count: int
) -> None:
    schema = Schema([Column("x", "number", True, 1, form=form, odd=[odd])], "y", "regression")
    assert check_instances(schema, [{"x": number}] * count) == ([[float(number)]] * count, [])


def test_batches_of_numbers_are_converted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [Column(str(form), "number", True, 1, form=form, stand_ins=["-999"]) for form in ("", "eu", "us $")]
    monkeypatch.setattr("function_code.request_checks._check_rows", None)
    rows, problems = check_instances(
        Schema(columns, "y", "regression"),
        [
            {column.name: -999 if index == 3 else None if index == 4 else index for column in columns}
            for index in range(40)
        ],
    )
    assert problems == []
    assert [index for index, row in enumerate(rows) if row != row[:1] * 3 or row[0] != index] == [3, 4]


@pytest.mark.parametrize(
    ("named", "written", "texts"),
    [
        ("-99,00", ["-99,00", "-99,0", "-99"], [text.replace(".", ",") for text in drawn(1, 9, 2)]),
        (
            "31/12/9999",
            ["31/12/9999", "31.12.9999"],
            [f"{1 + index % 28}/{1 + index % 12}/2023" for index in range(ROWS)],
        ),
        ("99", ["99", "99.0"], [f"store {index % 7}" for index in range(ROWS)]),
    ],
)
def test_however_a_file_writes_it(named: str, written: list[str], texts: list[str]) -> None:
    texts = [written[index // 10 % len(written)] if index % 10 == 3 else text for index, text in enumerate(texts)]
    prepared = dataset(texts, missing={"x": named})
    missing = prepared.typed["x"].isna() | (prepared.typed["x"] == "")
    assert missing.tolist() == [index % 10 == 3 for index in range(ROWS)]
    (note,) = (warning for warning in prepared.warnings if "and is missing there" in warning)
    assert all(repr(text) in note for text in written)
    assert prepared.columns({})[0].stand_ins == (named,)


def test_a_code_that_is_the_same_number_is_no_stand_in() -> None:
    codes = ["099" if index % 9 == 2 else f"0{10 + index % 7}" for index in range(ROWS)]
    assert (dataset(with_every("99", codes), missing={"x": "99"}).typed["x"] == "").sum() == 30


def test_what_is_named_is_kept_where_no_row_has_it() -> None:
    (column,) = dataset(drawn(0, 60), missing={"x": "-9"}).columns({})
    assert column.stand_ins == ("-9",)


def test_whole_files_have_it_too(registry: Registry) -> None:
    rows = [[text, f"{float(text) + index % 3:.1f}"] for index, text in enumerate(drawn(0, 60))]
    holed = [["-999.0" if index % 10 == 3 else x, y] for index, (x, y) in enumerate(rows)]
    version = fit(csv_bytes(["x", "y"], holed), "t.csv", briefly("y", missing={"x": "-999"}), lambda line: None)
    registry.promote(publish(version, registry).version)
    of_word, of_gap = (scored(registry, csv_bytes(["x", "y"], [["5", ""], [text, ""]])) for text in ("-999.0", ""))
    assert of_word.scores == of_gap.scores
    assert of_word.rejects == of_gap.rejects == []


@pytest.mark.parametrize("is_ignored", [False, True])
def test_parity_looks_at_them(monkeypatch: pytest.MonkeyPatch, is_ignored: bool) -> None:
    if is_ignored:
        monkeypatch.setattr(StandIns, "__call__", lambda self, value: self.convert(value))
        monkeypatch.setattr(StandIns, "without", lambda _, numbers: numbers)
    days = with_every("31/12/9999", [f"{1 + index % 28:02}/{1 + index % 12:02}/2023" for index in range(ROWS)])
    prices = with_every("-99,0", [text.replace(".", ",") for text in drawn(1, 9, 1)])
    plans = with_every("N/A", ["ab"[index % 2] for index in range(ROWS)])
    targets = [f"{len(plan) + index % 7}" for index, plan in enumerate(plans)]
    data = csv_bytes(["day", "price", "plan", "y"], zip(days, prices, plans, targets, strict=True), ";")
    missing = {"day": "31/12/9999 11:59:59 PM|31/12/9999", "price": "-99,0|unknown to us", "plan": "N/A"}
    version = fit(data, "t.csv", briefly("y", missing=missing), lambda line: None)
    assert [column.stand_ins for column in version.schema.features] == [
        tuple(named.split("|")) for named in missing.values()
    ]
    assert version.gates[0].passed != is_ignored, version.gates[0].detail
