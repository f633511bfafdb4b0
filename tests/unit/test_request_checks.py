"""Instances of a request against the columns that a model knows."""

import json
from typing import Any

import pytest

from function_code import column
from function_code.column import Column
from function_code.request_checks import check_instances
from function_code.schema import Schema

SCHEMA = Schema(
    [
        Column("age", "number", False, 41),
        Column("gap days", "number", True, 1.5),
        Column("member", "boolean", True, True),
        Column("status", "category", True, "new", ["new", "old"]),
        Column("since", "date", True, "2024-05-01"),
    ],
    target="buys",
    task="binary",
    classes=["no", "yes"],
    ids=["user"],
    ignored=["note"],
)
WHOLE: dict[str, Any] = {"age": 30, "gap days": 2.5, "member": True, "status": "old", "since": "1970-01-02T12:00:00Z"}


def problems(**changes: Any) -> list[tuple[str | None, str]]:
    return [(p["field"], p["problem"]) for p in check_instances(SCHEMA, [{**WHOLE, **changes}])[1]]


def test_a_whole_instance_becomes_a_row() -> None:
    rows, failures = check_instances(SCHEMA, [WHOLE])
    assert failures == []
    assert rows == [[30.0, 2.5, 1.0, "old", 1.5]]


def test_ids_ignored_columns_and_the_target_may_be_present() -> None:
    assert problems(user="u1", note="anything", buys="yes") == []


def test_absent_null_and_empty_are_missing_where_training_had_missing_values() -> None:
    rows, failures = check_instances(
        SCHEMA, [{"age": 1}, {**WHOLE, "gap days": None, "member": None, "status": None, "since": ""}]
    )
    assert failures == []
    for row in rows:
        assert row[3] == ""
        assert all(value != value for value in (row[1], row[2], row[4]))


def test_missing_where_training_had_none_is_a_problem() -> None:
    assert problems(age=None) == [("age", "a value is wanted: it was never missing in training")]


@pytest.mark.parametrize("word", [True, "yes", "TRUE", " Y "])
def test_the_words_of_a_csv_are_booleans(word: Any) -> None:
    assert check_instances(SCHEMA, [{**WHOLE, "member": word}])[0][0][2] == 1.0


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("age", "30", 'a number is wanted, not the text "30"'),
        ("age", True, "a number is wanted, not true"),
        ("age", [1], "a number is wanted, not a list"),
        ("age", 10**400, "the number is too large"),
        ("age", 1e999, "the number is too large"),
        ("member", 1, "true or false is wanted, not 1"),
        ("status", 5, "text is wanted, not 5"),
        ("status", {"a": 1}, "text is wanted, not an object"),
        ("since", "01/02/2024", "a date like 2025-12-31 or 2025-12-31T23:59:59Z is wanted"),
        ("since", 20240102, "a date like"),
        ("user", {"deep": 1}, "an id is a text or a number"),
        ("agee", 1, "unknown field; the features are: age, gap days, member, status, since"),
    ],
)
def test_each_problem_names_its_field(field: str, value: Any, says: str) -> None:
    (problem,) = problems(**{field: value})
    assert problem[0] == field
    assert says in problem[1]


def test_an_instance_that_is_no_object_is_a_problem() -> None:
    rows, failures = check_instances(SCHEMA, [WHOLE, 5])
    assert len(rows) == 1
    assert failures == [{"instance": 1, "field": None, "problem": "an object with the features is wanted, not 5"}]


@pytest.mark.parametrize("count", [1, 40])
def test_whole_numbers_are_categories_where_all_are(count: int) -> None:
    store = Column("store", "category", nullable=False, example="1", values=("1", "2", "-3"), form="whole")
    schema = Schema([store], "y", "binary", (0, 1))
    for value, text in (("2", "2"), (2, "2"), (2.0, "2"), ("2.0", "2"), (-3, "-3"), (7, "7")):
        assert check_instances(schema, [{"store": value}] * count) == ([[text]] * count, [])
    for other in (2.5, True, [1]):
        assert check_instances(schema, [{"store": other}])[1][0]["problem"].startswith("text is wanted")
    for long in (2**53 + 1, -(2**53) - 1, 1e300):
        assert "write it as a text" in check_instances(schema, [{"store": long}] * count)[1][0]["problem"]


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("stand_ins", [(), ("-1",)])
def test_a_decimal_is_no_time_of_day_that_files_write_with_a_point(count: int, stand_ins: tuple[str, ...]) -> None:
    opens = Column("opens", "number", True, "9.30", form="hours", stand_ins=stand_ins)
    problems = check_instances(Schema([opens], "y", "regression"), [{"opens": 9.3}] * count)[1]
    text = 'a number like the text "9.30" is wanted, not 9.3'
    assert [problem["problem"] for problem in problems] == [f"{text}; null is a missing value"] * count


def test_a_letter_of_two_characters_is_the_one() -> None:
    city = Column("city", "category", nullable=False, example="Köln", values=("Köln",))
    assert check_instances(Schema([city], "y", "binary", (0, 1)), [{"city": "Ko\N{COMBINING DIAERESIS}ln"}]) == (
        [["Köln"]],
        [],
    )


@pytest.mark.parametrize("values", [("007", "101"), ("1", "A"), ("1", "2")])
def test_a_number_is_no_category_among_codes_and_words(values: tuple[str, ...]) -> None:
    # Others may be too rare to be listed.
    code = Column("code", "category", nullable=False, example="1", values=values)
    _, (problem,) = check_instances(Schema([code], "y", "binary", (0, 1)), [{"code": 7}])
    assert problem["problem"] == "text is wanted, not 7"


def test_a_schema_survives_json_and_its_example_is_accepted() -> None:
    again = Schema.from_json(json.loads(json.dumps(SCHEMA.to_json())))
    assert again.to_json() == SCHEMA.to_json()
    assert check_instances(again, [again.example()])[1] == []


def test_a_date_counts_days_with_the_time_zone_applied() -> None:
    assert column.date("1970-01-02") == 1.0
    assert column.date("1970-01-02T01:00:00+01:00") == 1.0
    assert column.date("1969-12-31T12:00:00") == -0.5
