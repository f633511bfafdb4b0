"""What the fake AWS answers. {name}, {id}, {module}, {kind}, {region}, {revision} and every input can be named."""

from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"

# The input that holds a resource's own name, where that is not "name".
NAME_INPUT = {
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:s3/bucket:Bucket": "bucket",
}
# What a preview knows of a resource that is not there yet, besides its inputs.
KNOWN_AT_PREVIEW: set[str] = set()
# Inputs that cannot change in place, besides the name.
REPLACES = {
    "aws:lambda/alias:Alias": {"functionName"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"bucket", "key"},
    "aws:apigatewayv2/route:Route": {"apiId"},
    "aws:apigatewayv2/stage:Stage": {"apiId"},
    "aws:lambda/permission:Permission": {"function", "qualifier", "sourceArn"},
    "aws:sqs/queue:Queue": {"fifoQueue"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role", "policyArn"},
}

# What a resource has after its creation, by package or by type. Other outputs get a blank of their type.
INVOKE_ARN = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
OUTPUTS: dict[str, dict[str, Any]] = {
    "aws": {"id": "{name}", "arn": f"arn:aws:{{module}}:{{region}}:{ACCOUNT}:{{kind}}/{{name}}"},
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions": [
            {
                "domainName": "{domainName}",
                "resourceRecordName": "_proof.{domainName}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_value.acm-validations.aws.",
            }
        ]
    },
    "aws:apigatewayv2/api:Api": {
        "apiEndpoint": "https://{id}.execute-api.{region}.amazonaws.com",
        "executionArn": f"arn:aws:execute-api:{{region}}:{ACCOUNT}:{{id}}",
    },
    "aws:apigatewayv2/domainName:DomainName": {
        "domainNameConfiguration": {
            "targetDomainName": "d-fake.execute-api.{region}.amazonaws.com",
            "hostedZoneId": "Z1",
        }
    },
    "aws:iam/role:Role": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{{name}}"},
    "aws:iam/policy:Policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/{{name}}"},
    "aws:lambda/alias:Alias": {
        "id": "{functionName}/{name}",
        "arn": f"arn:aws:lambda:{{region}}:{ACCOUNT}:function:{{functionName}}:{{name}}",
        "invokeArn": INVOKE_ARN,
    },
    "aws:lambda/function:Function": {
        "arn": f"arn:aws:lambda:{{region}}:{ACCOUNT}:function:{{name}}",
        "invokeArn": INVOKE_ARN,
        "version": "{revision}",
        "qualifiedArn": "{arn}:{version}",
    },
    "aws:s3/bucket:Bucket": {"arn": "arn:aws:s3:::{name}"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"id": "{bucket}/{key}"},
    "aws:sqs/queue:Queue": {
        "id": f"https://sqs.{{region}}.amazonaws.com/{ACCOUNT}/{{name}}",
        "url": f"https://sqs.{{region}}.amazonaws.com/{ACCOUNT}/{{name}}",
        "arn": f"arn:aws:sqs:{{region}}:{ACCOUNT}:{{name}}",
    },
}

INVOKES: dict[str, dict[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/fake",
        "id": ACCOUNT,
        "userId": "fake",
    },
    "aws:index/getRegion:getRegion": {
        "id": REGION,
        "region": REGION,
        "name": REGION,
        "description": "",
        "endpoint": "",
    },
    "aws:index/getPartition:getPartition": {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    },
}
