"""Updates of a settled stack on Google Cloud that are planned with other settings, or refused; none changes it."""

import pytest

from tests.support.cloud_project import GcpProject
from tests.support.updates import errors

RETRAINS = ["Create BucketObject trainer-dataset", "Delete BucketObject trainer-dataset"]

pytestmark = pytest.mark.smoke


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({"memory": "1024"}, ["Update Function endpoint-function"]),
        ({"budget": "30"}, [*RETRAINS, "Update Function trainer-function"]),
        ({"training_memory": "8192"}, ["Update Function trainer-function"]),
        ({"public": "true"}, ["Create ServiceIamMember endpoint-public", "Update Function endpoint-function"]),
        (
            {"public": "true", "cors[0]": "https://example.com"},
            ["Create ServiceIamMember endpoint-public", "Update Function endpoint-function"],
        ),
        (
            {"callers[0]": "user:eve@example.com"},
            ["Create ServiceIamMember endpoint-caller-user-eve-example-com"],
        ),
        ({"schedule": "cron(0 3 * * ? *)"}, ["Create Job trainer-schedule", "Create Service apis-cloudscheduler"]),
        ({"log_days": "90"}, ["Update ProjectBucketConfig monitoring-logs"]),
        (
            {"stale_days": "3"},
            ["Create AlertPolicy monitoring-alarms-stale", "Create Metric monitoring-alarms-promoted"],
        ),
        ({"reserved_concurrency": "7"}, ["Update Function endpoint-function"]),
        ({"provisioned_concurrency": "1"}, ["Update Function endpoint-function"]),
        ({"disposable": "false"}, ["Update Bucket store-bucket"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    as_it_comes: GcpProject, settings: dict[str, str], changes: list[str]
) -> None:
    with as_it_comes.configured(settings):
        assert as_it_comes.planned() == changes


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"memory": "64"}, "memory is 64; it can be 256 to 16384: pulumi config set memory VALUE"),
        (
            {"throttle.rate": "1"},
            "throttle is set, which Google Cloud has not; reserved_concurrency caps the instances",
        ),
        ({"callers[0]": "allUsers"}, "callers names 'allUsers', which is not of the form user:NAME@DOMAIN"),
        ({"cors[0]": "https://example.com"}, "cors names origins, but public is not true"),
        ({"provisioned_concurrency": "9"}, "provisioned_concurrency is 9; it can be at most reserved_concurrency, 5"),
        ({"framework": "jax"}, "framework is 'jax'; it can be one of sklearn, pytorch, tensorflow"),
        (
            {"image": "true", "training_memory": "256"},
            "training_memory is 256; to train from an image it can be 512 or more",
        ),
        ({"gcp:region": ""}, "gcp:region is not set; it can be one such as europe-west1"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_named_before_anything_is_changed(
    as_it_comes: GcpProject, settings: dict[str, str], problem: str
) -> None:
    as_it_comes.forget()
    with as_it_comes.configured(settings):
        printed = as_it_comes.up(code=1)
    (line,) = errors(printed)
    assert line.startswith(problem)
    assert as_it_comes.changes() == []
