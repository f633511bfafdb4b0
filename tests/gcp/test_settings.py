"""Settings of a stack on Google Cloud: which values it takes, and the errors for all others."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from stacks.gcp_settings import GcpSettings, read_gcp_settings
from stacks.schedules import unix_cron

PLACE = {"gcp:project": "my-project", "gcp:region": "europe-west1"}


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def read(settings: dict[str, Any], place: dict[str, str] = PLACE) -> GcpSettings:
    """Settings as the engine hands them over: JSON for each value that is no text."""
    texts = {f"p:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    pulumi.runtime.set_all_config(texts | place)
    return read_gcp_settings(pulumi.Config("p"))


def test_nothing_configured_and_a_default_of_nothing_are_nothing_given() -> None:
    nothing = {
        "memory": 0, "callers": [], "jwt": {}, "schedule": "", "alarm_email": "", "throttle": {}, "code_canary": 0,
        "snap_start": False,
    }  # fmt: skip
    assert read({}) == read(nothing) == GcpSettings({}, {}, {}, {}, [])


def test_each_setting_reaches_the_components_that_it_is_for() -> None:
    key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    settings = read(
        {
            "kms_key": key, "memory": 1024, "training_memory": 2048, "monthly_limit": 5, "log_days": 31,
            "schedule": "rate(7 days)", "domain": {"name": "a.example.com", "zone": "z"}, "source": "airtable",
        }
    )  # fmt: skip
    assert settings.store == {"kms_key": key}
    assert settings.trainer == {"memory": 2048, "schedule": "every 168 hours"}
    assert settings.endpoint == {"memory": 1024, "domain": {"name": "a.example.com", "zone": "z"}}
    assert settings.monitoring == {"monthly_limit": 5, "log_days": 31}
    assert settings.apis == ["cloudkms", "cloudscheduler", "compute", "dns", "secretmanager"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"memory": 128}, "memory is 128; it can be 256 to 16384"),
        ({"schedule": "at(2030-01-01T00:00:00)"}, "it can be rate(7 days) or cron(0 3 * * ? *), in UTC, without L, W,"),
        ({"log_days": 3651}, "log_days is 3651; it can be 1 to 3650"),
        ({"kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1"}, "it can be a key's name, projects/P/locations/L/"),
        (
            {"kms_key": "projects/p/locations/global/keyRings/r/cryptoKeys/k"},
            "kms_key is 'projects/p/locations/global/keyRings/r/cryptoKeys/k'; it can be a key in europe-west1, where",
        ),
        ({"reserved_concurrency": 1001}, "reserved_concurrency is 1001; it can be 1 to 1000"),
        ({"jwt": {"issuer": "https://x.example", "audience": "us"}}, "jwt is set, which Google Cloud has not; callers"),
        ({"code_canary": 10}, "code_canary is set, which Google Cloud has not; a canary is a model's"),
        ({"snap_start": True}, "snap_start is set, which Google Cloud has not; provisioned_concurrency"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_named_with_what_can(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        read(settings)
    assert words in str(refused.value)
    assert "pulumi config " in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("missing", PLACE)
def test_without_a_place_nothing_is_tried(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT", "GOOGLE_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(pulumi.RunError, match=f"^{missing} is not set"):
        read({}, {key: value for key, value in PLACE.items() if key != missing})


@pytest.mark.parametrize(
    ("schedule", "expression"),
    [
        ("rate(1 hour)", "every 1 hours"),
        ("rate(30 minutes)", "every 30 minutes"),
        ("rate(2 days)", "every 48 hours"),
        ("cron(0 3 * * ? *)", "0 3 * * *"),
        ("cron(0/15 8-18 ? * MON-FRI *)", "0-59/15 8-18 * * MON-FRI"),
        ("cron(0 3 ? * 1,4-6 *)", "0 3 * * 0,3-5"),
        ("cron(0 3 ? JUL WED *)", "0 3 * JUL WED"),
        ("cron(0 3 1/2 * ? *)", "0 3 1-31/2 * *"),
        ("cron(5,10/15 3 * * ? *)", "5,10-59/15 3 * * *"),
        ("cron(0 3 ? * 2/2,7 *)", "0 3 * * 1-6/2,6"),
        ("cron(0 3 ? * 1-5/2,MON-FRI/3 *)", "0 3 * * 0-4/2,MON-FRI/3"),
        ("cron(0 3 ? * MON/2 *)", None),
        ("cron(0 3 ? * 12 *)", None),
        ("cron(0 0 L * ? *)", None),
        ("cron(0 0 15W * ? *)", None),
        ("cron(0 0 ? * 6#3 *)", None),
        ("cron(0 0 ? * 0 *)", None),
        ("cron(0 0 1 1 ? 2030)", None),
        ("rate(0 days)", None),
        ("0 3 * * *", None),
    ],
)
def test_a_schedule_means_the_same_as_on_aws(schedule: str, expression: str | None) -> None:
    assert unix_cron(schedule) == expression
