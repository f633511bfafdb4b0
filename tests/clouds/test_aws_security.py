"""What the AWS stack asks for, judged as an auditor would: on every resource that lives, with every option on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clouds.conftest import AwsProject
from tests.clouds.test_aws_stack import with_every_option

# The statements in which a wildcard stands for what cannot be named, and why.
EXCUSED = {
    ("Deny", "s3:*"): "whatever is asked for without TLS is denied",
    ("xray:PutTraceSegments", "*"): "X-Ray has no resources",
    ("xray:PutTelemetryRecords", "*"): "X-Ray has no resources",
}
# Where something of the project's own is named, and a wildcard stands for what is below it.
BELOW = ("/datasets/model/*", "/models/model/*", ":*", "/$default/GET/*", "/$default/HEAD/*", "/$default/POST/*")
# What could have tags, and has none: attachments and settings of what has some.
LEAST_TAGGED = 15


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    for project in AwsProject.made(tmp_path_factory.mktemp("aws")):
        with_every_option(project)
        project.up()
        yield project.cloud.resources()


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    found = [resource["inputs"] for resource in resources if resource["type"] == kind]
    assert found, kind
    return found


def statements(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    texts = [
        inputs[key]
        for resource in resources
        for inputs in [resource["inputs"]]
        for key in ("policy", "assumeRolePolicy")
        if key in inputs
    ]
    assert len(texts) > 5
    return [statement for text in texts for statement in json.loads(text)["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_wildcard_without_a_written_reason(resources: list[dict[str, Any]]) -> None:
    for statement in statements(resources):
        for action in as_list(statement["Action"]):
            if (statement["Effect"], action) in EXCUSED:
                continue
            assert "*" not in action, statement
            for resource in as_list(statement.get("Resource", [])):
                if (action, resource) not in EXCUSED:
                    assert "*" not in resource or resource.endswith(BELOW), statement
                    assert resource.count("*") < 2, statement


def test_nobody_is_allowed_everything_and_everybody_nothing(resources: list[dict[str, Any]]) -> None:
    for statement in statements(resources):
        if statement["Effect"] == "Allow":
            assert statement.get("Principal") != "*"
            assert "AWS" not in statement.get("Principal", {}), statement


def test_each_function_has_a_role_of_its_own(resources: list[dict[str, Any]]) -> None:
    roles = [function["role"] for function in of(resources, "aws:lambda/function:Function")]
    assert len(set(roles)) == len(roles) == 2


def test_the_bucket_is_closed_encrypted_and_versioned(resources: list[dict[str, Any]]) -> None:
    (closed,) = of(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    wanted = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(closed[name] is True for name in wanted)
    kind = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    (encryption,) = of(resources, kind)
    (rule,) = encryption["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    assert rule["bucketKeyEnabled"] is True
    (versioning,) = of(resources, "aws:s3/bucketVersioning:BucketVersioning")
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    (denied,) = [s for s in statements(resources) if s["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_way_in_asks_who_it_is(resources: list[dict[str, Any]]) -> None:
    for route in of(resources, "aws:apigatewayv2/route:Route"):
        assert route["authorizationType"] == "AWS_IAM"
    (api,) = of(resources, "aws:apigatewayv2/api:Api")
    assert api["disableExecuteApiEndpoint"] is True  # the domain is the one way in
    assert api["corsConfiguration"]["allowOrigins"] == ["https://example.com"]
    for permission in of(resources, "aws:lambda/permission:Permission"):
        assert permission["sourceAccount"]
        assert permission["sourceArn"].startswith("arn:aws:execute-api:eu-west-1:123456789012:endpoint-api")


def test_logs_end_some_day_and_queues_are_encrypted(resources: list[dict[str, Any]]) -> None:
    assert {logs["retentionInDays"] for logs in of(resources, "aws:cloudwatch/logGroup:LogGroup")} == {90}
    assert all(queue["sqsManagedSseEnabled"] is True for queue in of(resources, "aws:sqs/queue:Queue"))


def test_no_function_may_make_log_groups(resources: list[dict[str, Any]]) -> None:
    assert "logs:CreateLogGroup" not in json.dumps(statements(resources))
    for function in of(resources, "aws:lambda/function:Function"):
        assert not function["loggingConfig"]["logGroup"].startswith("/aws/lambda/")


def test_whatever_takes_tags_has_them(resources: list[dict[str, Any]]) -> None:
    import pulumi_aws as aws
    from pulumi.runtime.rpc import get_resource_module

    tagged = 0
    for resource in resources:
        package, module, _ = resource["type"].split(":")
        found: Any = get_resource_module(package, module, "")
        info = found.mod_info
        kind = getattr(
            getattr(aws, module.split("/")[0].replace("lambda", "lambda_")), info["classes"][resource["type"]]
        )
        if "tags" in vars(kind):
            assert resource["inputs"].get("tags") == {"project": "serverless-ml", "stack": "aws-dev"}, resource["type"]
            tagged += 1
    assert tagged > LEAST_TAGGED


def test_what_costs_has_a_cap(resources: list[dict[str, Any]]) -> None:
    (budget,) = of(resources, "aws:budgets/budget:Budget")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("50", "USD")
    (stage,) = of(resources, "aws:apigatewayv2/stage:Stage")
    assert stage["defaultRouteSettings"]["throttlingRateLimit"] == 10
