"""Parquet, Excel and JSON files are the tables that a CSV file of the same rows is."""

import gzip
import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from arro3.core import Array, DataType, Field, list_array, struct_array

from function_code.column import Column
from function_code.data import json_rows, workbook_size
from function_code.data.formats import read_header
from function_code.data.instances import read_instances
from function_code.errors import Refused
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.training.dataset import prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support import factories
from tests.support.typed_files import arrow, json_lines, parquet, workbook


def rows_of(data: bytes, sheet: str = "") -> list[list[str]]:
    frame = read_table(data, "t", sheet=sheet)
    return [list(frame.columns), *frame.to_numpy().tolist()]


LISTS = list_array(Array([0, 2, 2, 4], DataType.int32()), Array(["red", "blue", "a;b", None], DataType.utf8()))
STAMPS = arrow([datetime(2020, 2, 29, 12, 30)])  # noqa: DTZ001 (a timestamp without a zone)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, None, 2**60], ["1", "", "1152921504606846976"]),
        ([1.5, None, 1.334, 1e300, float("nan")], ["1.5", "", "1.334", "1e300", ""]),
        ([1.0, None, float("nan"), -2.0], ["1", "", "", "-2"]),
        (arrow([0.1, 16777216.0, -2.5]).cast(DataType.float32()), ["0.1", "16777216.0", "-2.5"]),
        (arrow(["a", None, "a"]).cast(DataType.dictionary(DataType.int32(), DataType.utf8())), ["a", "", "a"]),
        ([True, None, False], ["true", "", "false"]),
        ([date(2020, 2, 29), None], ["2020-02-29", ""]),
        ([datetime(2020, 2, 29, 12, 30, 0, 5), None], ["2020-02-29T12:30:00.000005", ""]),  # noqa: DTZ001 (the same)
        (STAMPS.cast(DataType.timestamp("ns")), ["2020-02-29T12:30:00"]),
        (STAMPS.cast(DataType.timestamp("us", tz="Europe/Berlin")), ["2020-02-29T11:30:00+00:00"]),
        ([Decimal("12.50"), None, Decimal("-0.01")], ["12.50", "", "-0.01"]),
        ([time(14, 30), None], ["14:30:00", ""]),
        ([timedelta(days=1, hours=2), timedelta(seconds=-90)], ["1 days 2:00:00", "-0:01:30"]),
        (LISTS, ["red;blue", "", '["a;b", null]']),
        ([b"plan", b"\xff"], ["plan", "ff"]),
    ],
)
def test_types_of_parquet(values: Any, texts: list[str]) -> None:
    data = parquet({"x": values, "y": ["a"] * len(values)})
    assert rows_of(data) == [["x", "y"], *([text, "a"] for text in texts)]


def test_structures_are_columns_of_their_own() -> None:
    parts = [arrow(["Ulm", None, "Bern"]), arrow([89073, 1, None])]
    kinds = [Field("city", DataType.utf8()), Field("zip", DataType.int64())]
    home = [{"city": "Ulm", "zip": 89073}, {"city": None, "zip": 1}, {"city": "Bern"}]
    expected = [["home.city", "home.zip"], ["Ulm", "89073"], ["", "1"], ["Bern", ""]]
    assert rows_of(parquet({"home": struct_array(parts, fields=kinds)})) == expected
    assert rows_of(json_lines({"home": each} for each in home)) == expected


def test_the_index_of_a_pandas_frame_is_left_out() -> None:
    frame = read_table(parquet({"a": [1, 2], "__index_level_0__": [7, 9]}), "t")
    assert list(frame.columns) == ["a"]
    assert "row index" in frame.attrs["notes"][0]


