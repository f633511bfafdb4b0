"""Any bytes as a file: a table, or one line that says why not."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from function_code.data.column_names import clean_name
from function_code.data.csv_file import parse_columns
from function_code.errors import Refused
from function_code.training.dataset import prepare
from function_code.training.settings import Settings
from function_code.training.table import read_table
from tests.support.dialects import FORMATS, TABLE

CELLS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "NA", "nan", "inf", "-0.0", "1e999", "1,5", "yes", "no", "true", "2024-02-30", "2024-01-01"]),
    st.integers().map(str),
    st.floats().map(str),
)


@given(st.binary(max_size=300))
def test_bytes(data: bytes) -> None:
    look_at(data)


@given(
    st.lists(st.text(max_size=5), min_size=1, max_size=4),
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=40),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_tables(header: list[str], rows: list[list[str]], delimiter: str, encoding: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    look_at(text.getvalue().encode(encoding, errors="replace"))


@given(
    st.sampled_from(list(FORMATS)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_damaged_files(kind: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(FORMATS[kind](TABLE))
    for place, byte in changes:
        data[int(place * (len(data) - 1))] = byte
    look_at(bytes(data))


def look_at(data: bytes) -> None:
    """Reads the table and makes a problem of it, with its last column as the target."""
    try:
        table = read_table(data, "fuzz.csv")
        assert len(set(table.columns)) == len(table.columns)
        prepare(table, Settings(str(table.columns[-1])), "fuzz.csv")
    except Refused as refused:
        assert len(str(refused).splitlines()) == 1, refused  # noqa: PT017 - it may also not be raised


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(clean_name).filter(bool)))
def test_columns_come_back_from_a_line_of_csv(columns: list[str]) -> None:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(columns)
    assert parse_columns(line.getvalue()) == columns
