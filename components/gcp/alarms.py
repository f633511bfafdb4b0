"""The alarms of a stack."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_gcp import logging, monitoring

from components.gcp.deployment_retries import child

LATENCY_MS = 1000.0
NOTIFICATION_PERIOD = "300s"  # the least time between two notifications of an alarm
SUMMED = {"per_series_aligner": "ALIGN_DELTA", "cross_series_reducer": "REDUCE_SUM"}
ANY: Any = {"threshold_value": 0.0, "duration": "0s"}  # one is enough


class AlarmsArgs(TypedDict):
    """Inputs of Alarms; what is not explained here is as in MonitoringArgs."""

    model: pulumi.Input[str]
    endpoint_function: pulumi.Input[str]
    trainer_function: pulumi.Input[str]
    trainer_job: NotRequired[pulumi.Input[str]]
    channels: Sequence[pulumi.Input[str]]
    """The notification channels."""
    stale_days: NotRequired[int]
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]


class Alarms(pulumi.ComponentResource):
    """Policies on the metrics of Cloud Run, and on the log of trainings."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:gcp:Alarms", name, {}, opts)
        self._name, self._args = name, args
        endpoint, trainer = args["endpoint_function"], args["trainer_function"]
        self._counted("errors", "predictions fail", endpoint, 'metric.labels.response_code_class="5xx"')
        self._counted(
            "throttles", "predictions are refused for want of instances", endpoint, 'metric.labels.response_code="429"'
        )
        self._slow("latency", "predictions are slow", endpoint)
        # One that broke off, too: that it ran out of memory or time, it can't say itself.
        broke_off, failed = "a training broke off", 'metric.labels.response_code_class="5xx"'
        if "trainer_job" in args:
            self._counted("training", "a training can't be started", trainer, failed)
            self._failed("job", broke_off, args["trainer_job"])
        else:
            self._counted("training", broke_off, trainer, failed)
        self._logged("refused", "a training, a scoring or a pull was refused")
        self._logged("dead", "a training failed again and again")
        if "stale_days" in args:
            self._silent("stale", args["stale_days"])
        self.register_outputs({})

    def _policy(self, suffix: str, text: str, condition: Any, **more: Any) -> None:
        title = pulumi.Output.format("{}: {}", self._args["model"], text)
        named_condition: Any = {"display_name": title, **condition}
        monitoring.AlertPolicy(
            f"{self._name}-{suffix}",
            display_name=title,
            combiner="OR",
            conditions=[named_condition],
            notification_channels=list(self._args["channels"]),
            user_labels=self._args.get("labels"),
            opts=child(self),
            **more,
        )

    def _threshold(self, metric: str, of: pulumi.Output[str], also: str, aggregation: Any, **limit: Any) -> Any:
        chosen = pulumi.Output.format(
            'metric.type="run.googleapis.com/{}" AND {}{}', metric, of, f" AND {also}" if also else ""
        )
        period = {"alignment_period": "300s", **aggregation}
        return {
            "condition_threshold": {
                "filter": chosen,
                "comparison": "COMPARISON_GT",
                "aggregations": [period],
                "trigger": {"count": 1},
                **limit,
            }
        }

    def _counted(self, suffix: str, text: str, function: pulumi.Input[str], also: str) -> None:
        self._policy(suffix, text, self._threshold("request_count", of_function(function), also, SUMMED, **ANY))

    def _failed(self, suffix: str, text: str, job: pulumi.Input[str]) -> None:
        failed = 'metric.labels.result="failed"'
        self._policy(suffix, text, self._threshold("job/completed_execution_count", of_job(job), failed, SUMMED, **ANY))

    def _slow(self, suffix: str, text: str, function: pulumi.Input[str]) -> None:
        slowest = {"per_series_aligner": "ALIGN_PERCENTILE_99", "cross_series_reducer": "REDUCE_MAX"}
        limit = {"threshold_value": LATENCY_MS, "duration": "900s"}
        self._policy(suffix, text, self._threshold("request_latencies", of_function(function), "", slowest, **limit))

    def _logged(self, outcome: str, text: str) -> None:
        """An alarm on a line in the log, which needs no metric: a new one is not to be had for ten minutes."""
        self._policy(
            outcome,
            text,
            {"condition_matched_log": {"filter": self._lines(outcome)}},
            alert_strategy={"notification_rate_limit": {"period": NOTIFICATION_PERIOD}},
        )

    def _silent(self, suffix: str, days: int) -> None:
        metric = logging.Metric(
            f"{self._name}-promoted",
            filter=self._lines("promoted"),
            metric_descriptor={"metric_kind": "DELTA", "value_type": "INT64", "unit": "1"},
            opts=child(self),
        )
        series = metric.name.apply(lambda name: re.sub(r"\W", "_", name))
        query = pulumi.Output.format(
            '(sum(increase(logging_googleapis_com:user_{}{{monitored_resource="{}"}}[{}d])) or vector(0)) < 1',
            series,
            "cloud_run_job" if "trainer_job" in self._args else "cloud_run_revision",
            days,
        )
        watched = {"query": query, "duration": "0s", "evaluation_interval": "3600s", "disable_metric_validation": True}
        self._policy(
            suffix, f"no version was promoted for {days} days", {"condition_prometheus_query_language": watched}
        )

    def _lines(self, outcome: str) -> pulumi.Output[str]:
        function = of_function(self._args["trainer_function"])
        sources = of_any(function, of_job(self._args["trainer_job"])) if "trainer_job" in self._args else function
        return pulumi.Output.format('{} AND jsonPayload.outcome="{}"', sources, outcome)


def of_function(name: pulumi.Input[str]) -> pulumi.Output[str]:
    """A filter for the metrics and the log of a function."""
    return pulumi.Output.format('resource.type="cloud_run_revision" AND resource.labels.service_name="{}"', name)


def of_job(name: pulumi.Input[str]) -> pulumi.Output[str]:
    """A filter for the metrics and the log of a job."""
    return pulumi.Output.format('resource.type="cloud_run_job" AND resource.labels.job_name="{}"', name)


def of_any(*filters: pulumi.Output[str]) -> pulumi.Output[str]:
    """A filter for the union of the filters."""
    return pulumi.Output.all(*filters).apply(lambda texts: f"({' OR '.join(f'({text})' for text in texts)})")
