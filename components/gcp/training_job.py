"""A training as a job of Cloud Run: from a container image, for longer than a function, once for each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudrunv2, serviceaccount

from components.gcp.deployment_retries import child
from components.gcp.function import memory_text, processors
from components.gcp.names import region
from components.gcp.secret import SecretFile

JOB_TIMEOUT_SECONDS = 3600  # for each try
MAX_RETRIES = 1  # what chance has broken off, and each may take an hour
MIN_MEMORY_MIB = 512  # the execution environment of jobs needs so much


@dataclass(frozen=True)
class JobSettings:
    """Settings of the job; `depends_on` must be there before it runs, `image` is named by its digest."""

    image: pulumi.Input[str]
    account: serviceaccount.Account
    depends_on: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: pulumi.Input[int]
    """MiB."""
    min_processors: int
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    secret: SecretFile | None


def check_memory(memory: pulumi.Input[int]) -> None:
    """Raises RunError if no job can have so little."""
    if isinstance(memory, int) and memory < MIN_MEMORY_MIB:
        raise pulumi.RunError(
            f"training_memory is {memory}; to train from an image it can be {MIN_MEMORY_MIB} or more: "
            f"pulumi config set training_memory {MIN_MEMORY_MIB}"
        )


def make_job(name: str, settings: JobSettings, parent: pulumi.Resource) -> cloudrunv2.Job:
    """Makes the job, which nobody may start yet."""
    memory = pulumi.Output.from_input(settings.memory)
    return cloudrunv2.Job(
        f"{name}-job",
        location=region(),
        template={
            "task_count": 1,
            "parallelism": 1,
            "template": {
                "service_account": settings.account.email,
                "containers": [
                    {
                        "image": settings.image,
                        "envs": [{"name": key, "value": value} for key, value in sorted(settings.environment.items())],
                        "resources": {
                            "limits": {
                                "cpu": memory.apply(lambda mib: processors(mib, settings.min_processors)),
                                "memory": memory.apply(memory_text),
                            }
                        },
                        "volume_mounts": [settings.secret.for_container] if settings.secret else None,
                    }
                ],
                "volumes": [settings.secret.for_job] if settings.secret else None,
                "max_retries": MAX_RETRIES,
                "timeout": f"{JOB_TIMEOUT_SECONDS}s",
                "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
            },
        },
        deletion_protection=False,  # nothing is in it that can't be made again
        labels=settings.labels,
        opts=child(parent, *settings.depends_on),
    )


def address(job: cloudrunv2.Job) -> pulumi.Output[str]:
    """The job's URL in the API of Cloud Run."""
    return pulumi.Output.format("https://run.googleapis.com/v2/{}", job.id)


def grant_start(
    name: str, job: cloudrunv2.Job, grantee: serviceaccount.Account, parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Lets an account start the job with a message, and see whether it runs."""
    roles = {"starter": "roles/run.jobsExecutorWithOverrides", "viewer": "roles/run.viewer"}
    return [
        cloudrunv2.JobIamMember(
            f"{name}-job-{suffix}",
            location=region(),
            name=job.name,
            role=role,
            member=grantee.member,
            opts=child(parent),
        )
        for suffix, role in roles.items()
    ]
