"""A Lambda function from a package, with its log group, its role, and what that may do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from components.aws.roles import Statement, allow, document, trust

RUNTIME = "python3.13"
TRACING = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


@dataclass(frozen=True)
class FunctionSettings:
    """What both functions of a stack are given; `code` is what `lambda_.Function` takes for its code."""

    code: Mapping[str, Any]
    handler: str
    environment: Mapping[str, pulumi.Input[str]]
    memory: pulumi.Input[int]
    timeout: pulumi.Input[int]
    architecture: str
    statements: Sequence[Statement]
    log_days: pulumi.Input[int]
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    xray: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """The function and what belongs to it."""

    function: lambda_.Function
    log_group: cloudwatch.LogGroup
    role: iam.Role
    policy: iam.RolePolicy


def make_function(name: str, given: FunctionSettings, parent: pulumi.Resource) -> Made:
    """The function, ready to be invoked once its role has its policy."""
    child = pulumi.ResourceOptions(parent=parent)
    # Named by Pulumi, and its function may not create one: invocations that come late can't bring a deleted one back.
    logs = cloudwatch.LogGroup(f"{name}-logs", retention_in_days=given.log_days, tags=given.tags, opts=child)
    role = iam.Role(f"{name}-role", assume_role_policy=trust("lambda"), tags=given.tags, opts=child)
    writing = allow(("logs:CreateLogStream", "logs:PutLogEvents"), [pulumi.Output.format("{}:*", logs.arn)])
    # X-Ray has no resources to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    tracing = [allow(TRACING, ["*"], because="XRayHasNoResources")] if given.xray else []
    policy = iam.RolePolicy(
        f"{name}-policy", role=role.id, policy=document(writing, *given.statements, *tracing), opts=child
    )
    packaged = {} if "image_uri" in given.code else {"runtime": RUNTIME, "handler": given.handler}
    function = lambda_.Function(
        f"{name}-function",
        **{**given.code, **packaged, **given.more},
        role=role.arn,
        architectures=[given.architecture],
        memory_size=given.memory,
        timeout=given.timeout,
        environment={"variables": given.environment},
        # Our lines are JSON already; this makes Lambda's own such, too.
        logging_config={"log_format": "JSON", "log_group": logs.name, "system_log_level": "INFO"},
        tracing_config={"mode": "Active" if given.xray else "PassThrough"},
        tags=given.tags,
        # The ARN of a role says nothing of its policy, without which the first start would fail.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
    return Made(function, logs, role, policy)
