"""Policy documents of IAM: what they allow, to whom, and how narrowly."""

import json
import re
from collections.abc import Iterator
from typing import Any

from reading import as_list

Statement = dict[str, Any]

REASON = re.compile("Because[A-Z0-9]")  # how a statement's Sid begins that says why it is as wide as it is


def statements(props: dict[str, Any]) -> Iterator[Statement]:
    """The statements of every document that a resource holds, as far as they are known."""
    inline = [policy for policy in as_list(props.get("inlinePolicies")) if isinstance(policy, dict)]
    given = [props.get(name) for name in ("policy", "policyDocument", "accessPolicies", "assumeRolePolicy")]
    for text in (*given, *(policy.get("policy") for policy in inline)):
        document = _parse(text)
        for statement in as_list(document.get("Statement")):
            if isinstance(statement, dict):
                yield statement


def _parse(text: Any) -> dict[str, Any]:
    """What is no JSON is no document either, which AWS will say itself."""
    try:
        document = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def allows(statement: Statement) -> bool:
    """Whether it gives something; what it takes away may be as wide as can be."""
    return statement.get("Effect") == "Allow"


def is_for_everybody(statement: Statement) -> bool:
    """Whether its principal is anybody at all."""
    principal = statement.get("Principal")
    named = principal.values() if isinstance(principal, dict) else [principal]
    return "NotPrincipal" in statement or any("*" in as_list(value) for value in named)


def wildcards(statement: Statement) -> list[str]:
    """What it allows more widely than by name, unless its Sid says why."""
    if not allows(statement) or REASON.match(str(statement.get("Sid", ""))):
        return []
    excluding = [f"{key} (all others)" for key in ("NotAction", "NotResource") if key in statement]
    actions = [action for action in map(str, as_list(statement.get("Action"))) if "*" in action]
    arns = map(str, as_list(statement.get("Resource")))
    return [*excluding, *actions, *(arn for arn in arns if "*" in arn and not _is_below_a_name(arn))]


def _is_below_a_name(arn: str) -> bool:
    """Whether its one * stands for all that is below something named, as in bucket/models/* or log-group:NAME:*."""
    path = re.split("[:/]", arn.split(":", 5)[-1])
    return arn.count("*") == 1 and path[-1] == "*" and len(path) > 2  # function:* and bucket/* are only a kind, or all


def denies_plain_http(statement: Statement) -> bool:
    """Whether it denies everybody everything, in a bucket and on it, that is asked for without TLS."""
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
