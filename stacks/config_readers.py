"""Readers of a stack's configuration; each refuses, in one line, a value that cannot be."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ORIGIN = re.compile(r"https?://[^/\s*]+")
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")


def drop_unset(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are configured."""
    return {key: value for key, value in values.items() if value is not None}


def invalid_value(key: str, value: object, allowed: str) -> pulumi.RunError:
    """The refusal of a value."""
    return pulumi.RunError(f"{key} is {value!r}; it can be {allowed}: pulumi config set {key} VALUE")


def one_of(config: pulumi.Config, key: str, allowed: tuple[str, ...]) -> str | None:
    """One of these texts. Raises RunError, as everything here does, for another one."""
    value = config.get(key) or None
    if value and value not in allowed:
        raise invalid_value(key, value, " or ".join(allowed))
    return value


def text(config: pulumi.Config, key: str, form: re.Pattern[str], allowed: str) -> str | None:
    """A text of this form."""
    value = config.get(key) or None
    if value and not form.fullmatch(value):
        raise invalid_value(key, value, allowed)
    return value


def number(config: pulumi.Config, key: str, allowed: range | tuple[int, ...]) -> int | None:
    """One of these numbers; 0 is the same as nothing: the default of an integer that has none."""
    value = config.get_int(key) or None
    if value and value not in allowed:
        listed = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else ", ".join(map(str, allowed))
        raise invalid_value(key, value, listed)
    return value


def texts(config: pulumi.Config, key: str) -> Any:
    """A list of texts."""
    value = _object(config, key)
    if value and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise invalid_value(key, value, f"a list of texts, as in --path '{key}[0]'")
    return value


def parts(config: pulumi.Config, key: str, names: tuple[str, ...]) -> Any:
    """An object of all these and nothing else."""
    value = _object(config, key)
    if value and not (isinstance(value, dict) and set(value) == set(names) and "" not in value.values()):
        raise invalid_value(key, value, f"{' and '.join(names)}, as in --path {key}.{names[0]}")
    return value


def origins(config: pulumi.Config) -> Any:
    """The origins of `cors`."""
    allowed = texts(config, "cors")
    for origin in allowed or ():
        if not ORIGIN.fullmatch(origin):
            raise invalid_value("cors", origin, "origins such as https://example.com")
    return allowed


def domain(config: pulumi.Config, zone: re.Pattern[str], allowed: str) -> Any:
    """The name and the zone of `domain`; what a zone is, each cloud says."""
    configured = parts(config, "domain", ("name", "zone"))
    if configured and not DOMAIN.fullmatch(str(configured["name"])):
        raise invalid_value("domain.name", configured["name"], "a domain name such as predict.example.com")
    if configured and not zone.fullmatch(str(configured["zone"])):
        raise invalid_value("domain.zone", configured["zone"], allowed)
    return configured


def reject_unsupported(config: pulumi.Config, cloud: str, unsupported: Mapping[str, str]) -> None:
    """Raises RunError if a setting is there that this cloud does not have; `unsupported` says what comes nearest."""
    for key, instead in unsupported.items():
        if config.get(key) not in (None, "", "0", "false", "{}"):
            raise pulumi.RunError(f"{key} is set, which {cloud} has not; {instead}: pulumi config rm {key}")


def alarms(config: pulumi.Config, stale_days: range = range(1, 8)) -> dict[str, Any]:
    """Inputs of every cloud's Monitoring."""
    return {
        "alarm_email": text(config, "alarm_email", EMAIL, "an e-mail address"),
        "monthly_limit": number(config, "monthly_limit", range(1, 1_000_001)),
        "stale_days": number(config, "stale_days", stale_days),
    }


def _object(config: pulumi.Config, key: str) -> Any:
    try:
        return config.get_object(key) or None
    except pulumi.ConfigTypeError:
        return config.get(key)
