"""Settings of a stack on Google Cloud, checked before anything is created."""

import re
from typing import Any, NamedTuple

import pulumi

from components.gcp.names import project, region
from stacks.config_readers import (
    alarms,
    domain,
    drop_unset,
    invalid_value,
    number,
    origins,
    reject_unsupported,
    text,
    texts,
)
from stacks.schedules import unix_cron
from stacks.settings import AIRTABLE

# https://cloud.google.com/run/docs/configuring/services/memory-limits, and what the processors of our functions allow
MIN_MEMORY_MIB, MAX_MEMORY_MIB = 256, 16_384
KMS_KEY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+")
ZONE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LOG_DAYS = range(1, 3651)
INSTANCES = range(1, 1001)
# What there is on AWS alone, and what comes nearest here.
UNSUPPORTED = {
    "jwt": "callers names principals of IAM",
    "throttle": "reserved_concurrency caps the instances",
    "entra_client_id": "callers names principals of IAM",
    "code_canary": "a canary is a model's: function_code promote VERSION --canary 0.1",
    "snap_start": "provisioned_concurrency keeps instances warm",
    "xray": "Cloud Run traces by itself",
}


class GcpSettings(NamedTuple):
    """The inputs of each component, as far as they are configured: dicts. `apis` are the names of services."""

    store: Any
    trainer: Any
    endpoint: Any
    monitoring: Any
    apis: list[str]


def read_gcp_settings(config: pulumi.Config) -> GcpSettings:
    """The configuration. Raises RunError with one line that names the setting, its value and what is allowed."""
    project()
    region()
    reject_unsupported(config, "Google Cloud", UNSUPPORTED)
    kms_key = text(config, "kms_key", KMS_KEY, "a key's name, projects/P/locations/L/keyRings/R/cryptoKeys/K")
    if kms_key and kms_key.split("/")[3] != region():
        raise invalid_value("kms_key", kms_key, f"a key in {region()}, where the bucket is")
    schedule, name = _schedule(config), domain(config, ZONE, "the name of a zone in Cloud DNS, such as example-com")
    return GcpSettings(
        store=drop_unset({"kms_key": kms_key, "disposable": config.get_bool("disposable")}),
        trainer=drop_unset(
            {
                "image": config.get_bool("image"),
                "memory": _memory(config, "training_memory"),
                "schedule": schedule,
            }
        ),
        endpoint=drop_unset(
            {
                "memory": _memory(config, "memory"),
                "callers": texts(config, "callers"),
                "public": config.get_bool("public"),
                "domain": name,
                "cors": origins(config),
                "reserved_concurrency": number(config, "reserved_concurrency", INSTANCES),
                "provisioned_concurrency": number(config, "provisioned_concurrency", INSTANCES),
            }
        ),
        monitoring=drop_unset({**alarms(config), "log_days": number(config, "log_days", LOG_DAYS)}),
        apis=[
            *(["cloudkms"] if kms_key else []),
            *(["cloudscheduler"] if schedule else []),
            *(["compute", "dns"] if name else []),
            *(["secretmanager"] if config.get("source") == AIRTABLE else []),
        ],
    )


def _memory(config: pulumi.Config, key: str) -> int | None:
    return number(config, key, range(MIN_MEMORY_MIB, MAX_MEMORY_MIB + 1))


def _schedule(config: pulumi.Config) -> str | None:
    schedule = config.get("schedule") or None
    cron = schedule and unix_cron(schedule)
    if schedule and not cron:
        raise invalid_value(
            "schedule",
            schedule,
            "rate(7 days) or cron(0 3 * * ? *), in UTC, without L, W, #, a year or steps from a name",
        )
    return cron
