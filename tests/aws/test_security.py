"""Resources of the AWS stack with every option on, judged as an auditor would.

The policy pack (test_policy.py) checks the rules for any stack on AWS; the tests here check this project's own.
"""

import json
from typing import Any

import pytest

from tests.support.cloud_project import AwsProject

# Ends of ARNs that name something of this stack; the wildcard stands for the names below it.
BELOW = (
    "/airtable/model/*", "/batch/model/in/*", "/batch/model/out/*", "/datasets/model/*", "/models/model/*", ":*",
    "/$default/GET/*", "/$default/HEAD/*", "/$default/POST/*",
)  # fmt: skip
# The prefixes of the objects that a role may act on, by the beginning of the role's name and the action.
IN_THE_BUCKET = {
    ("endpoint", "s3:GetObject"): {"models/model/*"},
    ("trainer", "s3:GetObject"): {"airtable/model/*", "batch/model/in/*", "datasets/model/*", "models/model/*"},
    ("trainer", "s3:PutObject"): {
        "airtable/model/*",
        "batch/model/out/*",
        "datasets/model/airtable-*",
        "models/model/*",
    },
    ("trainer", "s3:AbortMultipartUpload"): {"batch/model/out/*"},
}


@pytest.fixture
def resources(with_every_option: AwsProject) -> list[dict[str, Any]]:
    return with_every_option.cloud.resources()


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    inputs = [resource["inputs"] for resource in resources if resource["type"] == kind]
    assert inputs, kind
    return inputs


def statements(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts = [
        inputs[key]
        for resource in resources
        for inputs in [resource["inputs"]]
        for key in ("policy", "assumeRolePolicy")
        if key in inputs and resource["type"] != "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    ]
    assert len(texts) > 5
    return [statement for text in texts for statement in json.loads(text)["Statement"]]


def test_wildcards_stand_for_what_is_below_the_model_or_the_function(resources: list[dict[str, Any]]) -> None:
    for statement in statements(resources):
        if statement["Effect"] == "Allow" and "Sid" not in statement:  # a Sid is a reason, as the policy pack has it
            allowed = statement.get("Resource", [])
            for arn in [allowed] if isinstance(allowed, str) else allowed:
                assert "*" not in arn or arn.endswith(BELOW), statement


def test_policies_of_resources_let_in_services_alone(resources: list[dict[str, Any]]) -> None:
    for statement in statements(resources):
        if statement["Effect"] == "Allow":
            assert set(statement.get("Principal", {})) <= {"Service"}, statement


def test_each_function_has_a_role_of_its_own(resources: list[dict[str, Any]]) -> None:
    roles = [function["role"] for function in of(resources, "aws:lambda/function:Function")]
    assert len(set(roles)) == len(roles) == 2


def test_objects_are_for_those_who_need_them(resources: list[dict[str, Any]]) -> None:
    assert in_the_bucket(resources) == IN_THE_BUCKET


def test_of_code_the_training_may_read_its_libraries_alone(as_it_comes: AwsProject) -> None:
    resources = as_it_comes.cloud.resources()
    (key,) = {
        each["key"]
        for each in of(resources, "aws:s3/bucketObjectv2:BucketObjectv2")
        if each["key"].startswith("code/training_libraries-")
    }
    below = ("airtable/", "datasets/model/airtable")  # which this stack does without
    expected = {who: {each for each in keys if not each.startswith(below)} for who, keys in IN_THE_BUCKET.items()}
    expected["trainer", "s3:GetObject"].add(key)
    assert in_the_bucket(resources) == expected


def in_the_bucket(resources: list[dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """The keys and prefixes of the objects that roles may act on, as IN_THE_BUCKET has them."""
    prefixes: dict[tuple[str, str], set[str]] = {}
    for policy in of(resources, "aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(policy["policy"])["Statement"]:
            for action in statement["Action"]:
                below = {arn.partition("/")[2] for arn in statement["Resource"]}
                if action.startswith("s3:") and action != "s3:ListBucket":
                    prefixes.setdefault((policy["role"].partition("-")[0], action), set()).update(below)
    return prefixes


def test_the_secret_is_for_the_training_alone(resources: list[dict[str, Any]]) -> None:
    (secret,) = [each for each in resources if each["type"] == "aws:secretsmanager/secret:Secret"]
    reading = {
        policy["role"].partition("-")[0]: statement["Resource"]
        for policy in of(resources, "aws:iam/rolePolicy:RolePolicy")
        for statement in json.loads(policy["policy"])["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"]
    }
    assert reading == {"trainer": [secret["outputs"]["arn"]]}
    assert secret["inputs"]["recoveryWindowInDays"] == 7  # the stack is not disposable


def test_the_bucket_is_encrypted_with_the_key_and_versioned(resources: list[dict[str, Any]]) -> None:
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (encryption,) = of(resources, kind)
    (rule,) = encryption["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["bucketKeyEnabled"] is True
    (versioning,) = of(resources, "aws:s3/bucketVersioning:BucketVersioning")
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}


def test_images_are_scanned_and_encrypted(resources: list[dict[str, Any]]) -> None:
    (repository,) = of(resources, "aws:ecr/repository:Repository")
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [{"encryptionType": "AES256"}]


def test_every_way_in_asks_who_it_is(resources: list[dict[str, Any]]) -> None:
    asking = {route["routeKey"]: route["authorizationType"] for route in of(resources, "aws:apigatewayv2/route:Route")}
    # With cors configured, browsers ask by OPTIONS whether they may ask; the API answers that by itself.
    assert asking == {"$default": "AWS_IAM", "OPTIONS /{proxy+}": "NONE"}
    (api,) = of(resources, "aws:apigatewayv2/api:Api")
    assert api["disableExecuteApiEndpoint"] is True  # the domain is the one way in
    assert api["corsConfiguration"]["allowOrigins"] == ["https://example.com"]
    for permission in of(resources, "aws:lambda/permission:Permission"):
        assert permission["sourceArn"].startswith("arn:aws:execute-api:eu-west-1:123456789012:endpoint-api")


def test_logs_are_kept_as_long_as_configured(resources: list[dict[str, Any]]) -> None:
    assert {logs["retentionInDays"] for logs in of(resources, "aws:cloudwatch/logGroup:LogGroup")} == {90}


def test_no_function_may_make_log_groups(resources: list[dict[str, Any]]) -> None:
    assert "logs:CreateLogGroup" not in json.dumps(statements(resources))
    for function in of(resources, "aws:lambda/function:Function"):
        assert not function["loggingConfig"]["logGroup"].startswith("/aws/lambda/")


def test_what_costs_has_a_cap(resources: list[dict[str, Any]]) -> None:
    (budget,) = of(resources, "aws:budgets/budget:Budget")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("50", "USD")
    (stage,) = of(resources, "aws:apigatewayv2/stage:Stage")
    assert stage["defaultRouteSettings"]["throttlingRateLimit"] == 10
