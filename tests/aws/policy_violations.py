"""A program for the engine that violates each policy, beside resources that keep to it."""

import json
from typing import Any

import pulumi
from pulumi_aws import apigateway, apigatewayv2, cloudwatch, codeartifact, iam, lambda_, s3, secretsmanager, sqs

TAGS = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
DECLARED = {**TAGS, "public": "declared"}
ROLE = "arn:aws:iam::123456789012:role/app"


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def function(name: str, tags: dict[str, str], **variables: pulumi.Input[str]) -> lambda_.Function:
    return lambda_.Function(
        name, role=ROLE, runtime="python3.13", handler="app.run", s3_bucket="b", s3_key="k", tags=tags,
        environment={"variables": variables},
    )  # fmt: skip


def api(name: str, tags: dict[str, str]) -> apigatewayv2.Api:
    return apigatewayv2.Api(name, protocol_type="HTTP", tags=tags)


# Buckets: one without protection, one with a part of it, one with all of it.
partial = s3.Bucket("partial", tags=TAGS)
s3.Bucket("bare", bucket=partial.id.apply(lambda name: f"{name}-logs"), tags=TAGS)
s3.BucketPublicAccessBlock("partial-closed", bucket=partial.id, block_public_acls=True, block_public_policy=True)
s3.BucketPolicy(
    "partial-tls",
    bucket=partial.id,
    policy=partial.arn.apply(
        lambda arn: document(
            Effect="Deny", Principal="*", Action="s3:*", Resource=f"{arn}/*",  # and the bucket itself?
            Condition={"Bool": {"aws:SecureTransport": "false"}},
        )
    ),
)  # fmt: skip
s3.Bucket("kept", bucket="by-name", tags=TAGS)
s3.BucketPublicAccessBlock(
    "kept-closed",
    bucket="by-name",
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
s3.BucketServerSideEncryptionConfiguration(
    "kept-encrypted",
    bucket="by-name",
    rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
)
s3.BucketPolicy(
    "kept-tls",
    bucket="by-name",
    policy=document(
        Effect="Deny", Principal={"AWS": "*"}, Action="s3:*",
        Resource=["arn:aws:s3:::by-name", "arn:aws:s3:::by-name/*"],
        Condition={"Bool": {"aws:SecureTransport": False}},
    ),
)  # fmt: skip
s3.BucketAcl("acl-canned", bucket=partial.id, acl="public-read")
s3.BucketAcl(
    "acl-grant",
    bucket=partial.id,
    access_control_policy={
        "owner": {"id": "me"},
        "grants": [
            {
                "permission": "READ",
                "grantee": {"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"},
            }
        ],
    },
)
s3.BucketObjectv2("acl-object", bucket=partial.id, key="k", content="x", acl="public-read-write", tags=TAGS)

# Principals: everybody, in each way that a policy can write it.
queue = sqs.Queue("clear", tags=TAGS)
everybody: dict[str, Any] = {"principal-star": {"Principal": "*"}, "principal-aws": {"Principal": {"AWS": ["*"]}}}
for name, principal in {**everybody, "principal-not": {"NotPrincipal": {"AWS": ROLE}}}.items():
    open_to_all = document(**principal, Action="sqs:SendMessage", Resource="arn:aws:sqs:eu-west-1:123456789012:q")
    sqs.QueuePolicy(name, queue_url=queue.url, policy=open_to_all)
sqs.QueuePolicy(
    "principal-named",
    queue_url=queue.url,
    policy=document(Principal={"AWS": ROLE}, Action="sqs:SendMessage", Resource="arn:aws:sqs:eu-west-1:123456789012:q"),
)

# Wildcards: without a reason, with one, and where none is needed.
wild: dict[str, dict[str, Any]] = {
    "wild-action": {"Action": "s3:Get*", "Resource": "arn:aws:s3:::b/k"},
    "wild-resource": {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/k", "*"]},
    "wild-kind": {"Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:*"},
    "wild-middle": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*/k"},
    "wild-not": {"NotAction": "iam:PassRole", "Resource": "arn:aws:s3:::b/k"},
    "wild-sid": {"Sid": "Because", "Action": "s3:*", "Resource": "arn:aws:s3:::b/k"},
    "tame-reason": {"Sid": "BecauseXRayHasNoResources", "Action": "xray:PutTraceSegments", "Resource": "*"},
    "tame-below": {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/models/*"},
    "tame-deny": {"Effect": "Deny", "Action": "*", "Resource": "*"},
}
for name, statement in wild.items():
    iam.RolePolicy(name, role="app", policy=document(**statement))
trusting = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:*")
trusted = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
iam.Role("wild-trust", assume_role_policy=trusting, tags=TAGS)
iam.Role(
    "wild-inline",
    assume_role_policy=trusted,
    inline_policies=[{"name": "all", "policy": document(Action="sqs:*", Resource="arn:aws:sqs:eu-west-1:1:q")}],
    tags=TAGS,
)

# Public endpoints, without and with the tag that declares them.
for name, tags in {"secret": TAGS, "declared": DECLARED}.items():
    apigatewayv2.Route(f"{name}-route", api_id=api(f"{name}-api", tags).id, route_key="$default")
    opened = function(f"{name}-function", tags)
    alias = lambda_.Alias(f"{name}-alias", function_name=opened.name, function_version=opened.version)
    lambda_.FunctionUrl(f"{name}-url", function_name=opened.name, authorization_type="NONE")
    lambda_.Permission(
        f"{name}-permission", action="lambda:InvokeFunctionUrl", function=alias.function_name, principal="*"
    )
apigatewayv2.Route("foreign-route", api_id="abc123", route_key="$default", authorization_type="NONE")
apigatewayv2.Route("asking-route", api_id="abc123", route_key="GET /", authorization_type="AWS_IAM")
apigatewayv2.Api("quick", protocol_type="HTTP", target=ROLE, tags=TAGS)
apigatewayv2.Api("quick-declared", protocol_type="HTTP", target=ROLE, tags=DECLARED)
apigatewayv2.Route("preflight-route", api_id="abc123", route_key="OPTIONS /{proxy+}", authorization_type="NONE")
apigateway.Method("rest", rest_api="abc123", resource_id="r", http_method="GET", authorization="NONE")
lambda_.LayerVersionPermission(
    "layer", layer_name="l", version_number=1, statement_id="all", action="lambda:GetLayerVersion", principal="*"
)
codeartifact.DomainPermissions(
    "principal-document",
    domain="d",
    policy_document=document(Principal="*", Action="sqs:SendMessage", Resource="arn:aws:sqs:eu-west-1:123456789012:q"),
)

# A secret, a function with its value in clear, and one with its ARN.
secret = secretsmanager.Secret("kept-secret", tags=TAGS)
password = pulumi.Output.secret("correct horse battery")
secretsmanager.SecretVersion("kept-version", secret_id=secret.id, secret_string=password)
function("spilt", TAGS, DATABASE=pulumi.Output.format("postgres://me:{}@host/db", password))
function("referring", TAGS, PASSWORD=secret.arn)

# Logs, and tags.
cloudwatch.LogGroup("endless", tags=TAGS)
cloudwatch.LogGroup("untagged", retention_in_days=1)
cloudwatch.LogGroup("mistagged", retention_in_days=1, tags={**TAGS, "stack": "another"})