def test_json_of_all_kinds() -> None:
    lines = (
        '{"a": 1, "b": "x", "c": null}\n\n{"b": "ü", "a": 1.0, "tags": ["red", "blue"]}\n'
        '{"a": 12345678901234567890, "c": true, "d": NaN, "tags": [{"n": 1}]}\n'
    )
    expected = [
        ["a", "b", "c", "tags", "d"],
        ["1", "x", "", "", ""],
        ["1", "ü", "", "red;blue", ""],
        ["12345678901234567890", "", "true", '[{"n": 1}]', ""],
    ]
    assert rows_of(lines.encode()) == expected
    assert rows_of(("\ufeff" + lines).encode("utf-16-le")) == expected
    assert rows_of(gzip.compress(lines.encode())) == expected
    records = [json.loads(line) for line in lines.splitlines() if line]
    assert rows_of(json.dumps(records, indent=1).encode()) == expected


def test_a_csv_header_in_brackets_is_no_json() -> None:
    assert rows_of(b"[id],[name]\n1,x\n") == [["[id]", "[name]"], ["1", "x"]]


WHEN = datetime(2020, 2, 29, 6, 15)  # noqa: DTZ001 (cells have no zone)


def test_cells_of_a_sheet() -> None:
    table: list[list[Any]] = [
        ["n", "day", "when", "clock", "yes", "text", "mixed"],
        [1, date(2020, 2, 29), WHEN, time(14, 30), True, "Köln", 1.334],
        [2.5, None, None, None, False, " 007", "n/a"],
        [None, None, None, None, None, None, None],
        [1e15, date(1999, 12, 31), WHEN, time(0, 0), True, "1e3", date(2020, 1, 1)],
    ]
    assert rows_of(workbook({"Sheet1": table})) == [
        table[0],
        ["1", "2020-02-29", "2020-02-29T06:15:00", "14:30:00", "true", "Köln", "1.334"],
        ["2.5", "", "", "", "false", " 007", "n/a"],
        ["1000000000000000", "1999-12-31", "2020-02-29T06:15:00", "00:00:00", "true", "1e3", "2020-01-01"],
    ]


def test_durations_and_errors_of_a_sheet() -> None:
    def also(book: Any) -> None:
        sheet = book.worksheets()[0]
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 1, "=1+1", None, 2)

    took: list[list[Any]] = [["took", "ratio"], [timedelta(hours=30)], [timedelta(minutes=5)]]
    data = workbook({"Sheet1": took}, also)
    assert rows_of(data) == [["took", "ratio"], ["1 days 6:00:00", ""], ["0:05:00", "2"]]
    assert read_table(data, "t").attrs["notes"] == [
        "cells of the workbook t that hold errors, such as #DIV/0!, are missing: 1"
    ]


def test_what_is_above_the_header_is_left_out_and_said() -> None:
    title: list[list[Any]] = [["Sales 2020"], [None], ["by", "Eve"], ["a", "b", "c", "d", "e"]]
    frame = read_table(workbook({"Sheet1": [*title, *([index, None, 2, 3, "x"] for index in range(9))]}), "t.xlsx")
    assert frame.columns.tolist() == ["a", "b", "c", "d", "e"]
    assert frame["a"].tolist() == list("012345678")
    assert frame.attrs["notes"] == ["what is above the header of t.xlsx, which is row 4, is left out: 'Sales 2020'"]


def test_a_cell_merged_over_rows_is_in_each_of_them() -> None:
    def also(book: Any) -> None:
        book.worksheets()[0].merge_range(1, 0, 3, 0, "north")

    rows: list[list[Any]] = [["region", "n", "x"], [None, 1, 2], [None, 3, 4], [None, 5, 6], ["south", 7, 8]]
    frame = read_table(workbook({"Sheet1": rows}, also), "t.xlsx")
    assert frame["region"].tolist() == ["north", "north", "north", "south"]
    assert "merged" in frame.attrs["notes"][0]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_column_without_a_name_is_there_as_in_csv(position: int) -> None:
    rows: list[list[Any]] = [["age", "plan"], [30, "basic"], [31, "pro"]]
    for row, value in zip(rows, [None, "of Eve", "of Bob"], strict=True):
        row.insert(position, value)
    sheet = workbook({"S": rows})
    text = "".join(",".join(str(value or "") for value in row) + "\n" for row in rows).encode()
    assert rows_of(sheet) == rows_of(text)
    assert rows_of(sheet)[0][position] == f"unnamed column {position + 1}"
    schema = Schema([factories.AGE, factories.PLAN], "bought", "binary", (0, 1))
    for data in (sheet, text):
        instances = read_instances(data, "t", schema)
        assert instances == [{"age": 30, "plan": "basic"}, {"age": 31, "plan": "pro"}]
        assert check_instances(schema, instances)[1] == []
    learned = Schema([Column(f"unnamed column {position + 1}", "category", True, "of Eve")], "bought", "binary", (0, 1))
    for data in (sheet, text):
        assert [list(each.values())[position] for each in read_instances(data, "t", learned)] == ["of Eve", "of Bob"]


