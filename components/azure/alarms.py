"""The alarms of a stack."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

from components.azure.deployment_retries import child
from components.azure.log_queries import broken_off, ended, failed_predictions

LATENCY_MS = 1000
INTERVAL_MINUTES = 15  # between two evaluations of a rule, each over as long; a shorter one costs more
INTERVAL, DAY = f"PT{INTERVAL_MINUTES}M", "P1D"


class AlarmsArgs(TypedDict):
    """Inputs of Alarms; what is not explained here is as in MonitoringArgs."""

    resource_group: pulumi.Input[str]
    model: pulumi.Input[str]
    endpoint_app: pulumi.Input[str]
    trainer_app: NotRequired[pulumi.Input[str]]
    trainer_job: NotRequired[pulumi.Input[str]]
    scheduler_job: NotRequired[pulumi.Input[str]]
    workspace: pulumi.Input[str]
    action_groups: Sequence[pulumi.Input[str]]
    """The ids of the action groups that alarms are sent to."""
    stale_days: NotRequired[int]
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]


class Alarms(pulumi.ComponentResource):
    """Rules on the log of requests and of trainings, by our own lines and by the host's."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:azure:Alarms", name, {}, opts)
        self._name, self._args = name, args
        requests, endpoint = 'AppRequests | where AppRoleName == "{}"', args["endpoint_app"]
        self._rule("errors", "predictions fail", failed_predictions(endpoint))
        slowest = "summarize slowest = percentile(DurationMs, 99)"
        self._rule(
            "latency",
            "predictions are slow",
            pulumi.Output.format(f"{requests} | {slowest} | where slowest > {LATENCY_MS}", endpoint),
        )
        self._rule("training", "a training broke off", broken_off(args))
        self._rule("refused", "a training, a scoring or a pull was refused", ended(args, "refused"))
        self._rule("dead", "a training failed again and again", ended(args, "dead"))
        if "stale_days" in args:
            days = args["stale_days"]
            self._rule(
                "stale",
                f"no version was promoted for {days} days",
                ended(args, "promoted"),
                frequency=DAY,
                window=f"P{days}D",
                operator=monitor.Operator.LESS_THAN,
                threshold=1.0,
                # Azure takes back alarms of rules that look every twelve hours at least; of this one, each day that is
                # stale is told of.
                auto_mitigate=False,
            )
        self.register_outputs({})

    def _rule(
        self,
        suffix: str,
        text: str,
        query: pulumi.Input[str],
        *,
        frequency: str = INTERVAL,
        window: str = INTERVAL,
        operator: monitor.Operator = monitor.Operator.GREATER_THAN,
        threshold: float = 0.0,
        auto_mitigate: bool = True,
    ) -> None:
        args = self._args
        condition: Any = {
            "query": query,
            "time_aggregation": monitor.TimeAggregation.COUNT,
            "operator": operator,  # the SDK's ConditionOperator has the words of something else
            "threshold": threshold,
        }
        title = pulumi.Output.format("{}: {}", args["model"], text)
        monitor.ScheduledQueryRule(
            f"{self._name}-{suffix}",
            resource_group_name=args["resource_group"],
            kind=monitor.Kind.LOG_ALERT,
            display_name=title,
            description=title,
            severity=2.0,
            enabled=True,
            scopes=[args["workspace"]],
            criteria={"all_of": [condition]},
            evaluation_frequency=frequency,
            window_size=window,
            auto_mitigate=auto_mitigate,
            skip_query_validation=True,  # in a new workspace there are no tables yet
            actions={"action_groups": list(args["action_groups"])},
            tags=args.get("tags"),
            opts=child(self),
        )
