"""Policy documents of IAM: their actions, principals and wildcards."""

import json
import re
from collections.abc import Iterator
from typing import Any

from reading import as_list

Statement = dict[str, Any]

REASON = re.compile("Because[A-Z0-9]")  # the Sid of a statement with a wildcard, which says why


def statements(props: dict[str, Any]) -> Iterator[Statement]:
    """The statements of every document that a resource holds, as far as they are known."""
    inline = [policy for policy in as_list(props.get("inlinePolicies")) if isinstance(policy, dict)]
    documents = [props.get(name) for name in ("policy", "policyDocument", "accessPolicies", "assumeRolePolicy")]
    for text in (*documents, *(policy.get("policy") for policy in inline)):
        document = _parse(text)
        for statement in as_list(document.get("Statement")):
            if isinstance(statement, dict):
                yield statement


def _parse(text: Any) -> dict[str, Any]:
    """The document; empty for text that is no JSON, which AWS refuses itself."""
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def allows(statement: Statement) -> bool:
    """Tells whether it allows something; a denial may be as wide as can be."""
    return statement.get("Effect") == "Allow"


def is_for_everybody(statement: Statement) -> bool:
    """Tells whether its principal is anybody."""
    principal = statement.get("Principal")
    values = principal.values() if isinstance(principal, dict) else [principal]
    return "NotPrincipal" in statement or any("*" in as_list(value) for value in values)


def wildcards(statement: Statement) -> list[str]:
    """The actions and resources that it allows by wildcard, unless its Sid says why."""
    if not allows(statement) or REASON.match(str(statement.get("Sid", ""))):
        return []
    excluding = [f"{key} (all others)" for key in ("NotAction", "NotResource") if key in statement]
    actions = [action for action in map(str, as_list(statement.get("Action"))) if "*" in action]
    arns = map(str, as_list(statement.get("Resource")))
    return [*excluding, *actions, *(arn for arn in arns if "*" in arn and not _is_below_named(arn))]


def _is_below_named(arn: str) -> bool:
    """Tells whether its one * stands for all below a named resource, as in bucket/models/* or log-group:NAME:*."""
    path = re.split("[:/]", arn.split(":", 5)[-1])
    return arn.count("*") == 1 and path[-1] == "*" and len(path) > 2  # function:* and bucket/* are only a kind, or all


def denies_plain_http(statement: Statement) -> bool:
    """Tells whether it denies everybody all actions without TLS, on a bucket and on its objects."""
    condition = statement.get("Condition")
    arns = [str(arn) for arn in as_list(statement.get("Resource"))]
    return (
        statement.get("Effect") == "Deny"
        and "NotPrincipal" not in statement
        and is_for_everybody(statement)
        and any(action in ("s3:*", "*") for action in as_list(statement.get("Action")))
        and (not all(arn.endswith("/*") for arn in arns) and any(arn.endswith("*") for arn in arns))
        and condition in ({"Bool": {"aws:SecureTransport": "false"}}, {"Bool": {"aws:SecureTransport": False}})
    )
