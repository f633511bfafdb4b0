"""Monitoring of a stack: alarms, a dashboard, a budget."""

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import budgets, cloudwatch, sns

from components.aws.alarms import Alarms, AlarmsArgs
from components.aws.names import account_id, partition, region
from components.aws.policy_documents import allow_service, document

MONTHLY_LIMIT = 20  # US dollars a month


class MonitoringArgs(TypedDict):
    """Inputs of a Monitoring."""

    model: pulumi.Input[str]
    """The name of the model."""
    endpoint_function: pulumi.Input[str]
    """The name of the function that answers."""
    trainer_function: pulumi.Input[str]
    """The name of the function that trains."""
    trainer_logs: pulumi.Input[str]
    """The name of its log group."""
    dead_letters: pulumi.Input[str]
    """The name of the queue of trainings that failed again and again."""
    api: pulumi.Input[str]
    """The id of the HTTP API."""
    alarm_email: NotRequired[str]
    """The e-mail address that alarms and the budget are sent to. Default: none; they can be seen in the console."""
    monthly_limit: NotRequired[pulumi.Input[int]]
    """The most that the account may cost in a month, in US dollars; a notification is sent beyond it. Default: 20."""
    stale_days: NotRequired[int]
    """After how many days without a successful training there is an alarm, at most 7. Default: never."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Monitoring(pulumi.ComponentResource):
    """Alarms that tell a topic, a dashboard, and a monthly budget."""

    topic: sns.Topic
    """The topic that alarms are sent to."""
    dashboard: pulumi.Output[str]
    """The URL of the dashboard."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:aws:Monitoring", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic = self._topic()
        alarm_args: Any = {key: value for key, value in args.items() if key in AlarmsArgs.__annotations__}
        Alarms(f"{name}-alarms", alarm_args | {"topic": self.topic.arn}, self._child)
        self.dashboard = self._dashboard()
        self._budget()
        self.register_outputs({"dashboard": self.dashboard})

    def _topic(self) -> sns.Topic:
        name, args = self._name, self._args
        topic = sns.Topic(f"{name}-alarms", tags=args.get("tags"), opts=self._child)
        pattern = pulumi.Output.format("arn:{}:cloudwatch:{}:{}:alarm:*", partition(), region(), account_id())
        statement = allow_service("cloudwatch", ("sns:Publish",), topic.arn, pattern)
        sns.TopicPolicy(
            f"{name}-alarms-policy",
            arn=topic.arn,
            # Of this account's alarms, whichever they are.
            policy=document({**statement, "Condition": {"ArnLike": {"aws:SourceArn": pattern}}}),
            opts=self._child,
        )
        if "alarm_email" in args:
            sns.TopicSubscription(
                f"{name}-email", topic=topic.arn, protocol="email", endpoint=args["alarm_email"], opts=self._child
            )
        return topic

    def _dashboard(self) -> pulumi.Output[str]:
        args = self._args
        body = pulumi.Output.all(
            args["api"], args["endpoint_function"], args["trainer_function"], args["dead_letters"], region()
        ).apply(_body)
        board = cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=f"{pulumi.get_project()}-{pulumi.get_stack()}",
            dashboard_body=body,
            opts=self._child,
        )
        return pulumi.Output.format(
            "https://{0}.console.aws.amazon.com/cloudwatch/home?region={0}#dashboards/dashboard/{1}",
            region(),
            board.dashboard_name,
        )

    def _budget(self) -> None:
        notifications: Any = [
            {
                "comparison_operator": "GREATER_THAN",
                "threshold_type": "PERCENTAGE",
                "threshold": 100.0,
                "notification_type": kind,
                "subscriber_email_addresses": [self._args["alarm_email"]],
            }
            for kind in ("ACTUAL", "FORECASTED")
            if "alarm_email" in self._args
        ]
        budgets.Budget(
            f"{self._name}-budget",
            budget_type="COST",
            limit_amount=pulumi.Output.from_input(self._args.get("monthly_limit", MONTHLY_LIMIT)).apply(str),
            limit_unit="USD",
            time_unit="MONTHLY",
            notifications=notifications,
            tags=self._args.get("tags"),
            opts=self._child,
        )


def _body(names: list[str]) -> str:
    api, endpoint, trainer, dead, region = names

    def widget(place: int, title: str, metrics: list[list[Any]], stat: str = "Sum") -> dict[str, Any]:
        properties = {"title": title, "metrics": metrics, "stat": stat, "region": region, "period": 300}
        return {
            "type": "metric", "x": 8 * (place % 3), "y": 6 * (place // 3), "width": 8, "height": 6,
            "properties": properties,
        }  # fmt: skip

    gateway = "AWS/ApiGateway"
    widgets = [
        widget(0, "Requests", [[gateway, kind, "ApiId", api] for kind in ("Count", "4xx", "5xx")]),
        widget(1, "Latency, p99 (ms)", [[gateway, "Latency", "ApiId", api]], "p99"),
        widget(2, "Instances at once", [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", endpoint]], "Maximum"),
        widget(3, "Trainings", [["AWS/Lambda", kind, "FunctionName", trainer] for kind in ("Invocations", "Errors")]),
        widget(4, "Training time (ms)", [["AWS/Lambda", "Duration", "FunctionName", trainer]], "Maximum"),
        widget(5, "Dead letters", [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", dead]], "Maximum"),
    ]
    return json.dumps({"widgets": widgets}, sort_keys=True)
