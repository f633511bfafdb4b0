"""Each of Airtable's errors becomes one line: where, what was wrong, what to do; and whether trying again may help."""

import json

import pytest
from requests import Response

from function_code.airtable.api_errors import READ_SCOPE, error_type, to_error
from function_code.errors import Refused, Unreachable

WHERE = "base app1, table Customers"


def answer(status: int, content: object) -> Response:
    response = Response()
    response.status_code = status
    response._content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return response


@pytest.mark.parametrize(
    ("status", "content", "kind", "line"),
    [
        (401, {"error": {"type": "AUTHENTICATION_REQUIRED"}}, Refused, "set airtable_token"),
        (403, {"error": {"type": "INVALID_PERMISSIONS"}}, Refused, f"needs the scope {READ_SCOPE}"),
        (404, {"error": "NOT_FOUND"}, Refused, "no such base, table or view"),
        (429, {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Too fast"}]}, Unreachable, "try again later"),
        (429, {"errors": [{"error": "PUBLIC_API_BILLING_LIMIT_EXCEEDED"}]}, Refused, "API calls of this month"),
        (500, b"<html>", Unreachable, "Airtable fails (500 )"),
        (503, {"error": {"type": "SERVICE_UNAVAILABLE"}}, Unreachable, "(503 SERVICE_UNAVAILABLE)"),
        (422, {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"}}, Unreachable, "try again"),
        (422, {"error": {"type": "UNKNOWN_FIELD_NAME", "message": 'Unknown field name: "Age"'}}, Refused, '"Age"'),
        (
            422,
            {"error": {"type": "ROW_DOES_NOT_EXIST", "message": "two\nlines"}},
            Refused,
            "ROW_DOES_NOT_EXIST two lines",
        ),
        (422, {"errors": []}, Refused, "Airtable refuses: 422"),
        (422, [], Refused, "Airtable refuses: 422"),
    ],
)
def test_an_error_is_one_line(status: int, content: object, kind: type[Exception], line: str) -> None:
    error = to_error(answer(status, content), WHERE, READ_SCOPE)
    assert type(error) is kind
    assert str(error).startswith(f"{WHERE}: ")
    assert line in str(error)
    assert "\n" not in str(error)


def test_a_long_message_is_cut() -> None:
    error = to_error(answer(422, {"error": {"type": "X", "message": "y" * 5000}}), WHERE, READ_SCOPE)
    assert len(str(error)) < 400


def test_an_error_without_a_type_has_none() -> None:
    assert error_type(answer(422, {"error": {"type": "INVALID_VALUE"}})) == "INVALID_VALUE"
    assert error_type(answer(422, b"")) == ""
