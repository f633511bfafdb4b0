"""Changes of a stack on AWS that is up: of its code, its settings and its cloud."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import AwsProject


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    for project in AwsProject.create(tmp_path_factory.mktemp("aws")):
        project.up()
        yield project


@pytest.fixture
def up(settled: AwsProject) -> AwsProject:
    settled.forget()
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
    ("settings", "changes"),
    [
        (
            {
                "budget": "30",
                "snap_start": "true",
                "jwt.issuer": "https://issuer.example.com",
                "jwt.audience": "us",
            },
            [
                "Create Authorizer endpoint-api-authorizer",
                "Update Alias endpoint-alias",
                "Update BucketObjectv2 trainer-dataset",
                "Update Function endpoint-function",
                "Update Function trainer-function",
                "Update Route endpoint-api-route",
            ],
        ),
        (
            {"cors[0]": "https://example.com", "public": "true"},
            ["Update Api endpoint-api", "Update Route endpoint-api-route"],
        ),
    ],
    ids=["training, start and tokens", "public"],
)
def test_settings_settle_with_which_no_other_stack_is_brought_up(
    up: AwsProject, settings: dict[str, str], changes: list[str]
) -> None:
    """Settings that tests/contract/test_lifecycle.py doesn't have."""
    with up.applied(settings):
        assert up.changes() == changes
        assert up.is_settled()


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
    with up.configured({"code_canary": "10"}):
        up.edit("function_code/serving/app.py")
        up.up()
        (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
        assert alias["inputs"]["functionVersion"] == str(before + 1)
        assert alias["inputs"]["routingConfig"] == {"additionalVersionWeights": {str(before): 0.9}}
        assert up.is_settled()
    up.up()
    (alias,) = up.cloud.resources("aws:lambda/alias:Alias")
    assert "routingConfig" not in alias["inputs"]


def test_a_dataset_of_ones_own_is_uploaded_when_all_listens(up: AwsProject, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text("a,b,purchase_intent\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200)))
    with up.applied({"dataset": str(table)}):
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
    up.up()  # resources may have been updated before the error
