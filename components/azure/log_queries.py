"""Queries on what is logged of predictions, and of trainings in a function app (trainer_app) or a job (trainer_job)."""

from collections.abc import Mapping
from typing import Any

import pulumi

# Application Insights keeps all of our own lines, and of the host's requests a sample; of a crash only the host tells.
FAILED_PREDICTIONS = (
    'union (AppRequests | where AppRoleName == "{0}" and toint(ResultCode) >= 500), '
    '(AppTraces | where AppRoleName == "{0}" | extend line = parse_json(Message) '
    '| where line.event == "request" and toint(line.status) >= 500)'
)
LINES_OF_APP = 'AppTraces | where AppRoleName == "{}" | extend line = parse_json(Message)'
# A container is named after its execution, and that after the job.
LINES_OF_JOB = 'ContainerAppConsoleLogs | where ContainerGroupName startswith "{}" | extend line = parse_json(Log)'
FAILED_OF_APP = 'AppRequests | where AppRoleName == "{}" and Success == false'
# In the words of Kubernetes, which differ by what has started the execution.
FAILED_OF_JOB = (
    "ContainerAppSystemLogs | where ({}) "
    'and (Reason in ("BackoffLimitExceeded", "DeadlineExceeded") or Log has "condition: Failed")'
)


def failed_predictions(app: pulumi.Input[str]) -> pulumi.Output[str]:
    """A query for the predictions that an app failed to answer."""
    return pulumi.Output.format(FAILED_PREDICTIONS, app)


def trainings(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """A query for the trainings that ended, with the log line of each as `line`."""
    return pulumi.Output.format('{} | where line.event == "training"', _lines(args))


def ended(args: Mapping[str, Any], outcome: str) -> pulumi.Output[str]:
    """A query for the jobs with that outcome, of all that messages asked for."""
    return pulumi.Output.format('{} | where line.outcome == "{}"', _lines(args), outcome)


def broken_off(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """A query for the trainings that failed in the host's log: one that ran out of memory or time can't log it itself.

    The job that asks for trainings on schedule (scheduler_job) counts: without it there are none.
    """
    if "trainer_job" not in args:
        return pulumi.Output.format(FAILED_OF_APP, args["trainer_app"])
    jobs = [args[job] for job in ("trainer_job", "scheduler_job") if job in args]
    conditions = pulumi.Output.all(*jobs).apply(
        lambda names: " or ".join(f'JobName startswith "{name}"' for name in names)
    )
    return pulumi.Output.format(FAILED_OF_JOB, conditions)


def _lines(args: Mapping[str, Any]) -> pulumi.Output[str]:
    if "trainer_job" in args:
        return pulumi.Output.format(LINES_OF_JOB, args["trainer_job"])
    return pulumi.Output.format(LINES_OF_APP, args["trainer_app"])
