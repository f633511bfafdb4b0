"""Values of files that training never saw: counted by column, with an example, and said in the last line."""

import random
from pathlib import Path

import pytest

from function_code.batch.unseen import outcome_line
from function_code.cli import main
from function_code.registry import Registry
from function_code.training.publish import publish
from function_code.training.run import fit
from tests.support import factories
from tests.support.batch_folders import scored
from tests.support.tables import briefly, csv_bytes

HEADER = ["shop", "price", "since", "target"]
ROWS = 600


def train(registry: Registry) -> None:
    """Serves what was learned from shops written as 1.0 with gaps, of which 77.0 is so rare that it is merged."""
    chance = random.Random(3)
    rows = []
    for index in range(ROWS):
        shop = "77.0" if index in (3, 200, 400) else chance.choice(["1.0", "2.0", "3.0", ""])
        day = f"2024-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}" if chance.random() < 0.9 else ""
        likely = (shop == "1.0") + chance.gauss(0, 0.3)
        rows.append([shop, f"{chance.uniform(10, 20):.2f}", day, "yes" if likely > 0.5 else "no"])
    version = fit(csv_bytes(HEADER, rows), "t.csv", briefly("target", kinds={"shop": "category"}), lambda line: None)
    registry.promote(publish(version, registry).version)


def test_they_are_counted_by_column(registry: Registry) -> None:
    train(registry)
    rows = [
        *(["1", "15", "2024-05-05"], ["1.0", "10", "2024-05-06"], ["2.00", "20", ""], ["77", "11", ""], ["", "", ""]),
        *(["4", "15", ""], ["4", "15", ""], ["five", "1500", "2024-06-01"], [" 3 ", "29", "2031-01-02"]),
        ["six", "much", ""],  # which is rejected
    ]
    folder = scored(registry, csv_bytes(HEADER[:-1], rows))
    assert folder.reasons().keys() == {5, 10}
    assert folder.summary["unseen"] == {
        "shop": {"rows": 3, "example": "4"},
        "price": {"rows": 1, "example": 1500.0},
        "since": {"rows": 1, "example": "2031-01-02T00:00:00+00:00"},
    }


def test_whole_numbers_are_no_other_categories_than_those_of_a_column_with_gaps(registry: Registry) -> None:
    train(registry)
    folder = scored(registry, csv_bytes(HEADER[:-1], [[shop, "15", ""] for shop in ("1", "2", "3", "77")] * 50))
    assert folder.summary["unseen"] == {}
    labels = {row["label"] for row in folder.scores[::4]}
    assert labels == {"yes"}  # those of shop 1


def test_an_element_of_a_list_is_counted(registry: Registry) -> None:
    chance = random.Random(4)
    rows = [[";".join(chance.sample(["red", "blue", "green"], 2)), "yn"[index % 2]] for index in range(200)]
    version = fit(csv_bytes(["tags", "y"], rows), "t.csv", briefly("y", kinds={"tags": "list:;"}), lambda line: None)
    registry.promote(publish(version, registry).version)
    folder = scored(registry, b'tags\nred;blue\ngreen\n"blue; pink"\npink;red\n')
    assert folder.summary["unseen"] == {"tags": {"rows": 2, "example": "pink"}}


def test_a_row_without_a_finite_answer_is_not_counted(registry: Registry) -> None:
    registry.promote(factories.publish(registry, factories.REGRESSION, slope=1e300))
    folder = scored(registry, b"age\n1\n1e100\n500\n")
    assert folder.summary["rejected"] == 1
    assert folder.summary["unseen"] == {"age": {"rows": 1, "example": 500.0}}


def test_the_last_line_names_them(registry: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    train(registry)
    file = tmp_path / "some.csv"
    file.write_bytes(csv_bytes(HEADER[:-1], [["4", "15", ""], ["1", "99", ""], ["5", "15", ""]]))
    assert main(["score", str(file), "--store", registry.store.url]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    counts, _, unseen = line.partition("; ")
    assert counts == f"3 rows scored, 0 rejected: {file}.scored/"
    assert unseen == "values that training never saw, such as shop '4' (2 rows), price 99.0 (1 row)"


def test_of_many_columns_the_line_names_the_first() -> None:
    unseen = {f"column {number}": {"rows": 1_000 - number, "example": "x"} for number in range(7)}
    line = outcome_line({"scored": 5_000, "rejected": 1, "unseen": unseen}, "out")
    assert line.startswith("5,000 rows scored, 1 rejected: out/; values that training never saw, such as column 0 'x'")
    assert line.endswith("column 4 'x' (996 rows), and in 2 more columns")
