"""A training as a job of Container Apps: from a container image, for longer than a function, once for each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import app, managedidentity, monitor, storage

from components.azure.retries import child, wait_for_grants
from components.azure.roles import grant

JOB_TIMEOUT = 3600  # seconds, for each try
JOB_MEMORY = (2048, 4096, 6144, 8192)  # MB; with each 2048 comes a processor
POLL = 30  # seconds between two looks into the queue
LOGS = ("ContainerAppConsoleLogs", "ContainerAppSystemLogs")
ASKER_MEMORY = 512
ASK = ["python", "-m", "function_code.entrypoints.azure.train_job", "ask"]


@dataclass(frozen=True)
class JobSettings:
    """What the job is given; `granted` is what must be there before it runs, `image` is named by its digest."""

    resource_group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    image: pulumi.Input[str]
    registry: pulumi.Input[str]
    """The server that the image comes from."""
    identity: managedidentity.UserAssignedIdentity
    account: storage.StorageAccount
    queue: storage.Queue
    poison: storage.Queue
    granted: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: int
    schedule: pulumi.Input[str] | None
    """As timers of functions have it; the seconds in it make no difference."""
    message: str
    """What is asked for on schedule."""
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None


def make_jobs(name: str, given: JobSettings, parent: pulumi.Resource) -> tuple[app.Job, app.Job | None]:
    """The job, and one that puts a message into its queue if there is a schedule."""
    group: Any = {"resource_group_name": given.resource_group, "tags": given.tags}
    place = app.ManagedEnvironment(
        f"{name}-jobs",
        # Azure Monitor takes the logs by itself; Log Analytics would want the workspace's key.
        app_logs_configuration={"destination": "azure-monitor"},
        workload_profiles=[{"name": "Consumption", "workload_profile_type": "Consumption"}],
        opts=child(parent),
        **group,
    )
    monitor.DiagnosticSetting(
        f"{name}-jobs-logs",
        resource_uri=place.id,
        workspace_id=given.workspace,
        logs=[{"category": category, "enabled": True} for category in LOGS],
        opts=child(parent),
    )
    who = given.identity
    rights = [
        # To look into the queue, take, hide and delete, and, on a schedule, to ask.
        grant(f"{name}-queue", "Storage Queue Data Contributor", given.queue.id, who.principal_id, parent),
        grant(f"{name}-poison", "Storage Queue Data Message Sender", given.poison.id, who.principal_id, parent),
    ]
    scale: Any = {
        "min_executions": 0,
        "max_executions": 1,
        "polling_interval": POLL,
        "rules": [
            {
                "name": "trainings",
                "type": "azure-queue",
                "metadata": {
                    "accountName": given.account.name,
                    "queueName": given.queue.name,
                    "queueLength": "1",
                    "queueLengthStrategy": "visibleonly",  # what is hidden is trained on, or waits for its next try
                },
                "identity": who.id,
            }
        ],
    }
    once = {"parallelism": 1, "replica_completion_count": 1}
    training = _job(
        f"{name}-job",
        given,
        place,
        {"trigger_type": app.TriggerType.EVENT, "event_trigger_config": {**once, "scale": scale}},
        parent,
        rights,
    )
    if given.schedule is None:
        return training, None
    cron = pulumi.Output.from_input(given.schedule).apply(lambda found: found.partition(" ")[2])
    asking = _job(
        f"{name}-schedule",
        given,
        place,
        {"trigger_type": app.TriggerType.SCHEDULE, "schedule_trigger_config": {**once, "cron_expression": cron}},
        parent,
        rights,
        ask=True,
    )
    return training, asking


def _job(
    name: str,
    given: JobSettings,
    place: app.ManagedEnvironment,
    trigger: Mapping[str, Any],
    parent: pulumi.Resource,
    rights: Sequence[pulumi.Resource],
    *,
    ask: bool = False,
) -> app.Job:
    queues = given.account.primary_endpoints.apply(lambda found: found.queue)
    environment = {
        "AZURE_CLIENT_ID": given.identity.client_id,  # as whom queue and store are read
        "QUEUE": pulumi.Output.format("{}{}", queues, given.queue.name),
        **({"MESSAGE": given.message} if ask else given.environment),
    }
    memory = ASKER_MEMORY if ask else given.memory
    container: Any = {
        "name": "training",
        "image": given.image,
        **({"command": ASK} if ask else {}),
        "env": [{"name": key, "value": value} for key, value in sorted(environment.items())],
        "resources": {"cpu": memory / 2048, "memory": f"{memory / 1024:g}Gi"},
    }
    identities: Any = [given.identity.id]
    configuration: Any = {
        **trigger,
        "replica_timeout": JOB_TIMEOUT,
        "replica_retry_limit": 0,  # what failed comes again from the queue
        "registries": [{"server": given.registry, "identity": given.identity.id}],
    }
    return app.Job(
        name,
        resource_group_name=given.resource_group,
        environment_id=place.id,
        workload_profile_name="Consumption",
        identity={"type": app.ManagedServiceIdentityType.USER_ASSIGNED, "user_assigned_identities": identities},
        configuration=configuration,
        template={"containers": [container]},
        tags=given.tags,
        # A job that can't pull its image fails, and is there.
        opts=child(parent, *rights, *given.granted, before_create=[wait_for_grants]),
    )
