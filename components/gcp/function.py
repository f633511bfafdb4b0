"""A function of Cloud Functions, which is a service of Cloud Run: from its source, with an account of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, serviceaccount

from components.gcp.deployment_retries import child, wait_for_grants
from components.gcp.names import region
from components.gcp.secret import SecretFile
from components.gcp.upload_code import Builder

PYTHON = "3.13"
MIB_PER_GIB = 1024
# The most memory that an instance with so many processors may have.
PROCESSORS_MAX_MIB = {"1": 4 * MIB_PER_GIB, "2": 8 * MIB_PER_GIB, "4": 16 * MIB_PER_GIB}


@dataclass(frozen=True)
class FunctionSettings:
    """Settings of a function; `depends_on` must be there before the first instance starts."""

    builder: Builder
    account: serviceaccount.Account
    depends_on: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: pulumi.Input[int]
    timeout: int
    instances: tuple[int, int]
    """The least number and the most."""
    concurrency: int
    ingress: str
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    min_processors: int = 1
    trigger: Any = None
    secret: SecretFile | None = None


def make_function(name: str, settings: FunctionSettings, parent: pulumi.Resource) -> cloudfunctionsv2.Function:
    """Makes a function, which nobody may invoke yet."""
    memory, (least, most) = pulumi.Output.from_input(settings.memory), settings.instances
    build: Any = {"runtime": f"python{PYTHON.replace('.', '')}", **settings.builder.config}
    service: Any = {
        "service_account_email": settings.account.email,
        "available_memory": memory.apply(memory_text),
        "available_cpu": memory.apply(lambda mib: processors(mib, settings.min_processors)),
        "timeout_seconds": settings.timeout,
        "min_instance_count": least,
        "max_instance_count": most,
        "max_instance_request_concurrency": settings.concurrency,
        "ingress_settings": settings.ingress,
        "all_traffic_on_latest_revision": True,
        "environment_variables": {
            **settings.environment,
            # As many as there may be requests at once; Google's server would take four for each processor.
            "THREADS": str(settings.concurrency),
            # Google adds it where it is missing, and every update would want to take it away again.
            "LOG_EXECUTION_ID": "true",
        },
        "secret_volumes": [settings.secret.for_function] if settings.secret else None,
    }
    return cloudfunctionsv2.Function(
        f"{name}-function",
        location=region(),
        build_config=build,
        service_config=service,
        event_trigger=settings.trigger,
        labels=settings.labels,
        opts=child(parent, *settings.builder.depends_on, *settings.depends_on, before_create=[wait_for_grants]),
    )


def grant_invoke(
    name: str, function: cloudfunctionsv2.Function, member: pulumi.Input[str], parent: pulumi.Resource
) -> cloudrunv2.ServiceIamMember:
    """Lets a principal invoke a function. The grant is on its service, which has the same name."""
    return cloudrunv2.ServiceIamMember(
        name, location=region(), name=function.name, role="roles/run.invoker", member=member, opts=child(parent)
    )


def memory_text(mib: int) -> str:
    """The MiB as Cloud Run takes them."""
    return f"{mib}Mi" if mib % MIB_PER_GIB else f"{mib // MIB_PER_GIB}Gi"


def processors(mib: int, least: int) -> str:
    """The number of processors for so much memory, but at least so many."""
    return next(count for count, most in PROCESSORS_MAX_MIB.items() if int(count) >= least and mib <= most)
