"""Policy documents of IAM, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

Statement = Mapping[str, Any]


def allow(
    actions: Sequence[str],
    resources: Sequence[pulumi.Input[str]],
    conditions: Mapping[str, Mapping[str, pulumi.Input[str]]] | None = None,
    because: str = "",
) -> Statement:
    """A statement that allows those actions on those resources, if the conditions hold.

    What is allowed by a wildcard says why: `because` is the reason in letters and digits, such as XRayHasNoResources,
    and becomes the statement's Sid, where the policy pack and auditors find it.
    """
    statement: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if conditions:
        statement = {**statement, "Condition": conditions}
    return {"Sid": f"Because{because}", **statement} if because else statement


def allow_service(
    service: str, actions: Sequence[str], resource: pulumi.Input[str], source: pulumi.Input[str]
) -> Statement:
    """A statement of a resource's own policy: that service may do it on behalf of `source`, an ARN, and of no other."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": actions,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": source}},
    }


def document(*statements: Statement) -> pulumi.Output[str]:
    """The statements as the JSON that IAM reads."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements})


def trust(service: str, account: pulumi.Input[str] | None = None) -> pulumi.Output[str]:
    """The policy by which a service assumes a role, on behalf of the account `account` alone if one is named."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return document(
        {**statement, "Condition": {"StringEquals": {"aws:SourceAccount": account}}} if account else statement
    )
