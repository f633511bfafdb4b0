"""Settings of a stack on AWS, checked before anything is created."""

import os
import re
from typing import Any, NamedTuple

import pulumi

from stacks.config_readers import (
    alarms,
    domain,
    drop_unset,
    invalid_value,
    number,
    one_of,
    origins,
    parts,
    reject_unsupported,
    text,
    texts,
)

ARCHITECTURES = ("arm64", "x86_64")
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MIN_MEMORY_MB, MAX_MEMORY_MB = 128, 10_240
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)  # what CloudWatch offers
KMS_KEY = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")
SCHEDULE = re.compile(
    r"rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)|cron\([\dA-Z*?,/#-]+( [\dA-Z*?,/#-]+){5}\)"
)
ISSUER = re.compile(r"https://[^\s?#]+")
ZONE = re.compile(r"Z[A-Z0-9]+")
# Settings that other clouds alone have, and what comes nearest here.
UNSUPPORTED = {"entra_client_id": "jwt asks for tokens of any issuer, such as Entra ID"}


class AwsSettings(NamedTuple):
    """The inputs of each component, as far as they are configured: dicts."""

    store: Any
    trainer: Any
    endpoint: Any
    monitoring: Any


def read_aws_settings(config: pulumi.Config) -> AwsSettings:
    """The configuration. Raises RunError with one line that names the setting, its value and what is allowed."""
    reject_unsupported(config, "AWS", UNSUPPORTED)
    code = {
        "architecture": one_of(config, "architecture", ARCHITECTURES),
        "kms_key": _kms_key(config),
        "log_days": number(config, "log_days", LOG_DAYS),
        "xray": config.get_bool("xray"),
    }
    disposable = config.get_bool("disposable")
    canary = number(config, "code_canary", range(1, 101))
    return AwsSettings(
        store=drop_unset({"kms_key": code["kms_key"], "disposable": disposable}),
        trainer=drop_unset(
            {
                **code,
                "disposable": disposable,
                "image": config.get_bool("image"),
                "memory": number(config, "training_memory", range(MIN_MEMORY_MB, MAX_MEMORY_MB + 1)),
                "schedule": text(config, "schedule", SCHEDULE, "rate(7 days) or cron(0 3 * * ? *), in UTC"),
            }
        ),
        endpoint=drop_unset(
            {
                **code,
                "memory": number(config, "memory", range(MIN_MEMORY_MB, MAX_MEMORY_MB + 1)),
                "callers": texts(config, "callers"),
                "public": config.get_bool("public"),
                "jwt": _jwt(config),
                "throttle": _throttle(config),
                "domain": domain(config, ZONE, "the id of a hosted zone, such as Z0123456789ABC"),
                "cors": origins(config),
                "code_canary": canary and canary / 100,
                "reserved_concurrency": number(config, "reserved_concurrency", range(1, 100_001)),
                "provisioned_concurrency": number(config, "provisioned_concurrency", range(1, 100_001)),
                "snap_start": config.get_bool("snap_start"),
            }
        ),
        monitoring=drop_unset(alarms(config)),
    )


def _kms_key(config: pulumi.Config) -> str | None:
    key = text(config, "kms_key", KMS_KEY, "the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID")
    region = pulumi.Config("aws").get("region") or os.environ.get("AWS_REGION")
    if key and region and key.split(":")[3] != region:
        raise invalid_value("kms_key", key, f"a key in {region}, where the bucket is")
    return key


def _throttle(config: pulumi.Config) -> Any:
    throttle = parts(config, "throttle", ("rate", "burst"))
    for key, value in (throttle or {}).items():
        kinds, what = (int, "a whole number") if key == "burst" else (int | float, "a number")
        if not isinstance(value, kinds) or isinstance(value, bool) or not 0 < value <= 10_000:
            raise invalid_value(f"throttle.{key}", value, f"{what} up to 10000")
    return throttle


def _jwt(config: pulumi.Config) -> Any:
    jwt = parts(config, "jwt", ("issuer", "audience"))
    if jwt and not ISSUER.fullmatch(str(jwt["issuer"])):
        raise invalid_value("jwt.issuer", jwt["issuer"], "the https:// address that the tokens name as their issuer")
    return jwt
