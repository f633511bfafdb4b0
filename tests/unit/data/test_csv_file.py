"""A CSV file is recognised by its first line; marks within quotes say nothing about what separates its fields."""

import pytest

from function_code.data.csv_file import sniff


@pytest.mark.parametrize(
    ("line", "delimiter", "header"),
    [
        ('"size, in m, and rooms";price', ";", ["size, in m, and rooms", "price"]),
        ('id,"a;b;c;d",target', ",", ["id", "a;b;c;d", "target"]),
        ('"a|b|c"\t"d|e"\tf', "\t", ["a|b|c", "d|e", "f"]),
        ("a|b,c|d", "|", ["a", "b,c", "d"]),
    ],
)
def test_a_mark_within_quotes_separates_nothing(line: str, delimiter: str, header: list[str]) -> None:
    file = sniff(f"{line}\n".encode(), "t.csv")
    assert (file.delimiter, file.header) == (delimiter, header)
