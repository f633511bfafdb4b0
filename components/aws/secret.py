"""A secret of Secrets Manager."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import secretsmanager

from components.aws.policy_documents import Statement, allow

RECOVERY_DAYS = 7  # the least that AWS keeps what is deleted, unless nothing is kept


@dataclass(frozen=True)
class KeptSecret:
    """The secret with its value."""

    secret: secretsmanager.Secret
    version: secretsmanager.SecretVersion

    @property
    def statement(self) -> Statement:
        """The statement for its reader's role."""
        return allow(("secretsmanager:GetSecretValue",), [self.secret.arn])


def keep_secret(
    name: str,
    value: pulumi.Input[str],
    disposable: pulumi.Input[bool],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> KeptSecret:
    """Keeps a value that nobody may read yet; what is `disposable` is deleted for good at once."""
    child = pulumi.ResourceOptions(parent=parent)
    secret = secretsmanager.Secret(
        name,
        recovery_window_in_days=pulumi.Output.from_input(disposable).apply(lambda now: 0 if now else RECOVERY_DAYS),
        tags=tags,
        opts=child,
    )
    version = secretsmanager.SecretVersion(
        f"{name}-version", secret_id=secret.id, secret_string=pulumi.Output.secret(value), opts=child
    )
    return KeptSecret(secret, version)
