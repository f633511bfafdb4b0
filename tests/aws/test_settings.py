"""Settings of an AWS stack: which values it takes, and the errors for all others."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from stacks.aws_settings import AwsSettings, read_aws_settings


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def read(settings: dict[str, Any]) -> AwsSettings:
    """Settings as the engine hands them over: JSON for each value that is no text."""
    texts = {f"p:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()}
    pulumi.runtime.set_all_config(texts)
    return read_aws_settings(pulumi.Config("p"))


def test_nothing_configured_is_nothing_given() -> None:
    assert read({}) == AwsSettings({}, {}, {}, {})


def test_a_default_of_nothing_is_nothing_given() -> None:
    """Pulumi.yaml has a default for each key, and many of these defaults mean: none."""
    nothing = {"memory": 0, "code_canary": 0, "callers": [], "jwt": {}, "schedule": "", "alarm_email": ""}
    assert read(nothing) == AwsSettings({}, {}, {}, {})


def test_a_key_of_another_region_is_refused_before_the_bucket_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert read({"kms_key": key}).store == {"kms_key": key}
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(pulumi.RunError, match="it can be a key in us-east-1, where the bucket is"):
        read({"kms_key": key})


def test_each_setting_reaches_the_components_that_it_is_for() -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    settings = read(
        {
            "kms_key": key,
            "memory": 1024,
            "training_memory": 2048,
            "code_canary": 25,
            "monthly_limit": 5,
            "disposable": True,
        }
    )
    assert settings.store == {"kms_key": key, "disposable": True}
    assert settings.trainer == {"kms_key": key, "memory": 2048, "disposable": True}
    assert settings.endpoint == {"kms_key": key, "memory": 1024, "code_canary": 0.25}
    assert settings.monitoring == {"monthly_limit": 5}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"architecture": "riscv"}, "architecture is 'riscv'; it can be arm64 or x86_64"),
        ({"memory": 64}, "memory is 64; it can be 128 to 10240"),
        ({"schedule": "tomorrow"}, "schedule is 'tomorrow'; it can be rate(7 days) or cron(0 3 * * ? *), in UTC"),
        ({"log_days": 31}, "log_days is 31; it can be 1, 3, 5, 7, 14, 30"),
        ({"kms_key": "mine"}, "kms_key is 'mine'; it can be the ARN of a KMS key"),
        ({"alarm_email": "me"}, "alarm_email is 'me'; it can be an e-mail address"),
        ({"code_canary": 101}, "code_canary is 101; it can be 1 to 100"),
        ({"stale_days": 8}, "stale_days is 8; it can be 1 to 7"),
        ({"callers": "me"}, "callers is 'me'; it can be a list of texts, as in --path 'callers[0]'"),
        ({"jwt": {"issuer": "https://x.example"}}, "it can be issuer and audience, as in --path jwt.issuer"),
        ({"jwt": {"issuer": "", "audience": "us"}}, "it can be issuer and audience"),
        ({"domain": {"name": "no domain", "zone": "Z"}}, "domain.name is 'no domain'; it can be a domain name such as"),
        ({"cors": ["*"]}, "cors is '*'; it can be origins such as https://example.com"),
        ({"throttle": {"rate": 0, "burst": 1}}, "throttle.rate is 0; it can be a number up to 10000"),
        ({"throttle": {"rate": 5, "burst": 2.5}}, "throttle.burst is 2.5; it can be a whole number up to 10000"),
        ({"jwt": {"issuer": "nonsense", "audience": "us"}}, "jwt.issuer is 'nonsense'; it can be the https:// address"),
        (
            {"domain": {"name": "a.example.com", "zone": "example.com"}},
            "domain.zone is 'example.com'; it can be the id",
        ),
        ({"schedule": "at(whenever)"}, "schedule is 'at(whenever)'; it can be rate(7 days) or cron("),
        ({"schedule": "cron(a b c d e f)"}, "it can be rate(7 days) or cron("),
        ({"throttle": {"rate": 5}}, "it can be rate and burst, as in --path throttle.rate"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_named_with_what_can(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        read(settings)
    assert words in str(refused.value)
    assert "pulumi config set" in str(refused.value)
    assert "\n" not in str(refused.value)
