"""Settings of a stack on Azure, checked before anything is created."""

from typing import Any, NamedTuple

import pulumi

from components.azure.callers import OBJECT_ID
from components.azure.names import location
from stacks.config_readers import alarms, drop_unset, invalid_value, number, origins, reject_unsupported, text, texts
from stacks.schedules import ncrontab

# https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#instance-sizes
MEMORY_MB = (512, 2048, 4096)
LOG_DAYS = range(30, 731)
# Those of jobs of Container Apps among them; which of them it can be, the trainer knows.
TRAINING_MEMORY_MB = (512, 2048, 4096, 6144, 8192)
INSTANCES = range(1, 1001)
STALE_DAYS = range(1, 3)  # an alarm on logs can look back two days
# Settings that other clouds alone have, and what comes nearest here.
UNSUPPORTED = {
    "jwt": "entra_client_id asks for tokens of Entra ID",
    "throttle": "reserved_concurrency caps the instances",
    "domain": "bind one to the function app, or set a front of yours before it",
    "code_canary": "a canary is a model's: function_code promote VERSION --canary 0.1",
    "snap_start": "provisioned_concurrency keeps instances warm",
    "kms_key": "keys of Azure's own encrypt the store",
    "xray": "Application Insights traces by itself",
}


class AzureSettings(NamedTuple):
    """The inputs of each component, as far as they are configured: dicts."""

    telemetry: Any
    store: Any
    trainer: Any
    endpoint: Any
    monitoring: Any


def read_azure_settings(config: pulumi.Config) -> AzureSettings:
    """The configuration. Raises RunError with one line that names the setting, its value and what is allowed."""
    location()
    reject_unsupported(config, "Azure", UNSUPPORTED)
    client = text(config, "entra_client_id", OBJECT_ID, "the id of an application in Entra ID, a GUID")
    return AzureSettings(
        telemetry=drop_unset({"log_days": number(config, "log_days", LOG_DAYS)}),
        store=drop_unset({"disposable": config.get_bool("disposable")}),
        trainer=drop_unset(
            {
                "disposable": config.get_bool("disposable"),
                "image": config.get_bool("image"),
                "memory": number(config, "training_memory", TRAINING_MEMORY_MB),
                "schedule": _schedule(config),
            }
        ),
        endpoint=drop_unset(
            {
                "memory": number(config, "memory", MEMORY_MB),
                "entra_client_id": client,
                "callers": texts(config, "callers"),
                "public": config.get_bool("public"),
                "cors": origins(config),
                "reserved_concurrency": number(config, "reserved_concurrency", INSTANCES),
                "provisioned_concurrency": number(config, "provisioned_concurrency", INSTANCES),
            }
        ),
        monitoring=drop_unset(alarms(config, STALE_DAYS)),
    )


def _schedule(config: pulumi.Config) -> str | None:
    schedule = config.get("schedule") or None
    timer = schedule and ncrontab(schedule)
    if schedule and not timer:
        raise invalid_value(
            "schedule",
            schedule,
            "cron(0 3 * * ? *), in UTC, without L, W, # or a year, or rate(7 days), rate(1 day) "
            "or so many hours or minutes as divide a day or an hour",
        )
    return timer
