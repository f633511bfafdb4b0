"""A table is the same table in whichever way a file holds it."""

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable

import pytest
from backports import zstd

from function_code.data.csv_file import parse_columns
from function_code.data.formats import read_header
from function_code.data.instances import read_instances
from function_code.errors import Refused
from function_code.schema import Schema
from function_code.training.table import read_table
from tests.support import factories

HEADER = ["City, country", "Größe", "note"]
ROWS = [
    ["Köln; DE", "1,5", "a|b"],
    ["Łódź, PL", "2,5", 'said "hm"'],
    ["Québec", "", "two\nlines"],
    ["Ulm", "4", "x"],
] * 5


def written(delimiter: str = ",", encoding: str = "utf-8", header: list[str] = HEADER, quoting: int = 0) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([header, *ROWS])  # type: ignore[arg-type]
    return text.getvalue().encode(encoding)


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("folder/table.csv", data)
        archive.writestr("__MACOSX/folder/._table.csv", b"of the Finder")
    return file.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd.compress, "zip": zipped,
}  # fmt: skip


def assert_is_the_table(data: bytes) -> None:
    frame = read_table(data, "t.csv")
    assert list(frame.columns) == HEADER
    assert frame.to_numpy().tolist() == ROWS
    assert frame.attrs["notes"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_encodings(delimiter: str, encoding: str) -> None:
    assert_is_the_table(written(delimiter, encoding))


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_compressed(compress: Callable[[bytes], bytes], tmp_path: pytest.TempPathFactory) -> None:
    assert_is_the_table(compress(written()))
    path = tmp_path / "table.csv.compressed"  # type: ignore[operator]
    path.write_bytes(compress(written()))
    assert read_header(path) == HEADER


def test_quotes_around_everything() -> None:
    assert_is_the_table(written(quoting=csv.QUOTE_ALL))


def test_the_line_that_tells_excel_the_delimiter() -> None:
    assert_is_the_table(b"sep=|\r\n" + written("|"))


def test_a_field_of_any_length() -> None:
    frame = read_table(b"a,b\n1," + b"x" * 300_000 + b"\n2,\n", "t.csv")
    assert frame["b"].str.len().tolist() == [300_000, 0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("stadt,name\nKöln,Jürgen\nWürzburg,François\n", "cp1252"),
        ("price,note\n5,“quoted” – 5 €\n6,plain\n", "cp1252"),
        ("都市,年\n大阪府,名前です\n東京都,日本語のテキスト\n", "cp932"),
        ("город,имя\nМосква,Иван Петров\nКазань,Ольга Смирнова\n", "cp1251"),
    ],
)
def test_an_older_encoding_is_recognised_and_said(text: str, encoding: str) -> None:
    frame = read_table(text.encode(encoding), "t.csv")
    assert frame.to_numpy().tolist() == [line.split(",") for line in text.splitlines()[1:]]
    (note,) = frame.attrs["notes"]
    assert note == f"t.csv is no Unicode and is read as {encoding}; if letters look wrong, set ENCODING, as in cp1250"


def test_an_encoding_that_is_set_is_not_guessed() -> None:
    text = "miasto,imię\nŁódź,Zażółć\n"
    frame = read_table(text.encode("cp1250"), "t.csv", "cp1250")
    assert frame.to_numpy().tolist() == [["Łódź", "Zażółć"]]
    assert frame.attrs["notes"] == []
    assert read_table(text.encode(), "t.csv", "cp1250").to_numpy().tolist() == [["Łódź", "Zażółć"]]


