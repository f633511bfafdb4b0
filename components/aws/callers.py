"""Callers of an endpoint: roles and users of IAM, by their ARNs."""

import re

import pulumi
from pulumi_aws import iam

from components.aws.names import account_id

PRINCIPAL = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):(role|user)/(?:[\w+=,.@/-]+/)?([\w+=,.@-]+)")


def check_caller(caller: str) -> tuple[str, str, str]:
    """The account, the kind, role or user, and the name. Raises RunError if it is no ARN of one."""
    match = PRINCIPAL.fullmatch(caller)
    if not match:
        form = "arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME"
        raise pulumi.RunError(f"callers names {caller!r}, which is not of the form {form}")
    return match[1], match[2], match[3]


def attach(name: str, caller: str, policy: iam.Policy, opts: pulumi.ResourceOptions) -> None:
    """Gives the caller the policy, under a name that begins with `name`.

    Raises RunError as `check_caller` does, and for one of another account, which may have a namesake in this one.
    """
    account, kind, principal = check_caller(caller)

    def in_this_account(ours: str) -> str:
        if account != ours:
            raise pulumi.RunError(
                f"callers names {caller!r}, of the account {account}, and this is {ours}; it can name roles and users "
                "of this account, which those of another one may assume"
            )
        return principal

    local_principal, name = account_id().apply(in_this_account), f"{name}-{kind}-{principal}"
    if kind == "role":
        iam.RolePolicyAttachment(name, role=local_principal, policy_arn=policy.arn, opts=opts)
    else:
        iam.UserPolicyAttachment(name, user=local_principal, policy_arn=policy.arn, opts=opts)