def test_a_table_that_does_not_begin_in_the_corner() -> None:
    rows: list[list[Any]] = [[None] * 4, [None, None, "a", "b"], [None, None, 1, 2], [None, None, 3, 4]]
    assert rows_of(workbook({"Sheet1": rows})) == [["a", "b"], ["1", "2"], ["3", "4"]]


SHEETS: dict[str, list[list[Any]]] = {"Data": [["a", "b"], [1, 2]], "Notes": [["read", "me"], ["x", "y"]], "Empty": []}


def test_the_sheet_is_chosen_by_its_name() -> None:
    data = workbook(SHEETS)
    with pytest.raises(Refused, match=r"t has 2 sheets; set SHEET to the one that is the table: 'Data', 'Notes'"):
        read_table(data, "t")
    assert rows_of(data, "Data") == [["a", "b"], ["1", "2"]]
    with pytest.raises(Refused, match="t has no sheet 'Date'; it has 'Data', 'Notes', 'Empty'"):
        read_table(data, "t", sheet="Date")
    with pytest.raises(Refused, match="sheet 'Empty' of t is empty"):
        read_table(data, "t", sheet="Empty")


def test_a_hidden_sheet_is_read_if_it_is_named() -> None:
    def also(book: Any) -> None:
        book.worksheets()[1].hide()

    data = workbook(SHEETS, also)
    assert rows_of(data) == [["a", "b"], ["1", "2"]]
    assert rows_of(data, "Notes") == [["read", "me"], ["x", "y"]]


def test_numbers_with_three_decimals_are_what_they_are() -> None:
    """In texts, 1.334 beside 2.512 would be thousands."""
    table: dict[str, list[Any]] = {
        "x": [round(1 + (index * 37 % 900 + 101) / 1000, 3) for index in range(40)],
        "y": list("ab" * 20),
    }
    records = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    files = (parquet(table), json_lines(records), workbook({"S": [list(table), *zip(*table.values(), strict=True)]}))
    for data in files:
        prepared = prepare(read_table(data, "t"), Settings("y"), "t")
        assert prepared.typed["x"].tolist() == table["x"]
        assert prepared.warnings == []


