"""Storage accounts, all of one kind: private, without keys, encrypted, over TLS alone."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import storage

from components.azure.names import sanitize


def account(
    name: str,
    resource_group: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    opts: pulumi.ResourceOptions,
) -> storage.StorageAccount:
    """An account that nobody but identities of Entra ID gets into, each as far as its roles go."""
    return storage.StorageAccount(
        sanitize(f"{name}account"),
        resource_group_name=resource_group,
        kind=storage.Kind.STORAGE_V2,
        sku={"name": storage.SkuName.STANDARD_LRS},
        access_tier=storage.AccessTier.HOT,
        allow_shared_key_access=False,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        default_to_o_auth_authentication=True,
        enable_https_traffic_only=True,
        minimum_tls_version=storage.MinimumTlsVersion.TLS1_2,
        tags=tags,
        opts=opts,
    )
