"""The alarms of a stack."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch

LATENCY_MS = 1000.0
MINUTE_SECONDS, DAY_SECONDS = 60, 24 * 3600


class AlarmsArgs(TypedDict):
    """Inputs of Alarms; what is not explained here is as in MonitoringArgs."""

    model: pulumi.Input[str]
    endpoint_function: pulumi.Input[str]
    trainer_function: pulumi.Input[str]
    trainer_logs: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    api: pulumi.Input[str]
    topic: pulumi.Input[str]
    """The ARN of the topic that alarms are sent to."""
    stale_days: NotRequired[int]
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]


class Alarms(pulumi.ComponentResource):
    """Alarms on the metrics of the functions, the API and the queue, and on the log of trainings."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:aws:Alarms", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
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
        self.register_outputs({})

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
            alarm_actions=[self._args["topic"]],
            ok_actions=[self._args["topic"]],
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
