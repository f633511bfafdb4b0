"""A program for the engine in which every value that a policy checks is unknown before the first update."""

from typing import Any

from pulumi_aws import apigatewayv2, cloudwatch, iam, lambda_, s3, sqs

# Its outputs are unknown until it exists. All values that a policy checks are made of one of them.
source = cloudwatch.LogGroup("source", retention_in_days=1, tags={"project": "serverless-ml", "stack": "aws-dev"})


def later(value: Any) -> Any:
    """The value, unknown until there is an ARN."""
    return source.arn.apply(lambda _: value)


bucket = s3.Bucket("bucket", tags=later({}))
s3.BucketPublicAccessBlock(
    "closed",
    bucket=bucket.id,
    block_public_acls=later(False),
    block_public_policy=later(False),
    ignore_public_acls=later(False),
    restrict_public_buckets=later(False),
)
s3.BucketServerSideEncryptionConfiguration("encrypted", bucket=bucket.id, rules=later([]))
s3.BucketPolicy("tls", bucket=bucket.id, policy=later('{"Statement": []}'))
s3.BucketAcl("acl", bucket=bucket.id, acl=later("public-read"))
queue = sqs.Queue("queue", sqs_managed_sse_enabled=later(False), tags=later({}))
cloudwatch.LogGroup("logs", retention_in_days=later(0), tags=later({}))
iam.RolePolicy("policy", role="app", policy=later('{"Statement": {"Effect": "Allow", "Action": "*"}}'))
api = apigatewayv2.Api("api", protocol_type="HTTP", tags=later({}))
apigatewayv2.Route("route", api_id=api.id, route_key="$default", authorization_type="NONE")
lambda_.Permission("permission", action="lambda:InvokeFunction", function="f", principal=later("*"))