def test_numbers_say_nothing_of_texts_beside_them() -> None:
    texts = [f"{index % 9 + 1}.{index * 37 % 900 + 101}" for index in range(60)]
    table: dict[str, list[Any]] = {"x": [index / 8 for index in range(60)], "price": texts, "y": list("ab" * 30)}
    prepared = prepare(read_table(parquet(table), "t"), Settings("y"), "t")
    assert any("column 'price' is read so that" in warning for warning in prepared.warnings)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PAR1" + b"\0" * 200 + b"PAR1", "t cannot be read as Parquet: "),
        (parquet({"a": [1, 2]})[:-10], "t cannot be read as Parquet: "),
        (parquet({"a ": [1], " a": [2]}), "t has more than one column named 'a'"),
        (workbook({"S": []}), "t is empty"),
        (workbook({"S": [["a", "b"], [1, 2]]})[:-30], "t cannot be unpacked: "),
        (workbook({"S": [["a", None, "a"], [1, None, 2]]}), "t has more than one column named 'a'"),
        (OLE + bytes(600), r"t is an old Excel workbook \(.xls\)"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "t is a workbook under a password"),
        (b'{"a": 1}\n{"a": \n', "line 2 of t is no JSON"),
        (b'{"a": 1}\n[1, 2]\n', "line 2 of t is no JSON object"),
        (b'{"count": 2, "rows": [{"a": 1}, {"a": 2}]}', "t is one JSON object, and no table"),
        (b'{"a": {"0": 1, "1": 2}, "b": {"0": 3, "1": 4}}', "t is one JSON object, and no table"),
        (b'{"columns": ["a"], "data": [[1], [2]]}', "t is one JSON object, and no table"),
        (b"{}\n{}\n", "t has no column names in its first row"),
        (b'{\n"a": 1\n}\n', "line 1 of t is no JSON"),
        (b"[]", "t has no rows"),
        (b'[{"a": 1}, 5]', "row 2 of t is no JSON object"),
        (b'{"a": {"b": 1}, "a.b": 2}\n', "line 1 of t has the column 'a.b' twice"),
        (b'{"a": "\xe9"}\n' + b'{"a": "\xc3\xa9"}\n' * 20, "t is not UTF-8"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "line 1 of t has objects in objects|line 1 of t is no JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a workbook's bytes have the time in them
)
def test_what_is_no_table_gets_one_true_line(data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        read_table(data, "t")
    assert len(str(refused.value).splitlines()) == 1


def test_a_sheet_that_spans_too_much_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def also(book: Any) -> None:
        book.worksheets()[0].write(1_048_575, 16_383, "far away")

    with pytest.raises(Refused, match="a sheet of t spans 1,048,576 rows and 16,384 columns"):
        read_table(workbook({"S": [["a"], [1]]}, also), "t")
    monkeypatch.setattr(workbook_size, "MAX_UNPACKED_BYTES", 5_000)
    with pytest.raises(Refused, match=r"t is [\d,]+ bytes when it is unpacked"):
        read_table(workbook({"S": [["a"], [1]]}), "t")


def test_formats_far_from_the_table_are_nothing() -> None:
    def also(book: Any) -> None:
        book.worksheets()[0].write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))

    assert rows_of(workbook({"S": [["a"], [1]]}, also)) == [["a"], ["1"]]


def test_an_array_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_ARRAY_BYTES", 20)
    with pytest.raises(Refused, match="write an object a line"):
        read_table(b'[{"a": 1}, {"a": 2}, {"a": 3}]', "t")


FILES: dict[str, Callable[[], bytes]] = {
    "parquet": lambda: parquet({"age": [31.0, 40.5], "plan": ["basic", None]}),
    "xlsx": lambda: workbook({"S": [["age", "plan"], [31, "basic"], [40.5, None]]}),
    "jsonl": lambda: json_lines([{"age": 31, "plan": "basic"}, {"age": 40.5}]),
    "one line": lambda: json_lines([{"age": 31, "plan": "basic"}, {"age": 40.5, "plan": None}]),
}


@pytest.mark.parametrize("kind", FILES)
def test_headers_and_instances(kind: str, tmp_path: Path) -> None:
    data = FILES[kind]()
    (tmp_path / "t").write_bytes(gzip.compress(data))
    assert read_header(tmp_path / "t") == ["age", "plan"]
    schema = Schema([factories.AGE, factories.PLAN], "bought", "binary", (0, 1))
    assert read_instances(data, "t", schema) == [{"age": 31, "plan": "basic"}, {"age": 40.5, "plan": None}]


@pytest.mark.parametrize(
    ("ids", "is_noted"), [([2**53 + 1, 2**53 + 3], True), ([10**14, 10**14 + 1], False), (["9" * 17], False)]
)
def test_a_workbook_that_keeps_fewer_digits_than_its_ids_have_is_said(ids: list[Any], is_noted: bool) -> None:
    table = read_table(workbook({"sheet": [["id", "y"], *([each, 1] for each in ids)]}), "ids.xlsx")
    assert any("of which a workbook keeps 15 digits" in note for note in table.attrs["notes"]) is is_noted
