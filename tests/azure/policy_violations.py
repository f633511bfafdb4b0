"""A program for the engine that violates each policy of Azure, beside resources that keep to it."""

from typing import Any

import pulumi
from pulumi_azure_native import app as container_app
from pulumi_azure_native import authorization, containerregistry, keyvault, operationalinsights, storage, web

TAGS = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
GROUP = "group"
CLOSED: dict[str, Any] = {
    "allow_shared_key_access": False,
    "allow_blob_public_access": False,
    "minimum_tls_version": "TLS1_2",
}


def account(name: str, **more: Any) -> storage.StorageAccount:
    properties: dict[str, Any] = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": TAGS, **CLOSED, **more}
    return storage.StorageAccount(name, resource_group_name=GROUP, **properties)


def app(name: str, site: Any = None, **more: Any) -> web.WebApp:
    # A site on Flex Consumption may not have a setting for FTP.
    ftp = {} if "function_app_config" in more else {"ftps_state": "Disabled"}
    closed: Any = {**ftp, "min_tls_version": "1.2", **(site or {})}
    properties: dict[str, Any] = {"https_only": True, "identity": {"type": "SystemAssigned"}, "tags": TAGS, **more}
    return web.WebApp(name, resource_group_name=GROUP, site_config=closed, **properties)


def registry(name: str, **more: Any) -> None:
    containerregistry.Registry(name, resource_group_name=GROUP, sku={"name": "Basic"}, tags=TAGS, **more)


def job(name: str, value: str, scale: Any, **more: Any) -> None:
    container: Any = {"name": "c", "image": "i", "env": [{"name": "STORE", "value": value}]}
    properties: dict[str, Any] = {"identity": {"type": "SystemAssigned"}, **more}
    container_app.Job(
        name,
        resource_group_name=GROUP,
        configuration={
            "replica_timeout": 60,
            "trigger_type": container_app.TriggerType.EVENT,
            "event_trigger_config": {"scale": scale},
        },
        template={"containers": [container]},
        tags=TAGS,
        **properties,
    )


def vault(name: str, **more: Any) -> keyvault.Vault:
    base: Any = {
        "sku": {"family": "A", "name": "standard"},
        "tenant_id": "t",
        "enable_rbac_authorization": True,
    }
    return keyvault.Vault(name, resource_group_name=GROUP, properties=base | more, tags=TAGS)


def asking(name: str, of: web.WebApp, required: bool) -> None:
    web.WebAppAuthSettingsV2(
        f"{name}-asking",
        name=of.name,
        resource_group_name=GROUP,
        platform={"enabled": True},
        global_validation={"require_authentication": required},
    )


# Accounts and containers.
kept = account("kept")
account("keys", allow_shared_key_access=None)
account("open", allow_blob_public_access=True)
account("old", minimum_tls_version="TLS1_0")
storage.BlobContainer("private", account_name=kept.name, resource_group_name=GROUP)
storage.BlobContainer(
    "shown", account_name=kept.name, resource_group_name=GROUP, public_access=storage.PublicAccess.BLOB
)

# Apps, and how they authenticate callers.
app("plain", https_only=False)
app("ftp", {"ftps_state": "AllAllowed"})
app("told", {"app_settings": [{"name": "STORE", "value": "AccountName=a;AccountKey=b"}, {"name": "B", "value": "c"}]})
app("nobody", identity=None)
app("endless", function_app_config={"scale_and_concurrency": {"instance_memory_mb": 512}})
app("capped", function_app_config={"scale_and_concurrency": {"instance_memory_mb": 512, "maximum_instance_count": 2}})
asking("strict", app("strict"), required=True)
asking("lenient", app("lenient"), required=False)
asking("declared", app("declared", tags={**TAGS, "public": "declared"}), required=False)

# Jobs and their images.
registry("closed", admin_user_enabled=False)
registry("password", admin_user_enabled=True)
registry("anybody", anonymous_pull_enabled=True)
job("once", "https://a.blob.core.windows.net/b", {"max_executions": 1})
job("told-job", "AccountName=a;AccountKey=b", {"max_executions": 1})
job("nobody-job", "c", {"max_executions": 1}, identity=None)
job("endless-job", "c", {"min_executions": 0})

# A vault with a secret, an app with its value in clear, and one with its id.
password = pulumi.Output.secret("correct horse battery")
secret = keyvault.Secret(
    "secret",
    vault_name=vault("by-roles").name,
    resource_group_name=GROUP,
    properties={"value": password},
    tags=TAGS,
)
vault("by-policies", enable_rbac_authorization=False)
vault("forgetful", enable_soft_delete=False)
app("spilt", {"app_settings": [{"name": "A", "value": pulumi.Output.format("postgres://me:{}@host/db", password)}]})
app("referring", {"app_settings": [{"name": "A", "value": secret.id}]})

# Roles, logs and tags.
for name, role in {
    "owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
}.items():
    authorization.RoleAssignment(
        name,
        principal_id="11111111-2222-3333-4444-555555555555",
        principal_type="ServicePrincipal",
        role_definition_id=f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}",
        scope="/subscriptions/s",
    )
operationalinsights.Workspace("forever", resource_group_name=GROUP, workspace_capping={"daily_quota_gb": 1}, tags=TAGS)
operationalinsights.Workspace("boundless", resource_group_name=GROUP, retention_in_days=30, tags=TAGS)
operationalinsights.Workspace(
    "a-while", resource_group_name=GROUP, retention_in_days=30, workspace_capping={"daily_quota_gb": 1}, tags=TAGS
)
account("untagged", tags=None)
account("mistagged", tags={**TAGS, "stack": "another"})
