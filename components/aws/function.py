"""A Lambda function from a package, with its log group, its role, and the role's policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_

from components.aws.policy_documents import Statement, allow, document, trust
from components.packaging.platforms import LAMBDA_PYTHON

RUNTIME = f"python{LAMBDA_PYTHON}"
LOG_DAYS = 30
TRACING = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


@dataclass(frozen=True)
class FunctionSettings:
    """Settings of a function; `code` and `more` are arguments of `lambda_.Function`, the former for its code."""

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
class FunctionResources:
    """The function and what belongs to it."""

    function: lambda_.Function
    log_group: cloudwatch.LogGroup
    role: iam.Role
    policy: iam.RolePolicy


def make_function(name: str, settings: FunctionSettings, parent: pulumi.Resource) -> FunctionResources:
    """Makes a function, which can be invoked once its role has its policy."""
    child = pulumi.ResourceOptions(parent=parent)
    # Named by Pulumi, and its function may not create one: invocations that come late can't bring a deleted one back.
    logs = cloudwatch.LogGroup(f"{name}-logs", retention_in_days=settings.log_days, tags=settings.tags, opts=child)
    role = iam.Role(f"{name}-role", assume_role_policy=trust("lambda"), tags=settings.tags, opts=child)
    writing = allow(("logs:CreateLogStream", "logs:PutLogEvents"), [pulumi.Output.format("{}:*", logs.arn)])
    # X-Ray has no resources to name: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    tracing = [allow(TRACING, ["*"], because="XRayHasNoResources")] if settings.xray else []
    policy = iam.RolePolicy(
        f"{name}-policy", role=role.id, policy=document(writing, *settings.statements, *tracing), opts=child
    )
    packaged = {} if "image_uri" in settings.code else {"runtime": RUNTIME, "handler": settings.handler}
    function = lambda_.Function(
        f"{name}-function",
        **{**settings.code, **packaged, **settings.more},
        role=role.arn,
        architectures=[settings.architecture],
        memory_size=settings.memory,
        timeout=settings.timeout,
        environment={"variables": settings.environment},
        # Our lines are JSON already; this makes Lambda's own such, too.
        logging_config={"log_format": "JSON", "log_group": logs.name, "system_log_level": "INFO"},
        tracing_config={"mode": "Active" if settings.xray else "PassThrough"},
        tags=settings.tags,
        # The ARN of a role says nothing of its policy, without which the first start would fail.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )
    return FunctionResources(function, logs, role, policy)
