"""The store of datasets, models and code packages: a private S3 bucket."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import s3

from components.aws.policy_documents import document

OLD_VERSIONS_DAYS = 30  # an overwritten or deleted object can be restored
UNFINISHED_DAYS = 1


class ModelStoreArgs(TypedDict):
    """Inputs of a ModelStore."""

    kms_key: NotRequired[pulumi.Input[str]]
    """The ARN of a KMS key to encrypt with. Default: keys that S3 manages (SSE-S3), at no cost."""
    disposable: NotRequired[pulumi.Input[bool]]
    """True lets `destroy` delete the bucket with all that is in it. Default: no; it fails unless that is empty."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class ModelStore(pulumi.ComponentResource):
    """A bucket: versioned, encrypted, closed to the public and plain HTTP. EventBridge gets an event of each upload."""

    url: pulumi.Output[str]
    """The URL of the store, as trainer and endpoint take it: s3://BUCKET."""
    bucket: s3.Bucket
    """The bucket itself."""

    def __init__(
        self, name: str, args: ModelStoreArgs | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("serverless-ml:aws:ModelStore", name, {}, opts)
        args = args or {}
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = s3.Bucket(
            f"{name}-bucket", force_destroy=args.get("disposable", False), tags=args.get("tags"), opts=child
        )
        bucket = self.bucket.id
        closed = s3.BucketPublicAccessBlock(
            f"{name}-closed",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        ownership = s3.BucketOwnershipControls(
            f"{name}-ownership", bucket=bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        encryption: dict[str, Any] = {"sse_algorithm": "AES256"}
        if "kms_key" in args:
            encryption = {"sse_algorithm": "aws:kms", "kms_master_key_id": args["kms_key"]}
        # A bucket key asks KMS, which charges for each request, once for many objects.
        rule: Any = {
            "apply_server_side_encryption_by_default": encryption,
            "bucket_key_enabled": "kms_key" in args,
        }
        encrypted = s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket,
            rules=[rule],
            opts=child,
        )
        versioned = s3.BucketVersioning(
            f"{name}-versioning", bucket=bucket, versioning_configuration={"status": "Enabled"}, opts=child
        )
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket,
            rules=[
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {},
                    "noncurrent_version_expiration": {"noncurrent_days": OLD_VERSIONS_DAYS},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": UNFINISHED_DAYS},
                    "expiration": {"expired_object_delete_marker": True},
                }
            ],
            # S3 refuses what concerns old versions as long as it keeps none.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioned]),
        )
        policy = s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket,
            policy=document(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [self.bucket.arn, pulumi.Output.format("{}/*", self.bucket.arn)],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ),
            # S3 refuses two changes of a bucket's access at the same moment.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed, ownership]),
        )
        # EventBridge, and not a notification of S3's own: that would own the bucket's whole configuration, and want the
        # permission of its target to exist before.
        events = s3.BucketNotification(f"{name}-events", bucket=bucket, eventbridge=True, opts=child)
        # Nothing may come into it before it is all of this.
        ready = pulumi.Output.all(
            bucket, *(each.id for each in (closed, ownership, encrypted, versioned, policy, events))
        )
        self.url = ready.apply(lambda ids: f"s3://{ids[0]}")
        self.register_outputs({"url": self.url})
