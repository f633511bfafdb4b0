"""What an AWS stack can be configured to do, checked before anything is created."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import pulumi

ARCHITECTURES = ("arm64", "x86_64")
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
LEAST_MEMORY, MOST_MEMORY = 128, 10_240
LOG_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653)  # what CloudWatch offers
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
KMS_KEY = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")
SCHEDULE = re.compile(r"rate\([1-9]\d* (minute|minutes|hour|hours|day|days)\)|cron\(\S+( \S+){5}\)|at\(\S+\)")
ORIGIN = re.compile(r"https?://[^/\s*]+")
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
PARTS = {
    "jwt": ("issuer", "audience"),
    "throttle": ("rate", "burst"),
    "domain": ("name", "zone"),
}


class AwsSettings(NamedTuple):
    """The inputs of each component, as far as they are configured: dicts."""

    store: Any
    trainer: Any
    endpoint: Any
    monitoring: Any


def read_aws_settings(config: pulumi.Config) -> AwsSettings:
    """The configuration. Raises RunError with one line that names the setting, its value and what is allowed."""
    code = {
        "architecture": _one_of(config, "architecture", ARCHITECTURES),
        "kms_key": _text(config, "kms_key", KMS_KEY, "the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID"),
        "log_days": _number(config, "log_days", LOG_DAYS),
        "xray": config.get_bool("xray"),
    }
    canary = _number(config, "code_canary", range(1, 101))
    return AwsSettings(
        store=_given({"kms_key": code["kms_key"], "disposable": config.get_bool("disposable")}),
        trainer=_given(
            {
                **code,
                "memory": _number(config, "training_memory", range(LEAST_MEMORY, MOST_MEMORY + 1)),
                "schedule": _text(config, "schedule", SCHEDULE, "rate(7 days) or cron(0 3 * * ? *), in UTC"),
            }
        ),
        endpoint=_given(
            {
                **code,
                "memory": _number(config, "memory", range(LEAST_MEMORY, MOST_MEMORY + 1)),
                "callers": _list(config, "callers"),
                "public": config.get_bool("public"),
                "jwt": _parts(config, "jwt"),
                "throttle": _throttle(config),
                "domain": _domain(config),
                "cors": _origins(config),
                "code_canary": canary and canary / 100,
                "reserved_concurrency": _number(config, "reserved_concurrency", range(1, 100_001)),
                "provisioned_concurrency": _number(config, "provisioned_concurrency", range(1, 100_001)),
                "snap_start": config.get_bool("snap_start"),
            }
        ),
        monitoring=_given(
            {
                "email": _text(config, "alarm_email", EMAIL, "an e-mail address"),
                "budget": _number(config, "monthly_limit", range(1, 1_000_001)),
                "stale_days": _number(config, "stale_days", range(1, 8)),
            }
        ),
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _wrong(key: str, value: object, allowed: str) -> pulumi.RunError:
    return pulumi.RunError(f"{key} is {value!r}; it can be {allowed}: pulumi config set {key} VALUE")


def _one_of(config: pulumi.Config, key: str, allowed: tuple[str, ...]) -> str | None:
    value = config.get(key) or None
    if value and value not in allowed:
        raise _wrong(key, value, " or ".join(allowed))
    return value


def _text(config: pulumi.Config, key: str, form: re.Pattern[str], allowed: str) -> str | None:
    value = config.get(key) or None
    if value and not form.fullmatch(value):
        raise _wrong(key, value, allowed)
    return value


def _number(config: pulumi.Config, key: str, allowed: range | tuple[int, ...]) -> int | None:
    """0 is the same as nothing: the default of an integer that has none."""
    value = config.get_int(key) or None
    if value and value not in allowed:
        listed = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else ", ".join(map(str, allowed))
        raise _wrong(key, value, listed)
    return value


def _object(config: pulumi.Config, key: str) -> Any:
    try:
        return config.get_object(key) or None
    except pulumi.ConfigTypeError:
        return config.get(key)


def _list(config: pulumi.Config, key: str) -> Any:
    value = _object(config, key)
    if value and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise _wrong(key, value, f"a list of texts, as in --path '{key}[0]'")
    return value


def _origins(config: pulumi.Config) -> Any:
    origins = _list(config, "cors")
    for origin in origins or ():
        if not ORIGIN.fullmatch(origin):
            raise _wrong("cors", origin, "origins such as https://example.com")
    return origins


def _parts(config: pulumi.Config, key: str) -> Any:
    value, wanted = _object(config, key), PARTS[key]
    if value and not (isinstance(value, dict) and set(value) == set(wanted) and "" not in value.values()):
        raise _wrong(key, value, f"{' and '.join(wanted)}, as in --path {key}.{wanted[0]}")
    return value


def _throttle(config: pulumi.Config) -> Any:
    throttle = _parts(config, "throttle")
    for key, value in (throttle or {}).items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 10_000:
            raise _wrong(f"throttle.{key}", value, "a number up to 10000")
    return throttle


def _domain(config: pulumi.Config) -> Any:
    domain = _parts(config, "domain")
    if domain and not DOMAIN.fullmatch(str(domain["name"])):
        raise _wrong("domain.name", domain["name"], "a domain name such as predict.example.com")
    return domain