def table_with(line: str, at: int = 5, count: int = 30) -> bytes:
    lines = [f"name {index},{index},yes" for index in range(count)]
    lines.insert(at, line)
    return "\n".join(["name,age,buys", *lines, ""]).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (table_with('"name,1,no').replace(b"name 20,", b'"name 20,'), "line 7 opens a quote that is closed in line 23"),
        (table_with('"name,1,no'), "opens a quote"),
        (b"\n <!doctype HTML><html>", "a web page"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x28\xb5\x2f\xfd" + bytes(20), "cannot be unpacked"),
        (zstd.compress(written())[:-9], "cannot be unpacked"),
        (gzip.compress(written(), mtime=0)[:-9], "cannot be unpacked"),
        (b"PK\x03\x04" + bytes(40), "cannot be unpacked"),
    ],
)
def test_what_is_no_table_gets_one_true_line(data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        read_table(data, "t.csv")
    assert len(str(refused.value).splitlines()) == 1


def test_a_file_that_is_unicode_in_the_beginning_alone_is_refused() -> None:
    with pytest.raises(Refused, match=r"t\.csv is not UTF-8 as it begins"):
        read_table(b"a,b\n" + b"1,2\n" * 300_000 + b"\xe9,1\n", "t.csv")


def test_a_zip_of_several_files_is_named_for_what_it_is() -> None:
    for names, says in (
        (["xl/workbook.bin", "x"], r"is a binary Excel workbook \(.xlsb\); save it as .xlsx, or as CSV UTF-8"),
        (["mimetype", "content.xml"], "is an OpenDocument file"),
        (["a.csv", "b.csv"], "a zip of 2 files"),
    ):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names:
                archive.writestr(name, b"")
        with pytest.raises(Refused, match=says):
            read_table(file.getvalue(), "t.zip")


def test_texts_of_several_lines_are_texts() -> None:
    rows = "".join(f'{index},"dear all,\nthis is, I think,\nit",yes\n' for index in range(50))
    assert len(read_table(b"id,text,buys\n" + rows.encode(), "t.csv")) == 50


def test_quotes_opened_by_mistake_are_refused_however_many_there_are() -> None:
    lines = [f'"big {index},{index},good' if index % 25 == 0 else f"name {index},{index},bad" for index in range(600)]
    with pytest.raises(Refused, match="line 2 opens a quote that is closed in line 27"):
        read_table("\n".join(["name,age,target", *lines, ""]).encode(), "t.csv")


def test_texts_of_several_lines_with_delimiters_in_each_are_texts() -> None:
    rows = ['"Great, loved it\nWould buy, again",good', *(f"fine {index},bad" for index in range(300))]
    assert len(read_table("\n".join(["text,target", *rows, ""]).encode(), "t.csv")) == 301


def test_empty_rows_before_the_header_are_skipped() -> None:
    frame = read_table(b"\n,,\n;;\na;b;c\n1;2;3\n4;5;6\n".replace(b",,\n", b""), "t.csv")
    assert list(frame.columns) == ["a", "b", "c"]
    assert frame.to_numpy().tolist() == [["1", "2", "3"], ["4", "5", "6"]]


def test_a_header_with_commas_in_its_names() -> None:
    frame = read_table(b"Preis, EUR;Menge, kg;target\n1,5;2,5;a\n3,5;4,5;b\n", "t.csv")
    assert list(frame.columns) == ["Preis, EUR", "Menge, kg", "target"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("unit\N{NO-BREAK SPACE}price", "unit price"),
        ("\N{ZERO WIDTH SPACE}price ", "price"),
        ("\N{SOFT HYPHEN}price\N{LEFT-TO-RIGHT MARK}", "price"),
        ('"How much\n  did you pay?"', "How much did you pay?"),
        ('" price\t(EUR)"', "price (EUR)"),
        ("Gro\N{COMBINING DIAERESIS}sse", "Grösse"),
    ],
)
def test_names_can_be_typed(written: str, name: str) -> None:
    frame = read_table(f"{written},b\n1,2\n".encode(), "t.csv")
    assert list(frame.columns) == [name, "b"]
    (note,) = frame.attrs["notes"]
    assert note.endswith(f"in column names; they are read as {name!r}")
    assert parse_columns(written) == [name]


def test_damaged_utf8_is_not_taken_for_something_else() -> None:
    lines = "".join(f"Zürich {index},1\n" for index in range(50)).encode()
    with pytest.raises(Refused, match="is not UTF-8"):
        read_table(b"city,n\n" + lines + b"Z\xfcrich,2\n", "t.csv")


def test_a_row_that_is_swallowed_at_the_end_of_a_file_is_missed() -> None:
    lines = [f"name {index},{index},yes" for index in range(30)]
    lines[28], lines[29] = '"name 28,28,yes', '"name 29,29,yes'
    with pytest.raises(Refused, match="line 30 opens a quote"):
        read_table("\n".join(["name,age,buys", *lines]).encode(), "t.csv")


def test_one_column_of_lists_is_one_column() -> None:
    assert read_table(b"tags\na;b\nc;d\ne;f\n", "t.csv")["tags"].tolist() == ["a;b", "c;d", "e;f"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"age,plan\n1,basic,x\n", "line 2 of t.csv has 3 fields, but the header has 2"),
        (b'age,plan\n1,"basic\n2,"pro\n', "line 2 opens a quote"),
        (b"age,plan\n" + b"1,\xc3\xa4\n" * 20 + b"2,\xff\n", "is not UTF-8"),
    ],
)
def test_rows_to_predict_are_looked_at_as_those_to_learn_from(data: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read_instances(data, "t.csv", Schema([factories.AGE, factories.PLAN], "bought", "binary", (0, 1)))


def test_lines_are_counted_from_the_first_of_the_file() -> None:
    swallowing = b'sep=;\n\na;b;c\n1;"x;2\n3;"y;4\n'
    with pytest.raises(Refused, match="line 4 opens a quote that is closed in line 5"):
        read_table(swallowing, "t.csv")
    with pytest.raises(Refused, match="line 4 opens a quote that is closed in line 5"):
        read_instances(swallowing, "t.csv", Schema([factories.AGE], "bought", "binary", (0, 1)))
    with pytest.raises(Refused, match=r"line 5 of t\.csv has 2 fields, but the header has 3"):
        read_table(b"sep=;\n\na;b;c\n1;x;2\n3;y\n", "t.csv")
