"""The answers of the fake AWS, and of the builder of images beside it.

{name}, {id}, {module}, {kind}, {region}, {revision}, {content} (a digest of the inputs) and every input can be named.
"""

import uuid
from collections.abc import Callable
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"

# The input that holds a resource's own name, where that is not "name".
NAME_INPUT = {
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:s3/bucket:Bucket": "bucket",
}
NAMES_WITHOUT_DASH: set[str] = set()  # whose names Pulumi makes without a dash
OUTPUT_CONVERTERS: dict[str, Any] = {}  # functions that give outputs another shape than inputs have
VALIDATORS: dict[str, Any] = {}  # functions that say what is wrong with inputs, or ""
DELETED_WITH: dict[str, str] = {}  # kinds that nobody can delete, and the kind that each of them goes with
# Inputs that cannot change in place, besides the name.
REPLACES = {
    "aws:lambda/alias:Alias": {"functionName"},
    "aws:lambda/function:Function": {"packageType"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"bucket", "key"},
    "aws:apigatewayv2/route:Route": {"apiId"},
    "aws:apigatewayv2/stage:Stage": {"apiId"},
    "aws:lambda/permission:Permission": {"function", "qualifier", "sourceArn"},
    "aws:secretsmanager/secretVersion:SecretVersion": {"secretId", "secretString"},
    "aws:sqs/queue:Queue": {"fifoQueue"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role", "policyArn"},
}
# Inputs whose change makes no difference; of registries that is true of their passwords, which never stay the same.
IGNORED_CHANGES = {"docker-build:index:Image": {"registries"}}

# The outputs of a resource after its creation, by package or by type. Other outputs get a blank of their type.
INVOKE_ARN = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
OUTPUTS: dict[str, dict[str, Any]] = {
    "aws": {"id": "{name}", "arn": f"arn:aws:{{module}}:{{region}}:{ACCOUNT}:{{kind}}/{{name}}"},
    "docker-build": {"id": "{name}"},
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
    "aws:ecr/repository:Repository": {
        "arn": f"arn:aws:ecr:{{region}}:{ACCOUNT}:repository/{{name}}",
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{{region}}.amazonaws.com/{{name}}",
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
    "aws:secretsmanager/secret:Secret": {
        "id": "{arn}",
        "arn": f"arn:aws:secretsmanager:{{region}}:{ACCOUNT}:secret:{{name}}-{{unique}}",
    },
    "aws:secretsmanager/secretVersion:SecretVersion": {"id": "{secretId}|{content}"},
    "aws:sqs/queue:Queue": {
        "id": f"https://sqs.{{region}}.amazonaws.com/{ACCOUNT}/{{name}}",
        "url": f"https://sqs.{{region}}.amazonaws.com/{ACCOUNT}/{{name}}",
        "arn": f"arn:aws:sqs:{{region}}:{ACCOUNT}:{{name}}",
    },
    "docker-build:index:Image": {"ref": "{tags[0]}@sha256:{revision}", "digest": "sha256:{content}"},
}


def authorization() -> dict[str, Any]:
    """A token, another one each time, as ECR has it."""
    return {"id": REGION, "userName": "AWS", "password": f"password-{uuid.uuid4().hex}"}


INVOKES: dict[str, dict[str, Any] | Callable[[], dict[str, Any]]] = {
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": authorization,
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
