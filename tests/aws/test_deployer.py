"""docs/aws-deployer.json lets its holder create, change and delete what the stack is made of, and nothing else."""

import fnmatch
import json
from typing import Any

from tests.support.cloud_project import AwsProject
from tests.support.fake_cloud.aws import ACCOUNT, REGION
from tests.support.paths import ROOT

INLINE_LIMIT = 10_240  # characters, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
TEXT = (ROOT / "docs" / "aws-deployer.json").read_text()
# Actions for creating and deleting each kind of resource, from the service authorization reference
# (https://docs.aws.amazon.com/service-authorization/latest/reference), and their ARN as a template of its outputs.
BUCKET, FUNCTION = "arn:aws:s3:::{bucket}", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{functionName}}"
KEY = AwsProject.everything["kms_key"]
API = f"arn:aws:apigateway:{REGION}::/apis"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{{role}}"
# Actions that have no resource in that reference, so that nothing narrower than * matches.
ON_NOTHING = ("logs:CreateLogDelivery", "sns:GetSubscriptionAttributes", "sns:Unsubscribe")
NEEDED = {
    "acm/certificate": (
        "acm:RequestCertificate acm:DeleteCertificate",
        f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/x",
    ),
    "acm/certificateValidation": ("acm:DescribeCertificate", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/x"),
    "apigatewayv2/api": ("apigateway:POST apigateway:DELETE", f"{API}/x"),
    "apigatewayv2/apiMapping": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/domainnames/x/apimappings"),
    "apigatewayv2/domainName": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/domainnames"),
    "apigatewayv2/integration": ("apigateway:POST apigateway:DELETE", f"{API}/x/integrations/y"),
    "apigatewayv2/route": ("apigateway:POST apigateway:DELETE", f"{API}/x/routes/y"),
    "apigatewayv2/stage": ("apigateway:POST apigateway:DELETE logs:CreateLogDelivery", f"{API}/x/stages/y"),
    "budgets/budget": ("budgets:ModifyBudget budgets:ViewBudget", f"arn:aws:budgets::{ACCOUNT}:budget/{{name}}"),
    "cloudwatch/dashboard": (
        "cloudwatch:PutDashboard cloudwatch:DeleteDashboards",
        f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{dashboardName}}",
    ),
    "cloudwatch/eventRule": ("events:PutRule events:DeleteRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{name}}"),
    "cloudwatch/eventTarget": (
        "events:PutTargets events:RemoveTargets",
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{rule}}",
    ),
    "cloudwatch/logGroup": (
        "logs:CreateLogGroup logs:PutRetentionPolicy logs:DeleteLogGroup",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}",
    ),
    "cloudwatch/logMetricFilter": (
        "logs:PutMetricFilter logs:DeleteMetricFilter",
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{logGroupName}}",
    ),
    "cloudwatch/metricAlarm": (
        "cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms",
        f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{name}}",
    ),
    "ecr/repository": (
        "ecr:CreateRepository ecr:DeleteRepository ecr:PutImage ecr:BatchDeleteImage",
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{{name}}",
    ),
    "ecr/lifecyclePolicy": (
        "ecr:PutLifecyclePolicy ecr:DeleteLifecyclePolicy",
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{{repository}}",
    ),
    "ecr/repositoryPolicy": (
        "ecr:SetRepositoryPolicy ecr:DeleteRepositoryPolicy",
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{{repository}}",
    ),
    "iam/policy": ("iam:CreatePolicy iam:DeletePolicy", "{arn}"),
    "iam/role": ("iam:CreateRole iam:DeleteRole iam:PassRole", "{arn}"),
    "iam/rolePolicy": ("iam:PutRolePolicy iam:DeleteRolePolicy", ROLE),
    "iam/rolePolicyAttachment": ("iam:AttachRolePolicy iam:DetachRolePolicy", ROLE),
    "iam/userPolicyAttachment": (
        "iam:AttachUserPolicy iam:DetachUserPolicy",
        f"arn:aws:iam::{ACCOUNT}:user/{{user}}",
    ),
    "lambda/alias": ("lambda:CreateAlias lambda:UpdateAlias lambda:DeleteAlias", FUNCTION),
    "lambda/eventSourceMapping": ("lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping", "*"),
    "lambda/function": (
        "lambda:CreateFunction lambda:UpdateFunctionCode lambda:PublishVersion lambda:DeleteFunction",
        "{arn}",
    ),
    "lambda/permission": (
        "lambda:AddPermission lambda:RemovePermission",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{function}}",
    ),
    "lambda/provisionedConcurrencyConfig": ("lambda:PutProvisionedConcurrencyConfig", FUNCTION),
    "route53/record": ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/{zoneId}"),
    "s3/bucket": ("s3:CreateBucket s3:DeleteBucket s3:TagResource", "{arn}"),
    "s3/bucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration s3:GetLifecycleConfiguration", BUCKET),
    "s3/bucketNotification": ("s3:PutBucketNotification", BUCKET),
    "s3/bucketObjectv2": ("s3:PutObject s3:PutObjectTagging s3:DeleteObject", "arn:aws:s3:::{bucket}/{key}"),
    "s3/bucketOwnershipControls": ("s3:PutBucketOwnershipControls", BUCKET),
    "s3/bucketPolicy": ("s3:PutBucketPolicy s3:DeleteBucketPolicy", BUCKET),
    "s3/bucketPublicAccessBlock": ("s3:PutBucketPublicAccessBlock", BUCKET),
    "s3/bucketServerSideEncryptionConfiguration": ("s3:PutEncryptionConfiguration", BUCKET),
    "s3/bucketVersioning": ("s3:PutBucketVersioning s3:GetBucketVersioning", BUCKET),
    "scheduler/schedule": (
        "scheduler:CreateSchedule scheduler:DeleteSchedule",
        f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{{name}}",
    ),
    "secretsmanager/secret": (
        "secretsmanager:CreateSecret secretsmanager:TagResource secretsmanager:DeleteSecret",
        "{arn}",
    ),
    "secretsmanager/secretVersion": (
        "secretsmanager:PutSecretValue secretsmanager:GetSecretValue secretsmanager:UpdateSecretVersionStage",
        "{secretId}",
    ),
    "sns/topic": ("sns:CreateTopic sns:DeleteTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:{{name}}"),
    "sns/topicPolicy": ("sns:SetTopicAttributes", f"arn:aws:sns:{REGION}:{ACCOUNT}:monitoring-alarms-x"),
    "sns/topicSubscription": (
        "sns:Subscribe sns:GetSubscriptionAttributes sns:Unsubscribe",
        f"arn:aws:sns:{REGION}:{ACCOUNT}:monitoring-alarms-x",
    ),
    "sqs/queue": ("sqs:CreateQueue sqs:DeleteQueue", "{arn}"),
    "sqs/queuePolicy": ("sqs:SetQueueAttributes", f"arn:aws:sqs:{REGION}:{ACCOUNT}:trainer-queue-x"),
}


