"""Logs and measurements: Application Insights, which takes them from identities alone."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import applicationinsights, operationalinsights

from components.azure.deployment_retries import child

LOG_DAYS = 30
DAILY_GB = 1.0


class TelemetryArgs(TypedDict):
    """Inputs of a Telemetry."""

    resource_group: pulumi.Input[str]
    """The name of the resource group that it is in."""
    log_days: NotRequired[pulumi.Input[int]]
    """Days that logs are kept, at least 30. Default: 30. Azure keeps those of functions for 90 in any case, free."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Telemetry(pulumi.ComponentResource):
    """A workspace that takes so much a day and no more, and Application Insights in it."""

    workspace: operationalinsights.Workspace
    """The workspace with the tables."""
    insights: applicationinsights.Component
    """The component that functions send to."""

    def __init__(self, name: str, args: TelemetryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:azure:Telemetry", name, {}, opts)
        group: Any = {"resource_group_name": args["resource_group"], "tags": args.get("tags")}
        self.workspace = operationalinsights.Workspace(
            f"{name}-workspace",
            sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
            retention_in_days=args.get("log_days", LOG_DAYS),
            workspace_capping={"daily_quota_gb": DAILY_GB},
            features={"disable_local_auth": True},
            opts=child(self),
            **group,
        )
        self.insights = applicationinsights.Component(
            f"{name}-insights",
            kind="web",
            application_type=applicationinsights.ApplicationType.WEB,
            ingestion_mode=applicationinsights.IngestionMode.LOG_ANALYTICS,
            workspace_resource_id=self.workspace.id,
            disable_local_auth=True,
            opts=child(self),
            **group,
        )
        self.register_outputs({})
