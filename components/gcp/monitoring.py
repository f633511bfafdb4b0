"""Monitoring of a stack: alarms, a dashboard, a budget, and a bucket for logs."""

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_gcp import billing, logging, monitoring

from components.gcp.alarms import Alarms, AlarmsArgs, of_any, of_function, of_job
from components.gcp.deployment_retries import child
from components.gcp.names import about_project, project, region

LOG_DAYS = 30
MONTHLY_LIMIT = 20


class MonitoringArgs(TypedDict):
    """Inputs of a Monitoring."""

    model: pulumi.Input[str]
    """The name of the model."""
    endpoint_function: pulumi.Input[str]
    """The name of the function that answers."""
    trainer_function: pulumi.Input[str]
    """The name of the function that trains, or starts the job that does."""
    trainer_job: NotRequired[pulumi.Input[str]]
    """The name of the job that trains. Default: the function does."""
    alarm_email: NotRequired[str]
    """The e-mail address that alarms and the budget are sent to. Default: none; they can be seen in the console."""
    monthly_limit: NotRequired[pulumi.Input[int]]
    """The most that the project may cost in a month, in the currency of its billing account; its administrators are
    notified beyond it. Default: 20."""
    stale_days: NotRequired[int]
    """After how many days without a successful training there is an alarm. Default: never."""
    log_days: NotRequired[pulumi.Input[int]]
    """Days that logs are kept. Default: 30."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Monitoring(pulumi.ComponentResource):
    """Alarms that tell a channel, a dashboard, a monthly budget, and a bucket for the logs of all that runs."""

    dashboard: pulumi.Output[str]
    """The URL of the dashboard."""
    logs: logging.ProjectBucketConfig
    """The bucket of the logs."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:gcp:Monitoring", name, {}, opts)
        self._name, self._args = name, args
        self.logs = self._keep_logs()
        channels = [self._channel(args["alarm_email"]).name] if "alarm_email" in args else []
        watched: Any = {key: value for key, value in args.items() if key in AlarmsArgs.__annotations__}
        Alarms(f"{name}-alarms", watched | {"channels": channels}, child(self))
        self.dashboard = self._dashboard()
        self._budget(channels)
        self.register_outputs({"dashboard": self.dashboard})

    def _channel(self, email: str) -> monitoring.NotificationChannel:
        return monitoring.NotificationChannel(
            f"{self._name}-email",
            type="email",
            display_name=email,
            labels={"email_address": email},
            user_labels=self._args.get("labels"),
            opts=child(self),
        )

    def _keep_logs(self) -> logging.ProjectBucketConfig:
        name, args = self._name, self._args
        bucket = logging.ProjectBucketConfig(
            f"{name}-logs",
            project=project(),
            location=region(),
            # With the part of a function's name that Pulumi made up: a bucket that was deleted keeps its id for a week.
            bucket_id=pulumi.Output.format("{}-logs", args["endpoint_function"]),
            retention_days=args.get("log_days", LOG_DAYS),
            opts=child(self),
        )
        sources = [of_function(args["endpoint_function"]), of_function(args["trainer_function"])]
        if "trainer_job" in args:
            sources.append(of_job(args["trainer_job"]))
        lines = of_any(*sources)
        sink = logging.ProjectSink(
            f"{name}-sink",
            destination=pulumi.Output.format("logging.googleapis.com/{}", bucket.id),
            filter=lines,
            opts=child(self),
        )
        # Otherwise they would be kept, and paid for, in the project's default bucket, too.
        logging.ProjectExclusion(
            f"{name}-exclusion",
            description=pulumi.Output.format("Kept in {}", bucket.id),
            filter=lines,
            opts=child(self, sink),
        )
        return bucket

    def _dashboard(self) -> pulumi.Output[str]:
        args = self._args
        body = pulumi.Output.all(args["endpoint_function"], args["trainer_function"], args.get("trainer_job", ""))
        board = monitoring.Dashboard(f"{self._name}-dashboard", dashboard_json=body.apply(_body), opts=child(self))
        return board.id.apply(
            lambda id_: (
                f"https://console.cloud.google.com/monitoring/dashboards/builder/{id_.rsplit('/', 1)[-1]}"
                f"?project={project()}"
            )
        )

    def _budget(self, channels: list[pulumi.Output[str]]) -> None:
        project_info = about_project(self.logs)
        notifications: Any = {"monitoring_notification_channels": channels} if channels else None
        billing.Budget(
            f"{self._name}-budget",
            billing_account=project_info.apply(lambda project: project.billing_account),
            display_name=f"{pulumi.get_project()}/{pulumi.get_stack()}"[:60],
            budget_filter={"projects": [pulumi.Output.format("projects/{}", project_info.apply(lambda p: p.number))]},
            # Without a currency it is the account's own, which must not be another one.
            amount={
                "specified_amount": {
                    "units": pulumi.Output.from_input(self._args.get("monthly_limit", MONTHLY_LIMIT)).apply(str)
                }
            },
            threshold_rules=[
                {"threshold_percent": 1.0, "spend_basis": basis} for basis in ("CURRENT_SPEND", "FORECASTED_SPEND")
            ],
            all_updates_rule=notifications,
            opts=child(self),
        )


def _body(names: list[str]) -> str:
    endpoint, trainer, job = names

    def chart(
        place: int, title: str, metric: str, of: tuple[str, str, str], aligner: str, by: str = ""
    ) -> dict[str, Any]:
        aggregation: dict[str, Any] = {
            "alignmentPeriod": "300s",
            "perSeriesAligner": aligner,
            "crossSeriesReducer": "REDUCE_SUM" if aligner == "ALIGN_DELTA" else "REDUCE_MAX",
            "groupByFields": [by] if by else [],
        }
        resource, label, name = of
        chosen = (
            f'metric.type="run.googleapis.com/{metric}" resource.type="{resource}" resource.labels.{label}="{name}"'
        )
        query = {"filter": chosen, "aggregation": aggregation}
        lines = [{"timeSeriesQuery": {"timeSeriesFilter": query}, "plotType": "LINE", "targetAxis": "Y1"}]
        widget = {"title": title, "xyChart": {"dataSets": lines}}
        return {"xPos": 16 * (place % 3), "yPos": 16 * (place // 3), "width": 16, "height": 16, "widget": widget}

    kinds = "metric.labels.response_code_class"
    answers, starts = (("cloud_run_revision", "service_name", name) for name in (endpoint, trainer))
    trains = ("cloud_run_job", "job_name", job) if job else starts
    ended = (
        chart(4, "Trainings", "job/completed_execution_count", trains, "ALIGN_DELTA", "metric.labels.result")
        if job
        else chart(4, "Training time, p99 (ms)", "request_latencies", trains, "ALIGN_PERCENTILE_99")
    )
    tiles = [
        chart(0, "Requests", "request_count", answers, "ALIGN_DELTA", kinds),
        chart(1, "Latency, p99 (ms)", "request_latencies", answers, "ALIGN_PERCENTILE_99"),
        chart(2, "Instances at once", "container/instance_count", answers, "ALIGN_MAX"),
        chart(3, "Messages to the training", "request_count", starts, "ALIGN_DELTA", kinds),
        ended,
        chart(5, "Memory of the training, p99", "container/memory/utilizations", trains, "ALIGN_PERCENTILE_99"),
    ]
    title = f"{pulumi.get_project()}/{pulumi.get_stack()}"
    return json.dumps({"displayName": title, "mosaicLayout": {"columns": 48, "tiles": tiles}}, sort_keys=True)