def document(zone: str = "Z123") -> list[dict[str, Any]]:
    filled = TEXT.replace("KEY", KEY).replace("ACCOUNT", ACCOUNT).replace("REGION", REGION).replace("ZONE", zone)
    statements: list[dict[str, Any]] = json.loads(filled)["Statement"]
    return statements


def allowed(action: str, resource: str) -> bool:
    return any(
        any(fnmatch.fnmatchcase(action, pattern) for pattern in statement["Action"])
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
        for statement in document()
    )


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_it_is_enough_for_every_resource_there_can_be(with_every_option: AwsProject) -> None:
    for resource in with_every_option.cloud.resources():
        if resource["type"] == "docker-build:index:Image":
            continue  # Docker's own; the repository's actions include the push
        kind = resource["type"].removeprefix("aws:").rpartition(":")[0]
        actions, where = NEEDED[kind]
        for action in actions.split():
            outputs = resource["outputs"]
            if "namePrefix" in resource["inputs"]:
                outputs = {**outputs, "name": resource["inputs"]["namePrefix"] + "x"}
            place = "*" if action in ON_NOTHING else where.format_map(outputs)
            assert allowed(action, place), f"{action} on {place}"


def test_what_options_take_beside_their_resources_is_there() -> None:
    """Uploads to an encrypted bucket need a grant on the key; an account's first domain creates a role."""
    assert allowed("kms:GenerateDataKey", KEY)
    assert allowed("kms:Decrypt", KEY)
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com/AWSServiceRoleForAPIGateway"
    assert allowed("iam:CreateServiceLinkedRole", linked)


def test_it_is_for_what_the_stack_makes_alone() -> None:
    for action, resource in [
        ("s3:DeleteObject", "arn:aws:s3:::somebody-elses/object"),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:other"),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/Admin"),
        ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/ZOTHER"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:other-AbCdEf"),
        ("sqs:DeleteQueue", f"arn:aws:sqs:{REGION}:{ACCOUNT}:other"),
    ]:
        assert not allowed(action, resource), action


def test_no_action_is_every_action_and_attaching_is_for_the_callers_policy() -> None:
    for statement in document():
        for action in statement["Action"]:
            name = action.partition(":")[2]
            # Only Get may have a wildcard: the provider's releases differ in what they read of a bucket.
            assert "*" not in name or name.startswith("Get"), action
        if "iam:AttachRolePolicy" in statement["Action"]:
            assert "endpoint-api-callers-" in json.dumps(statement["Condition"])
        if "iam:PassRole" in statement["Action"]:
            assert set(statement["Condition"]["StringEquals"]["iam:PassedToService"]) == {
                "lambda.amazonaws.com",
                "scheduler.amazonaws.com",
            }


def test_it_fits_into_a_role() -> None:
    assert len(json.dumps(document(zone="Z" * 32), separators=(",", ":"))) < INLINE_LIMIT
