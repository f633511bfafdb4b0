"""Rights of the functions' roles, as statements of their policies."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.aws.names import bucket_arn
from components.aws.policy_documents import Statement, allow


def endpoint_statements(args: Mapping[str, Any]) -> list[Statement]:
    """Rights of the role that answers, by the inputs of an Endpoint."""
    bucket = bucket_arn(args["store"])
    statements = [
        allow(("s3:GetObject",), [pulumi.Output.format("{}/models/{}/*", bucket, args["model"])]),
        _list_names(bucket),
    ]
    if "kms_key" in args:
        statements.append(allow(("kms:Decrypt",), [args["kms_key"]]))
    return statements


def trainer_statements(
    args: Mapping[str, Any],
    queue_arn: pulumi.Input[str],
    libraries: pulumi.Input[str] | None,
    token: Statement | None,
) -> list[Statement]:
    """Rights of the role that trains, by the inputs of a Trainer.

    `libraries` is the key of those that it unpacks, if any; `token` lets it read Airtable's, if there is one.
    """
    bucket = bucket_arn(args["store"])

    def key(pattern: str) -> pulumi.Output[str]:
        return pulumi.Output.format(pattern, bucket, args["model"])

    statements = [
        allow(("s3:GetObject",), [key("{0}/datasets/{1}/*"), key("{0}/models/{1}/*"), key("{0}/batch/{1}/in/*")]),
        allow(("s3:PutObject",), [key("{0}/models/{1}/*"), key("{0}/batch/{1}/out/*")]),
        # Large results are sent in parts, which must not stay there if one fails.
        allow(("s3:AbortMultipartUpload",), [key("{0}/batch/{1}/out/*")]),
        _list_names(bucket),
        allow(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), [queue_arn]),
    ]
    if libraries is not None:
        statements.append(allow(("s3:GetObject",), [pulumi.Output.format("{}/{}", bucket, libraries)]))
    if token:
        statements += [
            allow(("s3:GetObject", "s3:PutObject"), [key("{0}/airtable/{1}/*")]),
            allow(("s3:PutObject",), [key("{0}/datasets/{1}/airtable-*")], because="ADigestNamesEach"),
            token,
        ]
    if "kms_key" in args:
        statements.append(allow(("kms:Decrypt", "kms:GenerateDataKey"), [args["kms_key"]]))
    return statements


def _list_names(bucket: pulumi.Input[str]) -> Statement:
    """Names alone. Without this S3 answers 403 where nothing is, and "no version yet" would look like a fault."""
    return allow(("s3:ListBucket",), [bucket])
