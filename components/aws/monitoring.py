"""Monitoring of a stack: alarms, a dashboard, a budget."""

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import budgets, cloudwatch, sns

from components.aws.names import account_id, partition, region
from components.aws.roles import allow_service, document

LATENCY_MS = 1000.0
MINUTE_SECONDS, DAY_SECONDS = 60, 24 * 3600
BUDGET = 20  # US dollars a month


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
    email: NotRequired[str]
    """Whom to tell of alarms, and of the budget. Default: nobody; they can be seen in the console."""
    budget: NotRequired[pulumi.Input[int]]
    """What the account may cost in a month, in US dollars, before somebody is told. Default: 20."""
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
        self._alarms()
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
        if "email" in args:
            sns.TopicSubscription(
                f"{name}-email", topic=topic.arn, protocol="email", endpoint=args["email"], opts=self._child
            )
        return topic

    def _alarms(self) -> None:
        args = self._args
        endpoint, trainer = {"FunctionName": args["endpoint_function"]}, {"FunctionName": args["trainer_function"]}
        self._alarm("errors", "predictions fail", "AWS/ApiGateway", "5xx", {"ApiId": args["api"]})
        self._alarm("throttles", "predictions are refused for want of instances", "AWS/Lambda", "Throttles", endpoint)
        self._alarm(
            "latency", "predictions are slow", "AWS/ApiGateway", "Latency", {"ApiId": args["api"]},
            extended_statistic="p99", statistic=None, threshold=LATENCY_MS, evaluation_periods=3,
        )  # fmt: skip
        self._alarm("training", "a training broke off", "AWS/Lambda", "Errors", trainer)
        self._alarm("refused", "a training, a scoring or a pull was refused", *self._counted("refused"))
        self._alarm(
            "dead", "a training failed again and again", "AWS/SQS", "ApproximateNumberOfMessagesVisible",
            {"QueueName": args["dead_letters"]}, statistic="Maximum",
        )  # fmt: skip
        if "stale_days" in args:
            days = args["stale_days"]
            self._alarm(
                "stale", f"no version was promoted for {days} days", *self._counted("promoted"),
                comparison_operator="LessThanThreshold", threshold=1.0, period=DAY_SECONDS, evaluation_periods=days,
                treat_missing_data="breaching",
            )  # fmt: skip

    def _alarm(
        self, suffix: str, text: str, namespace: str, metric: str, dimensions: Mapping[str, Any] | None, **more: Any
    ) -> None:
        usual = {
            "statistic": "Sum", "comparison_operator": "GreaterThanThreshold", "threshold": 0.0,
            "period": 5 * MINUTE_SECONDS, "evaluation_periods": 1, "treat_missing_data": "notBreaching",
        }  # fmt: skip
        cloudwatch.MetricAlarm(
            f"{self._name}-{suffix}",
            alarm_description=pulumi.Output.format("{}: {}", self._args["model"], text),
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            alarm_actions=[self.topic.arn],
            ok_actions=[self.topic.arn],
            tags=self._args.get("tags"),
            opts=self._child,
            **{**usual, **more},
        )

    def _counted(self, outcome: str) -> tuple[str, str, None]:
        """Namespace and name of a metric that counts the jobs with that outcome."""
        namespace = f"{pulumi.get_project()}/{pulumi.get_stack()}"
        cloudwatch.LogMetricFilter(
            f"{self._name}-{outcome}-count",
            log_group_name=self._args["trainer_logs"],
            pattern=f'{{ $.outcome = "{outcome}" }}',
            metric_transformation={"namespace": namespace, "name": f"trainings-{outcome}", "value": "1"},
            opts=self._child,
        )
        return namespace, f"trainings-{outcome}", None

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
                "subscriber_email_addresses": [self._args["email"]],
            }
            for kind in ("ACTUAL", "FORECASTED")
            if "email" in self._args
        ]
        budgets.Budget(
            f"{self._name}-budget",
            budget_type="COST",
            limit_amount=pulumi.Output.from_input(self._args.get("budget", BUDGET)).apply(str),
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
