"""A secret of Key Vault, in a vault of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import keyvault

from components.azure.deployment_retries import child
from components.azure.names import sanitize, tenant
from components.azure.roles import grant

RECOVERY_DAYS = 7  # the least that Azure keeps what is deleted


@dataclass(frozen=True)
class KeptSecret:
    """The secret with its value, in its vault."""

    vault: keyvault.Vault
    secret: keyvault.Secret

    @property
    def url(self) -> pulumi.Output[str]:
        """The URL of its newest version."""
        return pulumi.Output.format("https://{}.vault.azure.net/secrets/{}", self.vault.name, self.secret.name)

    def grant_read(self, name: str, reader: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Resource:
        """Lets an identity read it, and nothing else."""
        return grant(name, "Key Vault Secrets User", self.secret.id, reader, parent)


def keep_secret(
    name: str,
    secret_name: str,
    value: pulumi.Input[str],
    args: Mapping[str, Any],
    parent: pulumi.Resource,
) -> KeptSecret:
    """Keeps a value that nobody may read yet, for a component of these `args`.

    What is `disposable` may be deleted for good before its time.
    """
    vault = keyvault.Vault(
        # Pulumi adds to it what no vault has had: the name of a deleted one is taken for as long as it is kept.
        sanitize(f"{name}vault"),
        resource_group_name=args["resource_group"],
        properties=_properties(args.get("disposable", False)),
        tags=args.get("tags"),
        opts=child(parent),
    )
    # Azure Resource Manager sets a secret and does not delete one. Whoever deploys needs no role in the vault, with
    # which it goes.
    with_vault = pulumi.ResourceOptions.merge(child(parent), pulumi.ResourceOptions(deleted_with=vault))
    secret = keyvault.Secret(
        f"{name}-{secret_name}",
        resource_group_name=args["resource_group"],
        vault_name=vault.name,
        secret_name=secret_name,
        properties={"value": pulumi.Output.secret(value)},
        tags=args.get("tags"),
        opts=with_vault,
    )
    return KeptSecret(vault, secret)


def _properties(disposable: bool) -> Any:
    return {
        "sku": {"family": keyvault.SkuFamily.A, "name": keyvault.SkuName.STANDARD},
        "tenant_id": tenant(),
        "enable_rbac_authorization": True,
        "enable_soft_delete": True,
        "soft_delete_retention_in_days": RECOVERY_DAYS,
        # Azure refuses false, and what is on stays on.
        **({} if disposable else {"enable_purge_protection": True}),
        # Function apps and jobs outside of a network of one's own have no address that a rule could name.
        "public_network_access": "Enabled",
        "network_acls": {
            "bypass": keyvault.NetworkRuleBypassOptions.NONE,
            "default_action": keyvault.NetworkRuleAction.ALLOW,
        },
    }
