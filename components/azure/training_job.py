"""A training as a job of Container Apps: from a container image, for longer than a function, once for each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import app, managedidentity, monitor, storage

from components.azure.deployment_retries import child, wait_for_grants
from components.azure.roles import grant

JOB_TIMEOUT_SECONDS = 3600  # for each try
JOB_MEMORY_MB = (2048, 4096, 6144, 8192)  # with each 2048 comes a processor
POLL_SECONDS = 30
LOGS = ("ContainerAppConsoleLogs", "ContainerAppSystemLogs")
SCHEDULER_MEMORY_MB = 512
ENQUEUE_COMMAND = ["python", "-m", "function_code.entrypoints.azure.train_job", "enqueue"]


@dataclass(frozen=True)
class JobSettings:
    """Settings of the job; `depends_on` must be there before it runs, `image` is named by its digest."""

    resource_group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    image: pulumi.Input[str]
    registry: pulumi.Input[str]
    """The server that the image comes from."""
    identity: managedidentity.UserAssignedIdentity
    account: storage.StorageAccount
    queue: storage.Queue
    poison: storage.Queue
    depends_on: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: int
    schedule: pulumi.Input[str] | None
    """The schedule, as timers of functions have it; the seconds in it make no difference."""
    message: str
    """The message that the schedule sends."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None


def make_jobs(name: str, settings: JobSettings, parent: pulumi.Resource) -> tuple[app.Job, app.Job | None]:
    """Makes the job, and one that puts a message into its queue if there is a schedule."""
    group: Any = {"resource_group_name": settings.resource_group, "tags": settings.tags}
    environment = app.ManagedEnvironment(
        f"{name}-jobs",
        # Azure Monitor takes the logs by itself; Log Analytics would want the workspace's key.
        app_logs_configuration={"destination": "azure-monitor"},
        workload_profiles=[{"name": "Consumption", "workload_profile_type": "Consumption"}],
        opts=child(parent),
        **group,
    )
    monitor.DiagnosticSetting(
        f"{name}-jobs-logs",
        resource_uri=environment.id,
        workspace_id=settings.workspace,
        logs=[{"category": category, "enabled": True} for category in LOGS],
        opts=child(parent),
    )
    identity = settings.identity
    grants = [
        # To look into the queue, take, hide and delete, and, on a schedule, to send.
        grant(f"{name}-queue", "Storage Queue Data Contributor", settings.queue.id, identity.principal_id, parent),
        grant(f"{name}-poison", "Storage Queue Data Message Sender", settings.poison.id, identity.principal_id, parent),
    ]
    scale: Any = {
        "min_executions": 0,
        "max_executions": 1,
        "polling_interval": POLL_SECONDS,
        "rules": [
            {
                "name": "trainings",
                "type": "azure-queue",
                "metadata": {
                    "accountName": settings.account.name,
                    "queueName": settings.queue.name,
                    "queueLength": "1",
                    "queueLengthStrategy": "visibleonly",  # what is hidden is trained on, or waits for its next try
                },
                "identity": identity.id,
            }
        ],
    }
    once = {"parallelism": 1, "replica_completion_count": 1}
    training = _job(
        f"{name}-job",
        settings,
        environment,
        {"trigger_type": app.TriggerType.EVENT, "event_trigger_config": {**once, "scale": scale}},
        parent,
        grants,
    )
    if settings.schedule is None:
        return training, None
    cron = pulumi.Output.from_input(settings.schedule).apply(lambda timer: timer.partition(" ")[2])
    scheduler = _job(
        f"{name}-schedule",
        settings,
        environment,
        {"trigger_type": app.TriggerType.SCHEDULE, "schedule_trigger_config": {**once, "cron_expression": cron}},
        parent,
        grants,
        is_scheduler=True,
    )
    return training, scheduler


def _job(
    name: str,
    settings: JobSettings,
    environment: app.ManagedEnvironment,
    trigger: Mapping[str, Any],
    parent: pulumi.Resource,
    grants: Sequence[pulumi.Resource],
    *,
    is_scheduler: bool = False,
) -> app.Job:
    queues = settings.account.primary_endpoints.apply(lambda endpoints: endpoints.queue)
    variables = {
        "AZURE_CLIENT_ID": settings.identity.client_id,  # as whom queue and store are read
        "QUEUE": pulumi.Output.format("{}{}", queues, settings.queue.name),
        **({"MESSAGE": settings.message} if is_scheduler else settings.environment),
    }
    memory = SCHEDULER_MEMORY_MB if is_scheduler else settings.memory
    container: Any = {
        "name": "training",
        "image": settings.image,
        **({"command": ENQUEUE_COMMAND} if is_scheduler else {}),
        "env": [{"name": key, "value": value} for key, value in sorted(variables.items())],
        "resources": {"cpu": memory / 2048, "memory": f"{memory / 1024:g}Gi"},
    }
    identities: Any = [settings.identity.id]
    configuration: Any = {
        **trigger,
        "replica_timeout": JOB_TIMEOUT_SECONDS,
        "replica_retry_limit": 0,  # what failed comes again from the queue
        "registries": [{"server": settings.registry, "identity": settings.identity.id}],
    }
    return app.Job(
        name,
        resource_group_name=settings.resource_group,
        environment_id=environment.id,
        workload_profile_name="Consumption",
        identity={"type": app.ManagedServiceIdentityType.USER_ASSIGNED, "user_assigned_identities": identities},
        configuration=configuration,
        template={"containers": [container]},
        tags=settings.tags,
        # A job that can't pull its image fails, and is there.
        opts=child(parent, *grants, *settings.depends_on, before_create=[wait_for_grants]),
    )
