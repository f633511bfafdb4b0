"""Airtable's errors, each explained in one line, with base, table, field or scope, and what to do."""

from typing import Any

from requests import Response

from function_code.errors import Refused, Unreachable

READ_SCOPE, WRITE_SCOPE = "data.records:read", "data.records:write"
SCHEMA_SCOPE, CREATE_SCOPE = "schema.bases:read", "schema.bases:write"
TOKENS_URL = "https://airtable.com/create/tokens"


def error_type(response: Response) -> str:
    """The type of an error, as Airtable calls it; "" if it has none."""
    return _type_and_message(response)[0]


def to_error(response: Response, where: str, scope: str) -> Refused:
    """The error to raise for an answer; `scope` is what the request needed, `where` the base and the table."""
    status = response.status_code
    kind, message = _type_and_message(response)
    if status == 401:
        return Refused(
            f"{where}: Airtable does not know the token; make another at {TOKENS_URL} and set airtable_token"
        )
    if status == 403:
        return Refused(
            f"{where}: the token may not do this: at {TOKENS_URL} it needs the scope {scope} and access to this base, "
            "if there is such a base and table"
        )
    if status == 404:
        return Refused(
            f"{where}: Airtable has no such base, table or view (any more); see airtable.base and the others"
        )
    if status == 429:
        return _rate_limited(where, kind)
    if status >= 500 or kind == "LIST_RECORDS_ITERATOR_NOT_AVAILABLE":
        return Unreachable(f"{where}: Airtable fails ({status} {kind}); try again")
    if kind == "UNKNOWN_FIELD_NAME":
        return Refused(f"{where}: {message}: it was renamed or deleted; see the names of fields in airtable")
    return Refused(f"{where}: Airtable refuses: {' '.join(f'{kind} {message}'.split())[:300] or status}")


def _rate_limited(where: str, kind: str) -> Refused:
    if "BILLING" in kind:
        return Refused(
            f"{where}: the workspace has used up its API calls of this month; wait for the next one, take a larger "
            "plan, or set airtable.modified so that pulls read less"
        )
    return Unreachable(f"{where}: others ask for more than the base answers, 5 requests a second; try again later")


def _type_and_message(response: Response) -> tuple[str, str]:
    """Type and message: {"error": {"type", "message"}}, {"error": type} or {"errors": [{"error", "message"}]}."""
    try:
        content: Any = response.json()
        error = content["errors"][0] if "errors" in content else content["error"]
        if isinstance(error, str):
            return error, ""
        return str(error.get("type") or error.get("error") or ""), str(error.get("message") or "")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return "", ""
