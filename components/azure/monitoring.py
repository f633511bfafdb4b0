"""Monitoring of a stack: alarms, a dashboard, a budget."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import applicationinsights, consumption, monitor

from components.azure.alarms import Alarms, AlarmsArgs
from components.azure.deployment_retries import child
from components.azure.log_queries import broken_off, trainings
from components.azure.names import unique_guid

MONTHLY_LIMIT = 20
PORTAL = "https://portal.azure.com/#resource"


class MonitoringArgs(TypedDict):
    """Inputs of a Monitoring."""

    resource_group: pulumi.Input[str]
    """The name of the resource group that it is in."""
    scope: pulumi.Input[str]
    """The id of that group, whose costs the budget is about."""
    model: pulumi.Input[str]
    """The name of the model."""
    endpoint_app: pulumi.Input[str]
    """The name of the function app that answers."""
    trainer_app: NotRequired[pulumi.Input[str]]
    """The name of the function app that trains, unless a job does."""
    trainer_job: NotRequired[pulumi.Input[str]]
    """The name of the job that trains. Default: the app does."""
    scheduler_job: NotRequired[pulumi.Input[str]]
    """The name of the job that asks that one for trainings on schedule. Default: there is none."""
    workspace: pulumi.Input[str]
    """The id of the workspace that has the logs of both."""
    alarm_email: NotRequired[str]
    """The e-mail address that alarms and the budget are sent to. Default: none; they can be seen in the portal."""
    monthly_limit: NotRequired[pulumi.Input[int]]
    """The most that the group may cost in a month, in the currency of its bills; a notification is sent beyond it.
    Default: 20."""
    stale_days: NotRequired[int]
    """After how many days without a successful training there is an alarm, at most 2. Default: never."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Monitoring(pulumi.ComponentResource):
    """Alarms that tell an action group, a dashboard, and a monthly budget."""

    dashboard: pulumi.Output[str]
    """The URL of the dashboard."""
    action_group: monitor.ActionGroup
    """The action group that alarms are sent to."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:azure:Monitoring", name, {}, opts)
        self._name, self._args = name, args
        receivers: Any = [
            {"name": "email", "email_address": email, "use_common_alert_schema": True}
            for email in [args.get("alarm_email")]
            if email
        ]
        self.action_group = monitor.ActionGroup(
            f"{name}-action-group",
            resource_group_name=args["resource_group"],
            location="global",
            group_short_name="ml-alarms",
            enabled=True,
            email_receivers=receivers,
            tags=args.get("tags"),
            opts=child(self),
        )
        watched: Any = {key: value for key, value in args.items() if key in AlarmsArgs.__annotations__}
        Alarms(f"{name}-alarms", watched | {"action_groups": [self.action_group.id]}, child(self))
        self.dashboard = self._dashboard()
        self._budget()
        self.register_outputs({"dashboard": self.dashboard})

    def _dashboard(self) -> pulumi.Output[str]:
        args = self._args
        title = f"{pulumi.get_project()}/{pulumi.get_stack()}"
        board = applicationinsights.Workbook(
            f"{self._name}-dashboard",
            resource_group_name=args["resource_group"],
            resource_name_=unique_guid(self._name, "dashboard"),
            kind=applicationinsights.WorkbookSharedTypeKind.SHARED,
            category="workbook",
            display_name=title,
            source_id=args["workspace"],
            serialized_data=pulumi.Output.all(
                args["endpoint_app"], trainings(args), broken_off(args), args["workspace"]
            ).apply(_body),
            tags=args.get("tags"),
            opts=child(self),
        )
        return pulumi.Output.format("{}{}/workbook", PORTAL, board.id)

    def _budget(self) -> None:
        notifications: Any = {
            kind.value.lower(): {
                "enabled": True,
                "operator": consumption.OperatorType.GREATER_THAN,
                "threshold": 100.0,
                "threshold_type": kind,
                "contact_emails": [],
                "contact_groups": [self.action_group.id],
            }
            for kind in (consumption.ThresholdType.ACTUAL, consumption.ThresholdType.FORECASTED)
        }
        consumption.Budget(
            f"{self._name}-budget",
            scope=self._args["scope"],
            category=consumption.CategoryType.COST,
            amount=self._args.get("monthly_limit", MONTHLY_LIMIT),
            time_grain=consumption.TimeGrainType.MONTHLY,
            # Azure wants the month in which it is made; later ones are no reason to make another.
            time_period={"start_date": f"{datetime.now(UTC):%Y-%m}-01T00:00:00Z"},
            notifications=notifications,
            opts=pulumi.ResourceOptions.merge(child(self), pulumi.ResourceOptions(ignore_changes=["timePeriod"])),
        )


def _body(values: list[str]) -> str:
    endpoint, trainings, broken_off, workspace = values

    def chart(title: str, query: str) -> dict[str, Any]:
        content = {
            "version": "KqlItem/1.0",
            "title": title,
            "query": query,
            "size": 1,
            "timeContext": {"durationMs": 86_400_000},
            "queryType": 0,
            "resourceType": "microsoft.operationalinsights/workspaces",
            "crossComponentResources": [workspace],
            "visualization": "timechart",
        }
        return {"type": 3, "content": content, "customWidth": "33", "name": title}

    requests = f'AppRequests | where AppRoleName == "{endpoint}" | summarize'
    period = "bin(TimeGenerated, 5m)"
    charts = [
        chart("Requests", f"{requests} sum(ItemCount) by {period}, ResultCode"),
        chart("Latency, p99 (ms)", f"{requests} percentile(DurationMs, 99) by {period}"),
        chart("Instances at once", f"{requests} dcount(AppRoleInstance) by {period}"),
        chart("Trainings by their outcome", f"{trainings} | summarize count() by {period}, tostring(line.outcome)"),
        chart("Training time (s)", f"{trainings} | summarize max(todouble(line.seconds)) by {period}"),
        chart("Trainings that broke off", f"{broken_off} | summarize count() by {period}"),
    ]
    return json.dumps({"version": "Notebook/1.0", "items": charts}, sort_keys=True)
