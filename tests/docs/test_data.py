"""docs/data.md lists ways of writing values; each row is what training makes of such a column."""

import re

import pytest

from function_code.dialects import check_form, reader
from function_code.dialects.lists import elements
from function_code.training.dataset import prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.paths import ROOT
from tests.support.tables import csv_bytes

PAGE = (ROOT / "docs/data.md").read_text(encoding="utf-8")
COLUMNS = re.findall(r"^\| (`.*) \| (.*) \| `(\S+?)(?::(.+))?`(?:, or .*)? \|$", PAGE.replace(r"\|", "¦"), re.MULTILINE)
EXAMPLES = [
    (text, kind, form.replace("¦", "|"))
    for texts, _, kind, form in COLUMNS
    for text in re.findall(r"`([^`]+)`", texts)
    if kind in ("number", "date", "boolean")
]


def test_the_table_was_read() -> None:
    assert len(COLUMNS) >= 15
    assert len(EXAMPLES) >= 30


@pytest.mark.parametrize(("text", "kind", "form"), EXAMPLES)
def test_each_example_is_of_the_form_beside_it(text: str, kind: str, form: str) -> None:
    check_form(kind, form)
    reader(kind, form)(text)


def test_lists_have_two_elements() -> None:
    lists = [
        (text, form) for texts, _, kind, form in COLUMNS if kind == "list" for text in re.findall(r"`(.+?)`", texts)
    ]
    assert {form for _, form in lists} == {";", ","}
    assert all(elements(text, form) == ["red", "blue"] for text, form in lists)


@pytest.mark.parametrize(("text", "kind", "form"), [each for each in EXAMPLES if each[1] == "number"])
def test_a_column_of_such_numbers_is_a_number(text: str, kind: str, form: str) -> None:
    """Also where nothing is set: the digits differ from row to row."""
    if form == "hours":
        texts = [text.replace("30", f"{index:02}").replace("50", f"{index:02}") for index in range(60)]
    else:
        texts = [text[:-1] + text[-1].replace("5", str(index % 9 + 1)) for index in range(60)]
        texts[::2] = [value.strip("()") for value in texts[::2]]
    rows = [[value, index % 7, "ab"[index % 2]] for index, value in enumerate(texts)]
    prepared = prepare(read_table(csv_bytes(["x", "y", "target"], rows, ";"), "t"), Settings("target"), "t")
    assert prepared.readings["x"].kind == kind
