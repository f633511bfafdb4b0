"""A function of Cloud Functions, which is a service of Cloud Run: from its source, with an account of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, serviceaccount

from components.gcp.names import region
from components.gcp.package import Builder
from components.gcp.retries import child, wait_for_grants
from components.gcp.secret import SecretFile

GIB = 1024  # MiB
# The most memory, in MiB, that an instance with so many processors may have.
PROCESSORS = {"1": 4 * GIB, "2": 8 * GIB, "4": 16 * GIB}


@dataclass(frozen=True)
class FunctionSettings:
    """What both functions of a stack are given; `granted` is what must be there before the first instance starts."""

    builder: Builder
    account: serviceaccount.Account
    granted: Sequence[pulumi.Resource]
    environment: Mapping[str, pulumi.Input[str]]
    memory: pulumi.Input[int]
    timeout: int
    instances: tuple[int, int]
    """The least and the most."""
    concurrency: int
    ingress: str
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    least_processors: int = 1
    trigger: Any = None
    secret: SecretFile | None = None


def make_function(name: str, given: FunctionSettings, parent: pulumi.Resource) -> cloudfunctionsv2.Function:
    """The function; nobody may invoke it yet."""
    memory, (least, most) = pulumi.Output.from_input(given.memory), given.instances
    service: Any = {
        "service_account_email": given.account.email,
        "available_memory": memory.apply(memory_text),
        "available_cpu": memory.apply(lambda mib: processors(mib, given.least_processors)),
        "timeout_seconds": given.timeout,
        "min_instance_count": least,
        "max_instance_count": most,
        "max_instance_request_concurrency": given.concurrency,
        "ingress_settings": given.ingress,
        "all_traffic_on_latest_revision": True,
        "environment_variables": {
            **given.environment,
            # As many as there may be requests at once; Google's server would take four for each processor.
            "THREADS": str(given.concurrency),
            # Google adds it where it is missing, and every update would want to take it away again.
            "LOG_EXECUTION_ID": "true",
        },
        "secret_volumes": [given.secret.of_function] if given.secret else None,
    }
    return cloudfunctionsv2.Function(
        f"{name}-function",
        location=region(),
        build_config=given.builder.config,
        service_config=service,
        event_trigger=given.trigger,
        labels=given.labels,
        opts=child(parent, *given.builder.granted, *given.granted, before_create=[wait_for_grants]),
    )


def let_invoke(
    name: str, function: cloudfunctionsv2.Function, member: pulumi.Input[str], parent: pulumi.Resource
) -> cloudrunv2.ServiceIamMember:
    """Lets a principal invoke a function. The one that IAM asks is the service, which has the function's name."""
    return cloudrunv2.ServiceIamMember(
        name, location=region(), name=function.name, role="roles/run.invoker", member=member, opts=child(parent)
    )


def memory_text(mib: int) -> str:
    """The MiB as Cloud Run takes them."""
    return f"{mib}Mi" if mib % GIB else f"{mib // GIB}Gi"


def processors(mib: int, least: int) -> str:
    """How many there are for so much memory, but at least so many."""
    return next(count for count, most in PROCESSORS.items() if int(count) >= least and mib <= most)
