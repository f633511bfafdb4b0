"""The settings of a stack in a cloud, each read with what it can be; whatever else it is, is said in one line."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ORIGIN = re.compile(r"https?://[^/\s*]+")
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are configured."""
    return {key: value for key, value in values.items() if value is not None}


def wrong(key: str, value: object, allowed: str) -> pulumi.RunError:
    """The refusal of a value."""
    return pulumi.RunError(f"{key} is {value!r}; it can be {allowed}: pulumi config set {key} VALUE")


def one_of(config: pulumi.Config, key: str, allowed: tuple[str, ...]) -> str | None:
    """One of these texts. Raises RunError, as everything here does, for another one."""
    value = config.get(key) or None
    if value and value not in allowed:
        raise wrong(key, value, " or ".join(allowed))
    return value


def text(config: pulumi.Config, key: str, form: re.Pattern[str], allowed: str) -> str | None:
    """A text of this form."""
    value = config.get(key) or None
    if value and not form.fullmatch(value):
        raise wrong(key, value, allowed)
    return value


def number(config: pulumi.Config, key: str, allowed: range | tuple[int, ...]) -> int | None:
    """One of these numbers; 0 is the same as nothing: the default of an integer that has none."""
    value = config.get_int(key) or None
    if value and value not in allowed:
        listed = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else ", ".join(map(str, allowed))
        raise wrong(key, value, listed)
    return value


def texts(config: pulumi.Config, key: str) -> Any:
    """A list of texts."""
    value = _object(config, key)
    if value and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        raise wrong(key, value, f"a list of texts, as in --path '{key}[0]'")
    return value


def parts(config: pulumi.Config, key: str, wanted: tuple[str, ...]) -> Any:
    """An object of all these and nothing else."""
    value = _object(config, key)
    if value and not (isinstance(value, dict) and set(value) == set(wanted) and "" not in value.values()):
        raise wrong(key, value, f"{' and '.join(wanted)}, as in --path {key}.{wanted[0]}")
    return value


def origins(config: pulumi.Config) -> Any:
    """The origins of `cors`."""
    found = texts(config, "cors")
    for origin in found or ():
        if not ORIGIN.fullmatch(origin):
            raise wrong("cors", origin, "origins such as https://example.com")
    return found


def domain(config: pulumi.Config, zone: re.Pattern[str], allowed: str) -> Any:
    """The name and the zone of `domain`; what a zone is, each cloud says."""
    found = parts(config, "domain", ("name", "zone"))
    if found and not DOMAIN.fullmatch(str(found["name"])):
        raise wrong("domain.name", found["name"], "a domain name such as predict.example.com")
    if found and not zone.fullmatch(str(found["zone"])):
        raise wrong("domain.zone", found["zone"], allowed)
    return found


def not_here(config: pulumi.Config, cloud: str, elsewhere: Mapping[str, str]) -> None:
    """Raises RunError if a setting is there which only other clouds have; `elsewhere` says what comes nearest here."""
    for key, instead in elsewhere.items():
        if config.get(key) not in (None, "", "0", "false", "{}"):
            raise pulumi.RunError(f"{key} is set, which {cloud} has not; {instead}: pulumi config rm {key}")


def alarms(config: pulumi.Config, stale_days: range = range(1, 8)) -> dict[str, Any]:
    """What every cloud's Monitoring takes."""
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
