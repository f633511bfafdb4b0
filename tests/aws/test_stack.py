"""The AWS stack on the real engine, over a cloud that is not there: what it asks for, and what it leaves alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import AwsProject
from tests.support.updates import errors


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    yield from AwsProject.create(tmp_path_factory.mktemp("aws"))


@pytest.fixture
def up(settled: AwsProject) -> AwsProject:
    settled.up()
    settled.cloud.forget()
    return settled


def test_new_serving_code_is_a_new_version_and_moves_the_alias(up: AwsProject) -> None:
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    up.edit("function_code/serving/app.py")
    up.up()
    assert up.changes() == [
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
    assert up.changes() == [
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
            ["Create LogMetricFilter monitoring-promoted-count", "Create MetricAlarm monitoring-stale"],
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
    up: AwsProject, settings: dict[str, str], wanted: list[str]
) -> None:
    with up.configured(settings):
        up.up()
        assert up.changes() == wanted
        assert up.is_settled()


def test_the_dataset_outlives_a_stack_that_is_not_disposable(project: AwsProject) -> None:
    """The provider would delete it with all its versions, before S3 refuses to delete a bucket that is not empty."""
    project.set({"disposable": "false"})
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    (left,) = project.cloud.resources()
    assert left["inputs"]["key"] == "datasets/model/synthetic.csv"


def test_drift_is_repaired(up: AwsProject) -> None:
    up.cloud.change("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", blockPublicPolicy=False)
    up.up("--refresh")
    assert up.changes() == ["Update BucketPublicAccessBlock store-closed"]
    (closed,) = up.cloud.resources("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert closed["inputs"]["blockPublicPolicy"] is True


def test_what_somebody_deleted_is_made_again(up: AwsProject) -> None:
    up.cloud.lose("aws:lambda/permission:Permission")
    up.up("--refresh")
    assert up.changes() == ["Create Permission endpoint-api-permission"]


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
    assert up.changes() == [
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


def test_the_dataset_waits_until_its_arrival_will_be_heard_of(project: AwsProject) -> None:
    printed = project.up()
    assert "S3 tells of new objects from about" in printed
    known = before(project, "trainer-dataset")
    assert known >= {
        "store-events",
        "trainer-events-target",
        "trainer-events-policy",
        "trainer-source",
        "trainer-policy",
    }
    project.edit("function_code/training/split.py")
    assert "S3 tells of new objects" not in project.up()  # it did so long since


def test_nothing_comes_into_the_bucket_before_it_is_protected(up: AwsProject) -> None:
    protected = {"store-closed", "store-encryption", "store-versioning", "store-ownership", "store-policy"}
    for name in ("trainer-dataset", "trainer-code", "endpoint-code"):
        assert before(up, name) >= protected, name


def before(project: AwsProject, name: str) -> set[str]:
    """What the engine makes before a resource, however the tests happen to go: the names of its dependencies."""
    resources = {resource["urn"]: resource for resource in project.state()["resources"]}
    waiting = [urn for urn in resources if urn.endswith(f"::{name}")]
    found: set[str] = set()
    while waiting:
        urn = waiting.pop()
        if urn not in found:
            found.add(urn)
            waiting += resources[urn].get("dependencies", [])
    return {urn.rpartition("::")[2] for urn in found}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"callers[0]": "arn:aws:iam::999999999999:role/app"}, "of the account 999999999999, and this is 123456789012"),
        ({"code_canary": "10", "provisioned_concurrency": "2"}, "code_canary and provisioned_concurrency exclude"),
        ({"snap_start": "true", "provisioned_concurrency": "2"}, "snap_start and provisioned_concurrency exclude"),
        (
            {"reserved_concurrency": "1", "provisioned_concurrency": "2"},
            "provisioned_concurrency is 2; it can be at most reserved_concurrency, 1",
        ),
        (
            {"drop": ",".join(f'"{"a long name " * 9}{number}"' for number in range(40))},
            "name fewer columns in id, drop",
        ),
    ],
    ids=["account", "canary", "snap", "reserved", "long"],
)
def test_what_aws_would_refuse_is_refused_before_anything_is_created(
    up: AwsProject, settings: dict[str, str], words: str, tmp_path: Path
) -> None:
    table = tmp_path / "wide.csv"
    names = [f"{'a long name ' * 9}{number}" for number in range(40)]
    table.write_text(",".join(["x", *names, "purchase_intent"]) + "\n")
    with up.configured({**settings, "dataset": str(table)} if "drop" in settings else settings):
        printed = up.up(code=1)
    assert words in printed
    assert "Traceback" not in printed
    assert not [call for call in up.changes() if call.startswith("Create")]


def test_what_cannot_be_meant_is_named_before_anything_is_created(up: AwsProject) -> None:
    with up.configured({"architecture": "riscv"}):
        printed = up.up(code=1)
    assert errors(printed) == {
        "architecture is 'riscv'; it can be arm64 or x86_64: pulumi config set architecture VALUE"
    }
    assert up.changes() == []
