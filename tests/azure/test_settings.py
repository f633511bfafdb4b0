"""Settings of a stack on Azure: which values it takes, and the errors for all others."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components.azure.names import MAX_NAME_LENGTH, sanitize
from stacks.azure_settings import AzureSettings, read_azure_settings
from stacks.schedules import ncrontab

PLACE = {"azure-native:location": "westeurope"}
CLIENT = "99999999-2222-3333-4444-555555555555"


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def read(settings: dict[str, Any], place: dict[str, str] = PLACE) -> AzureSettings:
    """Settings as the engine hands them over: JSON for each value that is no text."""
    texts = {f"p:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    pulumi.runtime.set_all_config(texts | place)
    return read_azure_settings(pulumi.Config("p"))


def test_nothing_configured_and_a_default_of_nothing_are_nothing_given() -> None:
    nothing = {
        "memory": 0, "callers": [], "jwt": {}, "schedule": "", "alarm_email": "", "throttle": {}, "code_canary": 0,
        "snap_start": False, "domain": {}, "kms_key": "", "entra_client_id": "",
    }  # fmt: skip
    assert read({}) == read(nothing) == AzureSettings({}, {}, {}, {}, {})


def test_each_setting_reaches_the_components_that_it_is_for() -> None:
    settings = read(
        {
            "memory": 2048, "training_memory": 512, "monthly_limit": 5, "log_days": 31, "schedule": "rate(7 days)",
            "entra_client_id": CLIENT, "stale_days": 2, "disposable": True, "image": False,
        }
    )  # fmt: skip
    assert settings.telemetry == {"log_days": 31}
    assert settings.store == {"disposable": True}
    assert settings.trainer == {"image": False, "disposable": True, "memory": 512, "schedule": "0 0 0 * * 0"}
    assert settings.endpoint == {"memory": 2048, "entra_client_id": CLIENT}
    assert settings.monitoring == {"monthly_limit": 5, "stale_days": 2}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"memory": 1024}, "memory is 1024; it can be 512, 2048, 4096"),
        (
            {"schedule": "rate(3 days)"},
            "schedule is 'rate(3 days)'; it can be cron(0 3 * * ? *), in UTC, without L, W,",
        ),
        ({"log_days": 7}, "log_days is 7; it can be 30 to 730"),
        ({"stale_days": 3}, "stale_days is 3; it can be 1 to 2"),
        ({"reserved_concurrency": 1001}, "reserved_concurrency is 1001; it can be 1 to 1000"),
        (
            {"entra_client_id": "app"},
            "entra_client_id is 'app'; it can be the id of an application in Entra ID, a GUID",
        ),
        (
            {"jwt": {"issuer": "https://x.example", "audience": "us"}},
            "jwt is set, which Azure has not; entra_client_id",
        ),
        (
            {"kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1"},
            "kms_key is set, which Azure has not; keys of Azure's",
        ),
        ({"domain": {"name": "a.example.com", "zone": "z"}}, "domain is set, which Azure has not; bind one to the"),
        ({"code_canary": 10}, "code_canary is set, which Azure has not; a canary is a model's"),
        ({"throttle": {"rate": 1}}, "throttle is set, which Azure has not; reserved_concurrency caps the instances"),
        ({"snap_start": True}, "snap_start is set, which Azure has not; provisioned_concurrency"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_named_with_what_can(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        read(settings)
    assert words in str(refused.value)
    assert "pulumi config " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_a_place_nothing_is_tried() -> None:
    with pytest.raises(pulumi.RunError, match=r"^azure-native:location is not set"):
        read({}, {})


@pytest.mark.parametrize(
    ("schedule", "expression"),
    [
        ("rate(1 hour)", "0 0 */1 * * *"),
        ("rate(30 minutes)", "0 */30 * * * *"),
        ("rate(1 day)", "0 0 0 * * *"),
        ("rate(7 days)", "0 0 0 * * 0"),
        ("cron(0 3 * * ? *)", "0 0 3 * * *"),
        ("cron(0/15 8-18 ? * MON-FRI *)", "0 0-59/15 8-18 * * MON-FRI"),
        ("cron(0 3 ? * 1,4-6 *)", "0 0 3 * * 0,3-5"),
        ("rate(7 hours)", None),
        ("rate(45 minutes)", None),
        ("rate(2 days)", None),
        ("cron(0 0 L * ? *)", None),
        ("0 3 * * *", None),
    ],
)
def test_a_schedule_means_the_same_as_on_aws(schedule: str, expression: str | None) -> None:
    assert ncrontab(schedule) == expression


def test_long_names_that_begin_alike_differ_and_those_that_fit_stay_as_they_are() -> None:
    assert sanitize("trainer-account") == "traineraccount"
    names = {sanitize(f"recommendation-model-{which}-account") for which in "ab"}
    assert len(names) == 2
    for name in names:
        assert name.isalnum()
        assert name.startswith("recommenda")
        assert len(name) == MAX_NAME_LENGTH
