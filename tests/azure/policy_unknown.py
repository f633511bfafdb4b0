"""A program for the engine in which every value that a policy checks is unknown before the first update."""

from typing import Any

from pulumi_azure_native import (
    app,
    authorization,
    containerregistry,
    keyvault,
    operationalinsights,
    resources,
    storage,
    web,
)

# Its outputs are unknown until it exists. All values that a policy checks are made of one of them.
source = resources.ResourceGroup("source", tags={"project": "serverless-ml", "stack": "azure-dev"})


def later(value: Any) -> Any:
    """The value, unknown until there is an id."""
    return source.id.apply(lambda _: value)


storage.StorageAccount(
    "account",
    resource_group_name="group",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    allow_shared_key_access=later(True),
    allow_blob_public_access=later(True),
    minimum_tls_version=later("TLS1_0"),
    tags=later({}),
)
storage.BlobContainer("container", account_name="a", resource_group_name="group", public_access=later("Blob"))
web.WebApp(
    "app",
    resource_group_name="group",
    https_only=later(False),
    site_config=later({}),
    identity=later({"type": "None"}),
    function_app_config=later({}),
    tags=later({}),
)
containerregistry.Registry(
    "registry",
    resource_group_name="group",
    sku={"name": "Basic"},
    admin_user_enabled=later(True),
    anonymous_pull_enabled=later(True),
    tags=later({}),
)
keyvault.Vault("vault", resource_group_name="group", properties=later({}), tags=later({}))
app.Job(
    "job",
    resource_group_name="group",
    identity=later({"type": "None"}),
    configuration={
        "replica_timeout": 60,
        "trigger_type": app.TriggerType.EVENT,
        "event_trigger_config": {"scale": later({})},
    },
    template=later({}),
    tags=later({}),
)
authorization.RoleAssignment(
    "role",
    principal_id="p",
    role_definition_id=later("/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
    scope="/subscriptions/s",
)
operationalinsights.Workspace(
    "logs",
    resource_group_name="group",
    retention_in_days=later(0),
    workspace_capping={"daily_quota_gb": later(-1.0)},
    tags=later({}),
)
