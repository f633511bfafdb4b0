"""Who may call: roles and users of IAM, by their ARNs."""

import re

import pulumi
from pulumi_aws import iam

PRINCIPAL = re.compile(r"arn:aws[\w-]*:iam::\d{12}:(role|user)/(?:[\w+=,.@/-]+/)?([\w+=,.@-]+)")


def check_caller(caller: str) -> tuple[str, str]:
    """The kind, role or user, and the name. Raises RunError if it is no ARN of one."""
    found = PRINCIPAL.fullmatch(caller)
    if not found:
        form = "arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME"
        raise pulumi.RunError(f"callers names {caller!r}, which is not of the form {form}")
    return found[1], found[2]


def attach(name: str, caller: str, policy: iam.Policy, opts: pulumi.ResourceOptions) -> None:
    """Gives the caller the policy, under a name that begins with `name`. Raises RunError as `check_caller` does."""
    kind, principal = check_caller(caller)
    name = f"{name}-{kind}-{principal}"
    if kind == "role":
        iam.RolePolicyAttachment(name, role=principal, policy_arn=policy.arn, opts=opts)
    else:
        iam.UserPolicyAttachment(name, user=principal, policy_arn=policy.arn, opts=opts)
