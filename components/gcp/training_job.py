"""A training as a job of Cloud Run: from a container image, for longer than a function, once for each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2, serviceaccount

from components.gcp.function import memory_text, processors
from components.gcp.names import region
from components.gcp.retries import child
from components.gcp.secret import SecretFile

JOB_TIMEOUT = 3600  # seconds, for each try
RETRIES = 1  # what chance has broken off, and each may take an hour
LEAST_MEMORY = 512  # MiB, what Cloud Run has jobs run in needs so much


@dataclass(frozen=True)
class JobSettings:
    """What the job is given; `granted` is what must be there before it runs, `image` is named by its digest."""

    image: pulumi.Input[str]
    account: serviceaccount.Account
    granted: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: pulumi.Input[int]
    """MiB."""
    least_processors: int
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    secret: SecretFile | None


def check_memory(memory: pulumi.Input[int]) -> None:
    """Raises RunError if no job can have so little."""
    if isinstance(memory, int) and memory < LEAST_MEMORY:
        raise pulumi.RunError(
            f"training_memory is {memory}; to train from an image it can be {LEAST_MEMORY} or more: "
            f"pulumi config set training_memory {LEAST_MEMORY}"
        )


def make_job(name: str, given: JobSettings, parent: pulumi.Resource) -> cloudrunv2.Job:
    """The job; nobody may start it yet."""
    memory = pulumi.Output.from_input(given.memory)
    return cloudrunv2.Job(
        f"{name}-job",
        location=region(),
        template={
            "task_count": 1,
            "parallelism": 1,
            "template": {
                "service_account": given.account.email,
                "containers": [
                    {
                        "image": given.image,
                        "envs": [{"name": key, "value": value} for key, value in sorted(given.environment.items())],
                        "resources": {
                            "limits": {
                                "cpu": memory.apply(lambda mib: processors(mib, given.least_processors)),
                                "memory": memory.apply(memory_text),
                            }
                        },
                        "volume_mounts": [given.secret.of_container] if given.secret else None,
                    }
                ],
                "volumes": [given.secret.of_job] if given.secret else None,
                "max_retries": RETRIES,
                "timeout": f"{JOB_TIMEOUT}s",
                "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
            },
        },
        deletion_protection=False,  # nothing is in it that can't be made again
        labels=given.labels,
        opts=child(parent, *given.granted),
    )


def address(job: cloudrunv2.Job) -> pulumi.Output[str]:
    """Where the API of Cloud Run has the job."""
    return pulumi.Output.format("https://run.googleapis.com/v2/{}", job.id)


def let_start(
    name: str, job: cloudrunv2.Job, who: serviceaccount.Account, parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Lets an account start the job with a message, and see whether it runs."""
    roles = {"starter": "roles/run.jobsExecutorWithOverrides", "viewer": "roles/run.viewer"}
    return [
        cloudrunv2.JobIamMember(
            f"{name}-job-{what}", location=region(), name=job.name, role=role, member=who.member, opts=child(parent)
        )
        for what, role in roles.items()
    ]
