"""A function app on the plan Flex Consumption, with an identity, a plan and a storage account of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pulumi
from pulumi_azure_native import managedidentity, storage, web

from components.azure.deployment_retries import child
from components.azure.roles import grant
from components.azure.storage_account import account
from components.azure.upload_code import publish_code
from components.packaging.archive import make_archive
from components.packaging.platforms import Platform
from function_code.errors import Refused

PACKAGES = "packages"


@dataclass(frozen=True)
class FunctionSettings:
    """Settings of a function app."""

    package: str
    platform: Platform
    """The platform that the package is made for."""
    resource_group: pulumi.Input[str]
    insights: pulumi.Input[str]
    connection: pulumi.Input[str]
    environment: Mapping[str, pulumi.Input[str]]
    memory: int
    instances: tuple[int, int]
    """Instances that are always ready, and the most on top of them."""
    concurrency: int
    """Requests or messages at once in an instance."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    app_tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    """The tags of the app itself."""
    site: Mapping[str, Any]
    """More arguments of the site's configuration."""


class FunctionApp:
    """The parts of a function app. Each app has an account of its own, so that none can write another one's code.

    Call `publish` when all is there that the code needs.
    """

    def __init__(self, name: str, settings: FunctionSettings, parent: pulumi.Resource) -> None:
        self._name, self._settings, self._parent = name, settings, parent
        try:
            self._package = make_archive(settings.package, settings.platform, pulumi.log.info)
        except Refused as problem:
            raise pulumi.RunError(str(problem)) from None
        group: Any = {"resource_group_name": settings.resource_group}
        self.identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity", tags=settings.tags, opts=child(parent), **group
        )
        self.account = account(name, settings.resource_group, settings.tags, child(parent))
        packages = storage.BlobContainer(
            f"{name}-packages",
            account_name=self.account.name,
            # One that is made anew has another name, by which is known that the package is not in it.
            container_name=f"{PACKAGES}-{uuid4().hex[:8]}",
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions.merge(child(parent), pulumi.ResourceOptions(ignore_changes=["containerName"])),
            **group,
        )
        blobs = self.account.primary_endpoints.apply(lambda endpoints: endpoints.blob)
        self._container_url = pulumi.Output.format("{}{}", blobs, packages.name)
        principal = self.identity.principal_id
        grants = [
            # The host keeps locks and function keys there, and the package.
            grant(f"{name}-host", "Storage Blob Data Owner", self.account.id, principal, parent),
            grant(f"{name}-telemetry", "Monitoring Metrics Publisher", settings.insights, principal, parent),
        ]
        self.plan = web.AppServicePlan(
            f"{name}-plan",
            kind="functionapp",
            sku={"name": "FC1", "tier": "FlexConsumption"},
            reserved=True,  # which means Linux
            tags=settings.tags,
            opts=child(parent),
            **group,
        )
        self.app = self._app(grants)
        self.settled = self._no_passwords()
        """The resource that is made last. A site takes one change of its settings at a time."""

    def _app(self, grants: list[Any]) -> web.WebApp:
        settings = self._settings
        # Flex Consumption has no FTP and refuses a site that speaks of it; as SiteConfigArgs it would be given more.
        site: dict[str, Any] = {
            "app_settings": [{"name": name, "value": value} for name, value in self._environment().items()],
            "http20_enabled": True,
            "min_tls_version": web.SupportedTlsVersions.SUPPORTED_TLS_VERSIONS_1_2,
            "scm_min_tls_version": web.SupportedTlsVersions.SUPPORTED_TLS_VERSIONS_1_2,
            **settings.site,
        }
        ready, most = settings.instances
        scale: dict[str, Any] = {"instance_memory_mb": settings.memory, "maximum_instance_count": most}
        if settings.package == "serving":
            scale["triggers"] = {"http": {"per_instance_concurrency": settings.concurrency}}
        if ready:
            scale["always_ready"] = [{"name": "http", "instance_count": ready}]
        storage: Any = {
            "type": web.FunctionsDeploymentStorageType.BLOB_CONTAINER,
            "value": self._container_url,
            "authentication": {
                "type": web.AuthenticationType.USER_ASSIGNED_IDENTITY,
                "user_assigned_identity_resource_id": self.identity.id,
            },
        }
        config: Any = {
            "deployment": {"storage": storage},
            "runtime": {"name": web.RuntimeName.PYTHON, "version": settings.platform.python},
            "scale_and_concurrency": scale,
        }
        identities: Any = [self.identity.id]
        return web.WebApp(
            f"{self._name}-app",
            resource_group_name=settings.resource_group,
            kind="functionapp,linux",
            server_farm_id=self.plan.id,
            reserved=True,
            https_only=True,
            identity={
                "type": web.ManagedServiceIdentityType.USER_ASSIGNED,
                "user_assigned_identities": identities,
            },
            function_app_config=config,
            site_config=cast(Any, site),
            tags=settings.app_tags,
            opts=child(self._parent, *grants),
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        """The app's environment. Nothing in it is a secret."""
        client = self.identity.client_id
        return {
            "AzureWebJobsStorage__accountName": self.account.name,
            "AzureWebJobsStorage__clientId": client,
            "AzureWebJobsStorage__credential": "managedidentity",
            "APPLICATIONINSIGHTS_CONNECTION_STRING": self._settings.connection,
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": pulumi.Output.format("ClientId={};Authorization=AAD", client),
            "AZURE_CLIENT_ID": client,  # as whom the store is read
            "PYTHON_THREADPOOL_THREAD_COUNT": str(self._settings.concurrency),
            **self._settings.environment,
        }

    def _no_passwords(self) -> web.WebAppScmAllowed:
        """Turns off publishing by the passwords that an app comes with."""
        common: Any = {"name": self.app.name, "resource_group_name": self._settings.resource_group, "allow": False}
        ftp = web.WebAppFtpAllowed(f"{self._name}-no-ftp", opts=child(self._parent), **common)
        return web.WebAppScmAllowed(f"{self._name}-no-passwords", opts=child(self._parent, ftp), **common)

    def publish(self, *depends_on: pulumi.Resource, schedule: pulumi.Input[str] | None = None) -> pulumi.Stash:
        """Publishes the code, after `depends_on`; again for another `schedule` of its timer.

        The host tells by which triggers the app is to be woken when it is published to, and at no change of a setting.
        """
        triggers: dict[str, pulumi.Input[str]] = {"package": self._package.sha256, "container": self._container_url}
        if schedule is not None:
            triggers["schedule"] = schedule
        return publish_code(
            f"{self._name}-code",
            self.app.default_host_name,
            Path(self._package.path),
            triggers,
            pulumi.ResourceOptions(parent=self._parent, depends_on=[self.app, self.settled, *depends_on]),
        )
