"""The store of datasets and models: a private container in a storage account of its own."""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import storage

from components.azure.deployment_retries import child
from components.azure.storage_account import account

KEPT_DAYS = 30  # overwritten or deleted blobs can be restored, and the container itself
CONTAINER = "store"


class ModelStoreArgs(TypedDict):
    """Inputs of a ModelStore."""

    resource_group: pulumi.Input[str]
    """The name of the resource group that it is in."""
    disposable: NotRequired[bool]
    """True lets `destroy` delete the account with all that is in it. Default: no; Pulumi refuses."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class ModelStore(pulumi.ComponentResource):
    """A container: versioned, encrypted, closed to the public, its account without keys and without plain HTTP."""

    url: pulumi.Output[str]
    """The URL of the store, as trainer and endpoint take it: https://ACCOUNT.blob.core.windows.net/CONTAINER."""
    account: storage.StorageAccount
    """The storage account."""

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:azure:ModelStore", name, {}, opts)
        group = args["resource_group"]
        # Azure deletes an account with whatever is in it, and asks nobody.
        kept = pulumi.ResourceOptions.merge(
            child(self), pulumi.ResourceOptions(protect=not args.get("disposable", False))
        )
        self.account = account(name, group, args.get("tags"), kept)
        self._keep_versions(name, group)
        container = storage.BlobContainer(
            f"{name}-container",
            resource_group_name=group,
            account_name=self.account.name,
            container_name=CONTAINER,
            public_access=storage.PublicAccess.NONE,
            opts=kept,
        )
        blobs = self.account.primary_endpoints.apply(lambda endpoints: endpoints.blob)
        self.url = pulumi.Output.format("{}{}", blobs, container.name)
        self.register_outputs({"url": self.url})

    def _keep_versions(self, name: str, group: pulumi.Input[str]) -> None:
        versioned = storage.BlobServiceProperties(
            f"{name}-blobs",
            resource_group_name=group,
            account_name=self.account.name,
            blob_services_name="default",
            is_versioning_enabled=True,
            delete_retention_policy={"enabled": True, "days": KEPT_DAYS},
            container_delete_retention_policy={"enabled": True, "days": KEPT_DAYS},
            opts=child(self),
        )
        storage.ManagementPolicy(
            f"{name}-lifecycle",
            resource_group_name=group,
            account_name=self.account.name,
            management_policy_name="default",
            # A version's days count from when it was written, so an old one may go on the day that it was overwritten.
            # Whatever goes is deleted softly: that is what keeps it.
            policy={
                "rules": [
                    {
                        "name": "old-versions",
                        "type": "Lifecycle",
                        "enabled": True,
                        "definition": {
                            "actions": {"version": {"delete": {"days_after_creation_greater_than": KEPT_DAYS}}},
                            "filters": {"blob_types": ["blockBlob"]},
                        },
                    }
                ]
            },
            # There is nothing to delete as long as no versions are kept.
            opts=child(self, versioned),
        )
