"""Updates of a settled stack on AWS that are planned with other settings, or refused; none of them changes it."""

import pytest

from tests.support.cloud_project import AwsProject
from tests.support.updates import errors

pytestmark = pytest.mark.smoke


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({"memory": "1024"}, ["Update Alias endpoint-alias", "Update Function endpoint-function"]),
        ({"budget": "30"}, ["Update BucketObjectv2 trainer-dataset", "Update Function trainer-function"]),
        ({"training_memory": "2048"}, ["Update Function trainer-function"]),
        ({"public": "true"}, ["Update Api endpoint-api", "Update Route endpoint-api-route"]),
        (
            {"cors[0]": "https://example.com"},
            ["Create Route endpoint-api-preflight", "Update Api endpoint-api"],
        ),
        (
            {"cors[0]": "https://example.com", "public": "true"},
            ["Update Api endpoint-api", "Update Route endpoint-api-route"],
        ),
        ({"throttle.rate": "1", "throttle.burst": "2"}, ["Update Stage endpoint-api-stage"]),
        (
            {"callers[0]": "arn:aws:iam::123456789012:role/app"},
            ["Create Policy endpoint-api-callers", "Create RolePolicyAttachment endpoint-api-caller-role-app"],
        ),
        (
            {"jwt.issuer": "https://issuer.example.com", "jwt.audience": "us"},
            ["Create Authorizer endpoint-api-authorizer", "Update Route endpoint-api-route"],
        ),
        (
            {"schedule": "cron(0 3 * * ? *)"},
            [
                "Create Role trainer-schedule-role",
                "Create RolePolicy trainer-schedule-policy",
                "Create Schedule trainer-schedule",
            ],
        ),
        (
            {"log_days": "90"},
            ["Update LogGroup endpoint-api-access", "Update LogGroup endpoint-logs", "Update LogGroup trainer-logs"],
        ),
        (
            {"alarm_email": "ops@example.com"},
            ["Create TopicSubscription monitoring-email", "Update Budget monitoring-budget"],
        ),
        (
            {"stale_days": "3"},
            ["Create LogMetricFilter monitoring-alarms-promoted-count", "Create MetricAlarm monitoring-alarms-stale"],
        ),
        ({"reserved_concurrency": "7"}, ["Update Alias endpoint-alias", "Update Function endpoint-function"]),
        ({"provisioned_concurrency": "1"}, ["Create ProvisionedConcurrencyConfig endpoint-warm"]),
        ({"disposable": "false"}, ["Update Bucket store-bucket"]),
        ({"snap_start": "true"}, ["Update Alias endpoint-alias", "Update Function endpoint-function"]),
        (
            {"kms_key": AwsProject.everything["kms_key"]},
            [
                "Update BucketServerSideEncryptionConfiguration store-encryption",
                "Update RolePolicy endpoint-policy",
                "Update RolePolicy trainer-policy",
            ],
        ),
        (
            {"xray": "true"},
            [
                "Update Alias endpoint-alias",
                "Update Function endpoint-function",
                "Update Function trainer-function",
                "Update RolePolicy endpoint-policy",
                "Update RolePolicy trainer-policy",
            ],
        ),
        (
            {"domain.name": "predict.example.com", "domain.zone": "Z123"},
            [
                "Create ApiMapping endpoint-api-domain-mapping",
                "Create Certificate endpoint-api-domain-certificate",
                "Create CertificateValidation endpoint-api-domain-valid",
                "Create DomainName endpoint-api-domain-domain",
                "Create Record endpoint-api-domain-alias",
                "Create Record endpoint-api-domain-proof",
                "Update Api endpoint-api",
            ],
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    as_it_comes: AwsProject, settings: dict[str, str], changes: list[str]
) -> None:
    with as_it_comes.configured(settings):
        assert as_it_comes.planned() == changes


def test_what_cannot_be_meant_is_named_before_anything_is_created(as_it_comes: AwsProject) -> None:
    as_it_comes.forget()
    with as_it_comes.configured({"architecture": "riscv"}):
        printed = as_it_comes.up(code=1)
    assert errors(printed) == {
        "architecture is 'riscv'; it can be arm64 or x86_64: pulumi config set architecture VALUE"
    }
    assert as_it_comes.changes() == []
