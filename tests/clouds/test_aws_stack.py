"""The AWS stack on the real engine, over a cloud that is not there: what it asks for, and what it leaves alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.conftest import AwsProject
from tests.engine.project import errors

KMS_KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234"
EVERYTHING = {
    "alarm_email": "ops@example.com", "architecture": "x86_64", "code_canary": "10", "disposable": "false",
    "kms_key": KMS_KEY, "log_days": "90", "memory": "1024", "monthly_limit": "50", "provisioned_concurrency": "2",
    "reserved_concurrency": "5", "schedule": "rate(7 days)", "stale_days": "7", "training_memory": "10240",
    "xray": "true",
}  # fmt: skip
PATHS = {
    "callers[0]": "arn:aws:iam::123456789012:role/team/app",
    "callers[1]": "arn:aws:iam::123456789012:user/eve",
    "cors[0]": "https://example.com",
    "domain.name": "predict.example.com",
    "domain.zone": "Z123",
    "throttle.burst": "20",
    "throttle.rate": "10",
}


@pytest.fixture(params=["as it comes", "with every option"])
def any_project(project: AwsProject, request: pytest.FixtureRequest) -> AwsProject:
    if request.param == "with every option":
        with_every_option(project)
    return project


def with_every_option(project: AwsProject) -> None:
    """Configures whatever can be, as far as one does not exclude the other."""
    settings = {**EVERYTHING, **PATHS}
    for path, value in settings.items():
        project.pulumi("config", "set", "--path", path, value)


def test_from_a_preview_to_nothing_left(any_project: AwsProject) -> None:
    project, cloud = any_project, any_project.cloud
    project.pulumi("preview")
    assert cloud.resources() == []
    project.up()
    assert len(cloud.resources()) > 30
    assert project.is_settled()
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    outputs = project.outputs()
    assert set(outputs) == {"url", "curl", "store", "train", "dashboard", "dataset"}
    (bucket,) = cloud.resources("aws:s3/bucket:Bucket")
    assert outputs["store"] == f"s3://{bucket['id']}"
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert cloud.resources() == []


def test_a_create_that_fails_is_taken_up_again(project: AwsProject) -> None:
    project.cloud.fail("endpoint-function", "InvalidParameterValueException: the role cannot be assumed by Lambda")
    printed = project.up(code=1)
    assert "the role cannot be assumed by Lambda" in printed
    before = {resource["id"] for resource in project.cloud.resources()}
    project.cloud.forget()
    project.up()
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "endpoint-function" in created
    assert not project.cloud.calls("Delete", "Update")
    assert before < {resource["id"] for resource in project.cloud.resources()}
    assert project.is_settled()


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    yield from AwsProject.made(tmp_path_factory.mktemp("aws"))


@pytest.fixture
def up(settled: AwsProject) -> AwsProject:
    settled.up()
    settled.cloud.forget()
    return settled


def test_new_serving_code_is_a_new_version_and_moves_the_alias(up: AwsProject) -> None:
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    up.edit("function_code/serving/app.py")
    up.up()
    assert up.asked() == [
        "Create BucketObjectv2 endpoint-code",
        "Create BucketObjectv2 trainer-code",  # a training compares its model with the scorer that will serve it
        "Delete BucketObjectv2 endpoint-code",
        "Delete BucketObjectv2 trainer-code",
        "Update Alias endpoint-alias",
        "Update Function endpoint-function",
        "Update Function trainer-function",
    ]
    (moved,) = up.cloud.resources("aws:lambda/alias:Alias")
    assert int(moved["inputs"]["functionVersion"]) == int(alias["inputs"]["functionVersion"]) + 1


def test_new_training_code_trains_again(up: AwsProject) -> None:
    up.edit("function_code/training/split.py")
    up.up()
    assert up.asked() == [
        "Create BucketObjectv2 trainer-code",
        "Delete BucketObjectv2 trainer-code",
        "Update BucketObjectv2 trainer-dataset",
        "Update Function trainer-function",
    ]


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"memory": "1024"}, ["Update Alias endpoint-alias", "Update Function endpoint-function"]),
        ({"budget": "30"}, ["Update BucketObjectv2 trainer-dataset", "Update Function trainer-function"]),
        ({"training_memory": "2048"}, ["Update Function trainer-function"]),
        ({"public": "true"}, ["Update Route endpoint-api-route"]),
        ({"cors[0]": "https://example.com"}, ["Update Api endpoint-api"]),
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
            ["Create LogMetricFilter monitoring-promoted-count", "Create MetricAlarm monitoring-stale"],
        ),
        ({"reserved_concurrency": "7"}, ["Update Alias endpoint-alias", "Update Function endpoint-function"]),
        ({"provisioned_concurrency": "1"}, ["Create ProvisionedConcurrencyConfig endpoint-warm"]),
        ({"disposable": "false"}, ["Update Bucket store-bucket"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    up: AwsProject, settings: dict[str, str], wanted: list[str]
) -> None:
    kept = up.settings()
    for path, value in settings.items():
        up.pulumi("config", "set", "--path", path, value)
    try:
        up.up()
        assert up.asked() == wanted
        assert up.is_settled()
    finally:
        up.write_settings(kept)


def test_drift_is_repaired(up: AwsProject) -> None:
    up.cloud.change("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", blockPublicPolicy=False)
    up.up("--refresh")
    assert up.asked() == ["Update BucketPublicAccessBlock store-closed"]
    (closed,) = up.cloud.resources("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert closed["inputs"]["blockPublicPolicy"] is True


def test_what_somebody_deleted_is_made_again(up: AwsProject) -> None:
    up.cloud.lose("aws:lambda/permission:Permission")
    up.up("--refresh")
    assert up.asked() == ["Create Permission endpoint-api-permission"]


def test_a_canary_shares_requests_with_the_version_before(up: AwsProject) -> None:
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    before = int(alias["inputs"]["functionVersion"])
    kept = up.settings()
    up.config(code_canary="10")
    up.edit("function_code/serving/app.py")
    up.up()
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    assert alias["inputs"]["functionVersion"] == str(before + 1)
    assert alias["inputs"]["routingConfig"] == {"additionalVersionWeights": {str(before): 0.9}}
    assert up.is_settled()
    up.write_settings(kept)
    up.up()
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    assert "routingConfig" not in alias["inputs"]


def test_the_first_version_has_none_before_it(project: AwsProject) -> None:
    project.config(code_canary="10")
    project.up()
    (alias,) = project.cloud.resources("aws:lambda/alias:Alias")
    assert not alias["inputs"]["routingConfig"].get("additionalVersionWeights")
    assert project.is_settled()


def test_a_dataset_of_ones_own_is_uploaded_when_all_listens(up: AwsProject, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text("a,b,purchase_intent\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200)))
    kept = up.settings()
    up.config(dataset=str(table))
    up.up()
    assert up.asked() == [
        "Create BucketObjectv2 trainer-dataset",
        "Delete BucketObjectv2 trainer-dataset",
        "Update Function trainer-function",
    ]
    keys = {each["inputs"]["key"] for each in up.cloud.resources("aws:s3/bucketObjectv2:BucketObjectv2")}
    assert "datasets/model/my_table.csv" in keys
    environment = next(
        each["inputs"]["environment"]["variables"]
        for each in up.cloud.resources("aws:lambda/function:Function")
        if "TRAINING" in each["inputs"]["environment"]["variables"]
    )
    assert json.loads(environment["TRAINING"])["synthetic"] is False
    up.write_settings(kept)


def test_the_dataset_arrives_last(project: AwsProject) -> None:
    project.up()
    created = [call["name"] for call in project.cloud.calls("Create")]
    late = created.index("trainer-dataset")
    for listener in ("store-events", "trainer-data-target", "trainer-data-policy", "trainer-source", "trainer-policy"):
        assert created.index(listener) < late, listener


def test_what_cannot_be_meant_is_named_before_anything_is_created(up: AwsProject) -> None:
    kept = up.settings()
    up.config(architecture="riscv")
    try:
        printed = up.up(code=1)
    finally:
        up.write_settings(kept)
    assert errors(printed) == {
        "architecture is 'riscv'; it can be arm64 or x86_64: pulumi config set architecture VALUE"
    }
    assert up.asked() == []
